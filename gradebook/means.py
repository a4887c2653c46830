"""Arithmetic of marks: exact, in `Decimal`, without a float anywhere (6.3, 6.11)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

NO_MEAN = "–"
HUNDREDTH = Decimal("0.01")


def weighted_mean(marks: Iterable[tuple[int, int | Decimal]]) -> Decimal | None:
    """Return Σ(m·w)/Σw of pairs (mark, weight), unrounded to 28 digits; None without marks."""
    total = weights = Decimal(0)
    for value, weight in marks:
        total += Decimal(value) * weight
        weights += weight
    return total / weights if weights else None


def rounded(mean: Decimal | None) -> Decimal | None:
    """Return the mean to two places, half up: what papers and pages show, never what is compared."""
    return None if mean is None else mean.quantize(HUNDREDTH, ROUND_HALF_UP)


def mean_text(mean: Decimal | None) -> str:
    """Return «3,83», or «–» without marks."""
    shown = rounded(mean)
    return NO_MEAN if shown is None else str(shown).replace(".", ",")
