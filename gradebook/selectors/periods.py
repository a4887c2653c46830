"""The stretches of a course that its journal is read by: a month, a half-year, the whole course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from courses.models import StudyGroup
from gradebook.selectors.months import Month
from network_portal.common.dates import month_label

#: The first half-year ends with this month of the calendar.
DECEMBER = 12


@dataclass(frozen=True)
class Period:
    """A stretch of days; `key` is what the address carries: «2026-11», «h1», «h2», «all»."""

    key: str
    label: str
    first: date
    last: date

    def __str__(self) -> str:
        return self.key

    @property
    def of_a_month(self) -> bool:
        return (self.first.year, self.first.month) == (self.last.year, self.last.month)


def months_of(group: StudyGroup) -> list[Period]:
    """Return the months of the course, the first one first."""
    month, last = Month.of(group.course.date_from), Month.of(group.course.date_to)
    months = [month]
    while month != last:
        month = month.shifted(1)
        months.append(month)
    return [Period(str(month), month_label(month.year, month.month), *month.days) for month in months]


def stretches_of(group: StudyGroup) -> list[Period]:
    """Return what is longer than a month: the half-years of a course that has both, and the whole course."""
    first, last = group.course.date_from, group.course.date_to
    whole = Period("all", "весь курс", first, last)
    middle = date(first.year, DECEMBER, 31)
    if not first <= middle < last:
        return [whole]
    return [
        Period("h1", "первое полугодие", first, middle),
        Period("h2", "второе полугодие", date(first.year + 1, 1, 1), last),
        whole,
    ]


def period_of(group: StudyGroup, key: str, today: date) -> Period:
    """Return the period with the key; without one, the current month or the nearest one of the course."""
    months = months_of(group)
    for period in (*months, *stretches_of(group)):
        if period.key == key:
            return period
    past = [month for month in months if month.first <= today]
    return past[-1] if past else months[0]
