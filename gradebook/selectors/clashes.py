"""What stands against a lesson on one day: group, teacher, room, pupils with the way between schools (6.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from django.db.models import Q, QuerySet

from courses.enums import StudyForm
from courses.models import StudyGroup
from enrollment.clashes import Lesson as Stretch
from enrollment.clashes import Ways, missing_minutes
from enrollment.models import Enrolment
from gradebook.enums import LessonState
from gradebook.models import Lesson
from gradebook.selectors.calendars import calendars_of
from network_portal.common.russian import NBSP, plural
from schools.models import ClassDay, Route


@dataclass(frozen=True)
class Place:
    """A day, a time and a room for a lesson of a group."""

    group: StudyGroup
    date: date
    starts: time
    ends: time
    room: str
    teacher: int | None

    @property
    def stretch(self) -> Stretch:
        return _stretch(self.starts, self.ends, _where(self.group))


def teacher_of(lesson: Lesson) -> int | None:
    """Return the user who gives the lesson: the substitute, or the group's teacher."""
    duty = lesson.substitute or lesson.group.teacher
    return duty.user_id if duty else None


def clash_at(place: Place, *, without: int | None = None, room_only: bool = False) -> str:
    """Say what stands against a lesson at `place`; an empty string when nothing does.

    Args:
        place: where and when the lesson would be.
        without: the lesson that would move there, which does not stand in its own way.
        room_only: day and time stay as they are.
    """
    others = _that_day(place, without)
    if room_only:
        return _busy_room(place, others)
    return (
        _busy_group(place, others)
        or _busy_room(place, others)
        or busy_teacher(place, without=without)
        or _busy_pupils(place, others)
        or _busy_classes(place)
    )


def busy_teacher(place: Place, *, without: int | None = None) -> str:
    """Say which other lesson the teacher of `place` gives then, in any school (I-8)."""
    if place.teacher is None:
        return ""
    own = Q(substitute__user=place.teacher) | Q(substitute=None, group__teacher__user=place.teacher)
    lessons = list(_that_day(place, without).filter(own))
    ways = _ways(lesson.group.course.programme.host_id for lesson in lessons)
    for lesson in lessons:
        missing = missing_minutes(place.stretch, _of(lesson), ways)
        if missing is not None:
            own_school = lesson.group.course.programme.host_id == place.group.course.programme.host_id
            where = f"в группе {lesson.group}" if own_school else "в другой школе"
            return f"У учителя занятие {where} ({_hours(lesson)}){_short(missing)}."
    return ""


def _busy_group(place: Place, others: QuerySet[Lesson]) -> str:
    for lesson in others.filter(group=place.group, starts__lt=place.ends, ends__gt=place.starts):
        return f"У группы в этот день уже есть занятие {_hours(lesson)}."
    return ""


def _busy_room(place: Place, others: QuerySet[Lesson]) -> str:
    if _where(place.group) == 0:
        return ""
    taken = others.filter(
        room__iexact=place.room,
        group__course__programme__host=place.group.course.programme.host_id,
        starts__lt=place.ends,
        ends__gt=place.starts,
    )
    for lesson in taken:
        return f"«{place.room}» занят: группа {lesson.group}, {_hours(lesson)}."
    return ""


def _busy_pupils(place: Place, others: QuerySet[Lesson]) -> str:
    pupils = _pupils(place)
    elsewhere = (
        Enrolment.objects.studied_on(place.date)
        .filter(student__in=pupils.values("student"))
        .exclude(group=place.group)
        .values_list("group", "student")
    )
    students: dict[int, set[int]] = {}
    for group, student in elsewhere:
        students.setdefault(group, set()).add(student)
    lessons = list(others.filter(group__in=students))
    ways = _ways({place.group.course.programme.host_id, *(one.group.course.programme.host_id for one in lessons)})
    busy: set[int] = set()
    for lesson in lessons:
        if missing_minutes(place.stretch, _of(lesson), ways) is not None:
            busy |= students[lesson.group_id]
    if not busy:
        return ""
    who = plural(len(busy), "обучающегося,обучающихся,обучающихся")
    return f"У {len(busy)}{NBSP}{who} в это время занятие другого сетевого курса, или не хватает времени на дорогу."


def _busy_classes(place: Place) -> str:
    """Say whose class has lessons of its own school then; a school that rests that day has none."""
    classes = _pupils(place).values("student__school_class")
    days = list(
        ClassDay.objects.filter(
            school_class__in=classes, school_class__year=place.group.course.year, weekday=place.date.isoweekday()
        ).select_related("school_class__organisation")
    )
    homes = {day.school_class.organisation_id for day in days}
    calendars = calendars_of(homes, place.group.course.year)
    ways = _ways({place.group.course.programme.host_id, *homes})
    for day in days:
        home = day.school_class.organisation
        if calendars.rest(home.pk, place.date):
            continue
        missing = missing_minutes(place.stretch, _stretch(day.starts, day.ends, home.pk), ways)
        if missing is not None:
            hours = f"{day.starts:%H:%M}–{day.ends:%H:%M}"
            return f"У класса {day.school_class} ({home}) в этот день уроки {hours}{_short(missing)}."
    return ""


def _that_day(place: Place, without: int | None) -> QuerySet[Lesson]:
    return (
        Lesson.objects.filter(date=place.date)
        .exclude(state=LessonState.CANCELLED)
        .exclude(pk__in=[without] if without else [])
        .select_related("group__course__programme")
        .order_by("starts", "pk")
    )


def _pupils(place: Place) -> QuerySet[Enrolment]:
    return Enrolment.objects.studied_on(place.date).filter(group=place.group).order_by()


def _where(group: StudyGroup) -> int:
    return 0 if group.course.form == StudyForm.DISTANCE else group.course.programme.host_id


def _of(lesson: Lesson) -> Stretch:
    return _stretch(lesson.starts, lesson.ends, _where(lesson.group))


def _stretch(starts: time, ends: time, place: int) -> Stretch:
    return Stretch(1, starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute, place=place)


def _ways(schools: Iterable[int]) -> Ways:
    ids = set(schools)
    routes = Route.objects.filter(first__in=ids) | Route.objects.filter(second__in=ids)
    return {(route.first_id, route.second_id): route.minutes for route in routes}


def _hours(lesson: Lesson) -> str:
    return f"{lesson.starts:%H:%M}–{lesson.ends:%H:%M}"


def _short(missing: int) -> str:
    return f", на дорогу не хватает {missing}{NBSP}мин" if missing else ""
