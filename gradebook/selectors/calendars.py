"""Which school rests on the day of a lesson, and whom of a group the lesson expects (4, 6.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from courses.models import AcademicYear
from gradebook.models import Lesson, RemoteLesson
from network_portal.common.dates import is_public_holiday
from schools.models import Organisation

OUTSIDE = "учебный год не идёт"


@dataclass(frozen=True)
class Calendars:
    """The days on which schools have no lessons: from, to, title; a school without a calendar never rests."""

    rests: Mapping[int, tuple[tuple[date, date, str], ...]]

    def rest(self, school: int, day: date) -> str:
        """Return why `school` has no lessons on `day`; an empty string when it has."""
        return next((title for first, last, title in self.rests.get(school, ()) if first <= day <= last), "")


def calendars_of(schools: Iterable[int], year: int) -> Calendars:
    """Return the calendars of `schools` in a school year, in one query."""
    rests: dict[int, dict[tuple[date, date, str], None]] = {}
    rows = AcademicYear.objects.filter(organisation__in=set(schools), year=year).values_list(
        "organisation", "date_from", "date_to", "holidays__date_from", "holidays__date_to", "holidays__title"
    )
    for school, begins, ends, first, last, title in rows:
        own = rests.setdefault(school, {})
        own[date.min, date.fromordinal(begins.toordinal() - 1), OUTSIDE] = None
        own[date.fromordinal(ends.toordinal() + 1), date.max, OUTSIDE] = None
        if first:
            own[first, last, title] = None
    return Calendars({school: tuple(own) for school, own in rests.items()})


@dataclass(frozen=True)
class Delivery:
    """How a lesson is held: for whom at a distance, whose school rests that day; by the school's id."""

    remote: Mapping[int | None, str]
    rests: Mapping[int, str]

    def is_remote(self, home: int) -> bool:
        return None in self.remote or home in self.remote

    def link(self, home: int) -> str:
        """Return where the pupils of `home` join a lesson at a distance."""
        return self.remote.get(home) or self.remote.get(None) or ""

    def excused(self, home: int) -> str:
        """Return why the pupils of `home` are not expected; an empty string when they are."""
        return "" if self.is_remote(home) else self.rests.get(home, "")


def deliveries(lessons: Iterable[Lesson], homes: Iterable[int], year: int) -> dict[int, Delivery]:
    """Return how each of `lessons` is held for the schools `homes`; two queries.

    A lesson on a holiday of one home school is held; its pupils are not expected unless it is at a distance for them.
    """
    lessons, homes = list(lessons), set(homes)
    calendars = calendars_of(homes, year)
    remote: dict[int, dict[int | None, str]] = {}
    for lesson, home, link in RemoteLesson.objects.filter(lesson__in=[lesson.pk for lesson in lessons]).values_list(
        "lesson", "home", "link"
    ):
        remote.setdefault(lesson, {})[home] = link
    return {
        lesson.pk: Delivery(
            remote.get(lesson.pk, {}),
            {home: title for home in homes if (title := calendars.rest(home, lesson.date))},
        )
        for lesson in lessons
    }


def no_lessons_on(host: Organisation, year: int, day: date) -> str:
    """Return why nobody teaches at `host` on `day`; an empty string for a day of lessons."""
    if day.isoweekday() == 7:
        return "воскресенье"
    if is_public_holiday(day):
        return "праздничный день"
    return calendars_of([host.pk], year).rest(host.pk, day).lower()
