"""Input of the classes' hours and of the ways between schools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms

from network_portal.common.forms import TimeField
from schools.models import ClassDay, Organisation
from schools.services.week import DayHours

WEEKDAYS = ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота")


class ClassWeekForm(forms.Form):
    """Three fields for each weekday; a weekday without them is free."""

    def __init__(self, *args: Any, days: Iterable[ClassDay], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {day.weekday: day for day in days}
        for number in range(1, len(WEEKDAYS) + 1):
            day = known.get(number)
            self.fields[f"starts_{number}"] = TimeField(
                label="Уроки с", initial=day.starts if day else None, required=False
            )
            self.fields[f"ends_{number}"] = TimeField(
                label="Уроки до", initial=day.ends if day else None, required=False
            )
            self.fields[f"lessons_{number}"] = forms.IntegerField(
                label="Уроков", min_value=1, max_value=12, initial=day.lessons if day else None, required=False
            )

    def rows(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield each weekday with its three fields."""
        for number, name in enumerate(WEEKDAYS, start=1):
            yield name, [self[f"{part}_{number}"] for part in ("starts", "ends", "lessons")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(1, len(WEEKDAYS) + 1):
            parts = [data.get(f"{part}_{number}") for part in ("starts", "ends", "lessons")]
            if any(part is not None for part in parts) and None in parts:
                self.add_error(
                    f"starts_{number}", f"{WEEKDAYS[number - 1]}: заполните начало, окончание и число уроков."
                )
        return data

    def hours(self) -> dict[int, DayHours]:
        """Return the days with lessons; only of a valid form."""
        data = self.cleaned_data
        return {
            number: DayHours(data[f"starts_{number}"], data[f"ends_{number}"], data[f"lessons_{number}"])
            for number in range(1, len(WEEKDAYS) + 1)
            if data[f"starts_{number}"] is not None
        }


class RoutesForm(forms.Form):
    """Minutes to each partner school."""

    def __init__(self, *args: Any, partners: list[Organisation], known: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partners, self.known = partners, known
        for partner in partners:
            self.fields[f"to_{partner.pk}"] = forms.IntegerField(
                label=f"До {partner.short_name}, минут", min_value=0, max_value=240, initial=known.get(partner.pk, 0)
            )

    def changed(self) -> list[tuple[Organisation, int]]:
        """Return the schools whose minutes are others now; only of a valid form."""
        return [
            (partner, self.cleaned_data[f"to_{partner.pk}"])
            for partner in self.partners
            if self.cleaned_data[f"to_{partner.pk}"] != self.known.get(partner.pk, 0)
        ]
