"""What the pages that change a lesson show."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.models import Lesson, LessonMove, RemoteLesson
from gradebook.selectors.calendars import Delivery, deliveries
from schools.models import Organisation


@dataclass(frozen=True)
class HomeDay:
    """One home school on the day of a lesson: how many pupils, whether it rests, whether they join at a distance."""

    home: Organisation
    pupils: int
    rest: str
    remote: bool
    link: str

    @property
    def excused(self) -> bool:
        return bool(self.rest) and not self.remote


@dataclass(frozen=True)
class LessonPlaces:
    """Where a lesson was before, and how it is held for each home school."""

    moves: list[LessonMove]
    homes: list[HomeDay]
    remote: list[RemoteLesson]


def lesson_places(lesson: Lesson, *, home: int | None = None) -> LessonPlaces:
    """Return what is known of a lesson's day; five queries.

    Args:
        lesson: with its group's course.
        home: only this home school, for its own readers.
    """
    pupils = Enrolment.objects.studied_on(lesson.date).filter(group=lesson.group_id)
    remote = RemoteLesson.objects.filter(lesson=lesson).select_related("home").order_by("home__short_name")
    if home is not None:
        pupils = pupils.filter(home=home)
        remote = remote.filter(home__in=[home]) | remote.filter(home=None)
    counted: dict[Organisation, int] = {}
    for enrolment in pupils.select_related("home").order_by("home__short_name"):
        counted[enrolment.home] = counted.get(enrolment.home, 0) + 1
    delivery = deliveries([lesson], [one.pk for one in counted], lesson.group.course.year)[lesson.pk]
    return LessonPlaces(
        moves=list(LessonMove.objects.filter(lesson=lesson)),
        homes=[home_day(one, number, delivery) for one, number in counted.items()],
        remote=list(remote),
    )


def home_day(home: Organisation, pupils: int, delivery: Delivery) -> HomeDay:
    return HomeDay(home, pupils, delivery.rests.get(home.pk, ""), delivery.is_remote(home.pk), delivery.link(home.pk))


def proposed_place(group: StudyGroup, day: str) -> dict[str, object]:
    """Return how the form of a new lesson begins: the group's first slot of the week, on `day` if it is a date."""
    slot = group.slots.order_by("weekday", "starts").first()
    place: dict[str, object] = {}
    if slot is not None:
        place = {"starts": slot.starts, "ends": slot.ends, "room": slot.room}
    with suppress(ValueError):
        place["date"] = date.fromisoformat(day)
    return place
