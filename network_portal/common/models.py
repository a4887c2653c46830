"""Helpers for the declarations of models; there are no tables here."""

from __future__ import annotations

from django.db import models


def choices_check(
    field: str, choices: type[models.TextChoices], *, name: str, blank: bool = False
) -> models.CheckConstraint:
    """Return the constraint that keeps `field` within `choices`, or empty, also for bulk writes and raw SQL."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": [*choices.values, ""] if blank else choices.values}),
        name=name,
        violation_error_message="Недопустимое значение.",
    )


def period_check(start: str, end: str, *, name: str) -> models.CheckConstraint:
    """Return the constraint that the date `end`, where there is one, is not before the date `start`."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{end}__isnull": True}) | models.Q(**{f"{end}__gte": models.F(start)}),
        name=name,
        violation_error_message="Дата окончания раньше даты начала.",
    )


def in_force(on: object, *, start: str = "date_from", end: str = "date_to") -> models.Q:
    """Return the condition that the dated row is in force on the day `on`; an empty end means without end."""
    return models.Q(**{f"{start}__lte": on}) & (models.Q(**{f"{end}__isnull": True}) | models.Q(**{f"{end}__gte": on}))
