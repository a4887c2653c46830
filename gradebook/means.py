"""Arithmetic of marks: exact, in `Decimal`, without a float anywhere (6.3, 6.11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from courses.enums import YearTie

NO_MEAN = "–"
HUNDREDTH = Decimal("0.01")
HALF = Fraction(1, 2)


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


def to_mark(mean: Decimal, thresholds: Iterable[tuple[int, Decimal]]) -> int:
    """Return the mark of an unrounded mean: the first whose threshold it reaches, else 2 (6.4).

    Args:
        mean: as `weighted_mean` gives it.
        thresholds: (mark, least mean), the highest mark first.
    """
    return next((mark for mark, least in thresholds if mean >= least), 2)


def year_mark(terms: Sequence[int], tie: YearTie) -> int:
    """Return the mark of a year from those of its terms: rounded, exactly a half by the policy's rule (6.5).

    Args:
        terms: the marks of the terms in their order, one at least.
        tie: up, or towards the last term.
    """
    mean = Fraction(sum(terms), len(terms))
    down = mean.__floor__()
    if mean - down == HALF and tie == YearTie.LAST:
        return down + (terms[-1] > mean)
    return down + (mean - down >= HALF)


def attestat_mark(marks: Sequence[int]) -> int:
    """Return the mark of the school-leaving certificate from half-year and year marks, rounded half up (6.5)."""
    return year_mark(marks, YearTie.UP)
