"""Telling whether a row still holds what a page showed, so that nobody overwrites what they have not seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db.models import Model

from network_portal.common.errors import StaleError


def seen_of(values: Mapping[str, object]) -> str:
    """Return what a form carries to tell whether the row still has the `values` that its page showed."""
    text = json.dumps({name: written(value) for name, value in values.items()}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_seen(seen: str, values: Mapping[str, object]) -> None:
    """Refuse to overwrite what the person has not seen.

    Args:
        seen: what the form carried; empty where the caller has shown nothing, such as a program.
        values: the row as it is now, under its lock.

    Raises:
        StaleError: the row has other values by now.
    """
    if seen and seen != seen_of(values):
        raise StaleError(
            "Пока вы заполняли форму, эти сведения изменил другой человек. Ничего не сохранено. "
            "Сравните свои значения с сохранёнными и сохраните ещё раз."
        )


def written(value: object) -> str:
    """Return `value` as a form sends it and as the row keeps it alike, for comparing the two."""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "" if value is None else str(value).replace("\r\n", "\n")
