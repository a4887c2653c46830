"""Reads of courses and groups: days of lessons, lines of the catalogue, the week of a group, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from courses import access
from courses.enums import CourseState, GroupState, Weekday
from courses.models import AcademicYear, NetworkCourse, StudyGroup, TimetableSlot, slot_words
from network_portal.common.dates import is_public_holiday, ru_date, ru_moment, school_year_label
from network_portal.common.errors import RuleError
from network_portal.notices.selectors import Task
from schools.acting import Acting
from schools.models import Organisation

#: How long before the course begins a group without a teacher or slots becomes a task.
PREPARE = timedelta(days=30)

PROGRAMME_FACTS = frozenset({"title", "subject", "kind", "grade_from", "grade_to", "hours_total", "hours_week"})
COURSE_FACTS = frozenset({"year", "form", "date_from", "date_to"})


# --- days of lessons --------------------------------------------------------------------------------------------


def academic_year_of(host: Organisation, year: int) -> AcademicYear | None:
    """Return the calendar of a school's year with its holidays."""
    return AcademicYear.objects.filter(organisation=host, year=year).prefetch_related("holidays").first()


def lesson_days(group: StudyGroup, *, date_from: date, date_to: date) -> list[tuple[date, TimetableSlot]]:
    """Return the days on which a group has lessons, each with its slot, in the order of time.

    Lessons fall on the weekdays of the slots within the host's academic year; school holidays and public holidays are
    skipped. A five- or six-day week needs no rule: there are slots on Saturday or there are none.

    Args:
        group: the group whose slots count.
        date_from: the first day that may count.
        date_to: the last day that may count.

    Raises:
        RuleError: the host has no calendar of the course's year.
    """
    course = group.course
    calendar = academic_year_of(course.host, course.year)
    if calendar is None:
        raise RuleError(
            f"В школе {course.host} не внесён календарь учебного года {school_year_label(course.year)}. "
            "Его вносит технический администратор."
        )
    return days_of(group.slots.all(), calendar, date_from=date_from, date_to=date_to)


def days_of(
    slots: Iterable[TimetableSlot], calendar: AcademicYear, *, date_from: date, date_to: date
) -> list[tuple[date, TimetableSlot]]:
    """Return the days of `slots` in `calendar` between two days, both included; see `lesson_days`."""
    free = [(holiday.date_from, holiday.date_to) for holiday in calendar.holidays.all()]
    by_weekday: dict[int, list[TimetableSlot]] = {}
    for slot in sorted(slots, key=lambda slot: slot.starts):
        by_weekday.setdefault(slot.weekday, []).append(slot)
    day, last = max(date_from, calendar.date_from), min(date_to, calendar.date_to)
    days = []
    while day <= last:
        if not is_public_holiday(day) and not any(start <= day <= end for start, end in free):
            days += [(day, slot) for slot in by_weekday.get(day.isoweekday(), [])]
        day += timedelta(days=1)
    return days


# --- the catalogue ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CourseRow:
    """A course as lists show it; numbers only, no pupils."""

    course: NetworkCourse
    slots: list[TimetableSlot]
    teachers: list[str]
    seats_taken: int
    seats_free: int
    window: str
    open: bool


def course_row(course: NetworkCourse, at: datetime) -> CourseRow:
    """Return a course, fetched with its groups, as it stands at the moment `at`."""
    groups = list(course.groups.all())
    slots = [slot for group in groups for slot in group.slots.all()]
    teachers = [group.teacher.user.full_name for group in groups if group.teacher]
    taken = sum(group.seats_taken for group in groups)
    return CourseRow(
        course=course,
        slots=sorted(slots, key=lambda slot: (slot.weekday, slot.starts)),
        teachers=list(dict.fromkeys(teachers)),
        seats_taken=taken,
        seats_free=max(0, course.seats - taken),
        window=window_words(course, at),
        open=course.takes_applications(at),
    )


def course_rows(courses: Iterable[NetworkCourse], at: datetime) -> list[CourseRow]:
    """Return the lines of a list of courses."""
    return [course_row(course, at) for course in courses]


def window_words(course: NetworkCourse, at: datetime) -> str:
    """Say whether applications are taken at the moment `at`, and until or from when, by the network's clock."""
    zone = course.network.time_zone
    if at < course.applications_from:
        return f"приём заявлений откроется {_moment_words(course.applications_from, zone)}"
    if at >= course.applications_until:
        return "приём заявлений окончен"
    last = course.applications_until.astimezone(ZoneInfo(zone)) - timedelta(days=1)
    if last.time() == time.min:
        return f"приём заявлений по {ru_date(last.date())} включительно"
    return f"приём заявлений до {_moment_words(course.applications_until, zone)}"


def _moment_words(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return ru_date(local.date()) if local.time() == time.min else ru_moment(moment, zone)


@dataclass(frozen=True)
class CatalogueRow:
    """A course as its card in the catalogue shows it; `slots` are words in the order of the week."""

    course: NetworkCourse
    slots: list[str]
    seats_free: int
    window: str
    open: bool


#: What a card prints, and no more.
CARD = (
    *("form", "seats", "state", "applications_from", "applications_until"),
    *(f"programme__{name}" for name in ("title", "subject", "grade_from", "grade_to", "hours_total")),
    "programme__host__short_name",
    "network__time_zone",
)


#: The groups of courses with their slots; built by Django it takes five times as long as it runs.
LESSONS = """
    SELECT grp.course_id, grp.id, grp.seats_taken, slot.weekday, slot.starts, slot.ends
    FROM courses_studygroup grp LEFT JOIN courses_timetableslot slot ON slot.group_id = grp.id
    WHERE grp.course_id = ANY(%(courses)s) AND grp.state <> %(closed)s
    ORDER BY slot.weekday, slot.starts, grp.name, grp.id
"""


def catalogue_cards(courses: QuerySet[NetworkCourse]) -> QuerySet[NetworkCourse]:
    """Return `courses` with what their cards print."""
    return courses.select_related("programme__host", "network").only(*CARD)


def catalogue_rows(courses: Iterable[NetworkCourse], at: datetime) -> list[CatalogueRow]:
    """Return the courses of a page of the catalogue as they stand at the moment `at`; one query for all groups."""
    courses = list(courses)
    slots: dict[int, list[str]] = {course.pk: [] for course in courses}
    taken: dict[int, dict[int, int]] = {course.pk: {} for course in courses}
    with connection.cursor() as cursor:
        cursor.execute(LESSONS, {"courses": list(slots), "closed": GroupState.CLOSED})
        for course_id, group_id, seats_taken, weekday, starts, ends in cursor.fetchall():
            taken[course_id][group_id] = seats_taken
            if weekday is not None:
                slots[course_id].append(slot_words(weekday, starts, ends))
    windows = {_window(course): course for course in courses}
    words = {window: window_words(course, at) for window, course in windows.items()}
    return [
        CatalogueRow(
            course=course,
            slots=slots[course.pk],
            seats_free=max(0, course.seats - sum(taken[course.pk].values())),
            window=words[_window(course)],
            open=course.takes_applications(at),
        )
        for course in courses
    ]


def _window(course: NetworkCourse) -> tuple[datetime, datetime, str]:
    return course.applications_from, course.applications_until, course.network.time_zone


@dataclass(frozen=True)
class CatalogueChoices:
    """What the filter of the catalogue offers: only what some course has; schools by id."""

    subjects: list[str]
    hosts: list[tuple[int, str]]

    @property
    def organisations(self) -> QuerySet[Organisation]:
        """The schools, for the check of what was chosen."""
        return Organisation.objects.filter(pk__in=[pk for pk, _ in self.hosts])


def catalogue_choices(on: date) -> CatalogueChoices:
    """Return the subjects and the schools of the courses in the catalogue."""
    found = list(
        access.catalogue_courses(on)
        .order_by("programme__host__short_name")
        .values_list("programme__subject", "programme__host", "programme__host__short_name")
        .distinct()
    )
    return CatalogueChoices(
        subjects=sorted({subject for subject, _, _ in found}),
        hosts=list(dict.fromkeys((pk, name) for _, pk, name in found)),
    )


# --- courses and groups of the host -----------------------------------------------------------------------------


def fixed_fields(course: NetworkCourse) -> frozenset[str]:
    """Return what can no longer be changed: a published course was applied for, an old programme has other courses."""
    if course.state != CourseState.DRAFT:
        return PROGRAMME_FACTS | COURSE_FACTS
    if course.programme.courses.exclude(pk=course.pk).exists():
        return PROGRAMME_FACTS
    return frozenset()


def course_facts(course: NetworkCourse) -> dict[str, object]:
    """Return a course and its programme as the form shows them."""
    names = (*PROGRAMME_FACTS, "summary")
    programme = {name: getattr(course.programme, name) for name in names}
    others = (*COURSE_FACTS, "seats", "min_size", "applications_from", "applications_until")
    return programme | {name: getattr(course, name) for name in others}


def group_facts(group: StudyGroup) -> dict[str, object]:
    """Return a group as its form shows it."""
    return {"name": group.name, "capacity": group.capacity, "teacher": group.teacher_id}


@dataclass(frozen=True)
class Day:
    """A weekday with its lessons."""

    label: str
    slots: list[TimetableSlot]


def week_of(slots: Iterable[TimetableSlot]) -> list[Day]:
    """Return Monday to Saturday, each with its slots in the order of time; for `courses/_week.html`."""
    lessons = sorted(slots, key=lambda slot: slot.starts)
    return [
        Day(str(Weekday(number).label), [slot for slot in lessons if slot.weekday == number])
        for number in Weekday.values
    ]


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return the groups of courses about to begin that lack a teacher or a timetable."""
    tasks = []
    for group in access.forming_groups_for(acting).filter(
        course__date_from__lte=today + PREPARE, course__date_to__gte=today
    ):
        about = f"{group.course}, группа «{group.name}», занятия с {ru_date(group.course.date_from)}"
        if group.teacher is None:
            url = reverse("group_edit", args=[group.pk])
            tasks.append(Task("Назначить сетевого учителя", about, url, "Назначить", group.course.date_from))
        if not group.slots.all():
            url = reverse("group_timetable", args=[group.pk])
            tasks.append(Task("Составить расписание группы", about, url, "Составить", group.course.date_from))
    return tasks
