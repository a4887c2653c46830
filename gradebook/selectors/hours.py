"""Plan and fact of academic hours, what will be missing at the end of the course, and days to make it up (3.8, 6.10).

Hours are counted for a pupil, not for the group only: a lesson on a holiday of the own school that is not held at a
distance for it is not offered to the pupil.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from courses.models import StudyGroup, ThematicRow, TimetableSlot
from courses.thematic import plan_of
from enrollment.models import Enrolment
from gradebook import access
from gradebook.enums import ABSENCES, LessonState
from gradebook.models import Attendance, Lesson
from gradebook.selectors.calendars import Delivery, calendars_of, deliveries, no_lessons_on
from gradebook.selectors.clashes import Place, clash_at
from gradebook.selectors.entries import studied
from gradebook.selectors.months import group_day
from schools.acting import Acting
from schools.models import ClassDay

ACADEMIC_HOUR = 45
#: How soon families can be told of a new lesson, how many days are proposed, how many are looked at.
NOTICE_DAYS, MOST_PROPOSED, MOST_LOOKED_AT = 3, 6, 40
SATURDAY = 6


def academic_hours(starts: time, ends: time) -> int:
    """Return how many academic hours a lesson counts: 45 minutes are one, halves are rounded up, never none."""
    minutes = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    return max(1, (2 * minutes + ACADEMIC_HOUR) // (2 * ACADEMIC_HOUR))


@dataclass(frozen=True)
class PupilHours:
    """The academic hours of one pupil.

    Attributes:
        before: held before the pupil came or after it left: «не обучался».
        offered: held, and the pupil was expected.
        missed: of these, the pupil was absent.
        ahead: planned, and the pupil will be expected.
        resting: planned on days on which the own school rests.
        missing: what the plan will lack at the end of the course.
    """

    enrolment: Enrolment
    before: int
    offered: int
    missed: int
    ahead: int
    resting: int
    missing: int

    @property
    def attended(self) -> int:
        return self.offered - self.missed


@dataclass(frozen=True)
class Proposal:
    """A day on which a lesson could make up for missing hours."""

    date: date
    starts: time
    ends: time
    room: str


@dataclass(frozen=True)
class TopicHours:
    """A topic of the plan with the hours given to it and the days of its lessons."""

    number: int
    topic: str
    plan: int
    held: int
    days: list[date]


@dataclass(frozen=True)
class GroupHours:
    """The hours of a group as the acting person may see them."""

    group: StudyGroup
    plan: int
    held: int
    ahead: int
    cancelled: int
    pupils: list[PupilHours]
    topics: list[TopicHours]
    proposals: list[Proposal]

    @property
    def missing(self) -> int:
        return max(0, self.plan - self.held - self.ahead)

    @property
    def most_missing(self) -> int:
        return max([self.missing, *(pupil.missing for pupil in self.pupils)])


def group_hours(acting: Acting, group: StudyGroup, *, at: datetime) -> GroupHours:
    """Return plan and fact of a group that the gate has let through; the same queries whatever the size.

    Days to make up are proposed to those who plan lessons, and looked for only when hours are missing.
    """
    lessons = list(Lesson.objects.filter(group=group).order_by("date", "starts", "pk"))
    enrolments = list(
        access.enrolments_for(acting, group)
        .filter(date_from__isnull=False)
        .select_related("student__school_class", "home")
        .order_by("student__sort_key", "pk")
    )
    delivery = deliveries(lessons, {one.home_id for one in enrolments}, group.course.year)
    absent = set(
        Attendance.objects.filter(lesson__group=group, enrolment__in=enrolments, code__in=ABSENCES).values_list(
            "lesson", "enrolment"
        )
    )
    plan = group.course.programme.hours_total
    held = [lesson for lesson in lessons if lesson.state == LessonState.HELD]
    ahead = [lesson for lesson in lessons if lesson.state == LessonState.PLANNED]
    pupils = [_pupil(one, plan, held, ahead, delivery, absent) for one in enrolments]
    hours = GroupHours(
        group=group,
        plan=plan,
        held=_sum(held),
        ahead=_sum(ahead),
        cancelled=_sum(lesson for lesson in lessons if lesson.state == LessonState.CANCELLED),
        pupils=pupils,
        topics=_topics(group, held),
        proposals=[],
    )
    if hours.most_missing and access.plans(acting, group):
        hours.proposals.extend(make_up_days(group, hours.most_missing, on=group_day(group, at)))
    return hours


def _pupil(
    enrolment: Enrolment,
    plan: int,
    held: list[Lesson],
    ahead: list[Lesson],
    delivery: dict[int, Delivery],
    absent: set[tuple[int, int]],
) -> PupilHours:
    own = [lesson for lesson in held if studied(enrolment, lesson.date)]
    before = _sum(held) - _sum(own)
    offered = [lesson for lesson in own if not delivery[lesson.pk].excused(enrolment.home_id)]
    coming = [lesson for lesson in ahead if studied(enrolment, lesson.date)]
    resting = [lesson for lesson in coming if delivery[lesson.pk].excused(enrolment.home_id)]
    will = _sum(coming) - _sum(resting)
    return PupilHours(
        enrolment=enrolment,
        before=before,
        offered=_sum(offered),
        missed=_sum(lesson for lesson in offered if (lesson.pk, enrolment.pk) in absent),
        ahead=will,
        resting=_sum(resting),
        missing=max(0, plan - before - _sum(offered) - will),
    )


def _sum(lessons: Iterable[Lesson]) -> int:
    return sum(academic_hours(lesson.starts, lesson.ends) for lesson in lessons)


# --- topics -------------------------------------------------------------------------------------------------------


def _topics(group: StudyGroup, held: list[Lesson]) -> list[TopicHours]:
    by_row: dict[int, list[Lesson]] = {}
    for lesson in held:
        if lesson.plan_row_id:
            by_row.setdefault(lesson.plan_row_id, []).append(lesson)
    return [
        TopicHours(
            row.number, row.topic, row.hours, _sum(by_row.get(row.pk, [])), [one.date for one in by_row.get(row.pk, [])]
        )
        for row in plan_of(group.course.programme)
    ]


def next_topic(lesson: Lesson, topics: Iterable[ThematicRow]) -> int | None:
    """Return the id of the topic whose turn it is at a lesson: the first that earlier lessons have not used up.

    Returns:
        None when all of the plan was given.
    """
    earlier = Lesson.objects.filter(group=lesson.group_id).exclude(state=LessonState.CANCELLED).exclude(pk=lesson.pk)
    given: dict[int, int] = {}
    for row, day, starts, ends in earlier.exclude(plan_row=None).values_list("plan_row", "date", "starts", "ends"):
        if (day, starts) < (lesson.date, lesson.starts):
            given[row] = given.get(row, 0) + academic_hours(starts, ends)
    return next((row.pk for row in topics if given.get(row.pk, 0) < row.hours), None)


# --- making up ----------------------------------------------------------------------------------------------------


def make_up_days(group: StudyGroup, hours: int, *, on: date) -> list[Proposal]:
    """Return days for lessons that make up for `hours`: every school of the group teaches then, and nobody is busy.

    Args:
        group: with teacher and course.
        hours: academic hours that are missing.
        on: today; the first day proposed leaves time to tell the families.
    """
    slots = list(group.slots.order_by("weekday", "starts"))
    pupils = Enrolment.objects.studied_on(on).filter(group=group)
    homes = set(pupils.order_by().values_list("home", flat=True))
    if not slots or not homes:
        return []
    classes = pupils.order_by().values_list("student__school_class", flat=True).distinct()
    six_days = ClassDay.objects.filter(school_class__in=classes, weekday=SATURDAY)
    saturdays = {slot.weekday for slot in slots} >= {SATURDAY} or (
        six_days.values("school_class").distinct().count() == len(classes)
    )
    calendars = calendars_of(homes, group.course.year)
    taken = set(Lesson.objects.filter(group=group).exclude(state=LessonState.CANCELLED).values_list("date", flat=True))
    wanted = min(MOST_PROPOSED, ceil(hours / academic_hours(slots[0].starts, slots[0].ends)))
    found: list[Proposal] = []
    day, looked_at = on + timedelta(days=NOTICE_DAYS), 0
    while day <= group.course.date_to and len(found) < wanted and looked_at < MOST_LOOKED_AT:
        free = day not in taken and (day.isoweekday() != SATURDAY or saturdays)
        if free and not any(calendars.rest(home, day) for home in homes):
            looked_at += 1
            slot = _slot_for(slots, day)
            teacher = group.teacher.user_id if group.teacher else None
            place = Place(group, day, slot.starts, slot.ends, slot.room, teacher)
            if not no_lessons_on(group.course.programme.host, group.course.year, day) and not clash_at(place):
                found.append(Proposal(day, slot.starts, slot.ends, slot.room))
        day += timedelta(days=1)
    return found


def _slot_for(slots: list[TimetableSlot], day: date) -> TimetableSlot:
    return next((slot for slot in slots if slot.weekday == day.isoweekday()), slots[0])
