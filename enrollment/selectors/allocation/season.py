"""What goes into forming groups: wishes, groups, what is held, quotas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Prefetch

from courses.enums import CourseState, GroupState, StudyForm
from courses.models import NetworkCourse, StudyGroup, TimetableSlot
from enrollment.allocation import Application as Wanted
from enrollment.allocation import Group, Problem, Pupil, Quota, Wish
from enrollment.clashes import Lesson, Ways
from enrollment.enums import ApplicationState, EnrolmentState, LineDecision
from enrollment.models import (
    AllocationPlace,
    AllocationRun,
    Application,
    ApplicationChoice,
    Enrolment,
    FixedSeat,
    SchoolRequestLine,
    SeatQuota,
)
from enrollment.selectors.conditions import SENT_STATES, evidence_for, failed
from enrollment.selectors.requests import line_conditions
from enrollment.selectors.week import minutes_of, ways_of
from network_portal.common.dates import local_day
from schools.agreements import AgreedSeats, Directions, conditions_in_force, seats_by
from schools.models import AgreementCondition, ClassDay, Network

#: Answers to lines that a run may still change.
UNANSWERED = (LineDecision.PENDING, LineDecision.WAITLISTED)


@dataclass(frozen=True)
class Season:
    """A problem with the rows it was made of.

    Attributes:
        applications: those that take part.
        left_out: those on the lists that cannot take part, with the reason.
        groups: the groups that take part, by id.
    """

    problem: Problem
    applications: Mapping[int, Application]
    left_out: Mapping[int, tuple[Application, str]]
    groups: Mapping[int, StudyGroup]


def season_of(network: Network, year: int, base: AllocationRun | None, at: datetime) -> Season:
    """Return what a run of a network and a year starts from at the moment `at`.

    Applications on sent lists whose line waits for an answer or stands on the waiting list; groups that are not closed,
    with the seats that are held; quotas of the agreements; seats fixed by hand; places that families were told of.
    """
    on = local_day(at, network.time_zone)
    groups = {
        group.pk: group
        for group in StudyGroup.objects.filter(course__network=network, course__year=year)
        .exclude(state=GroupState.CLOSED)
        .exclude(course__state=CourseState.DRAFT)
        .select_related("course__programme__host")
        .prefetch_related("slots")
        .order_by("name", "pk")
    }
    lines = _lines(network, year)
    applications = {line.application_id: line.application for line in lines}
    evidence = evidence_for(applications.values(), on)
    refused = _refused(applications)
    held = _held(applications)
    left_out: dict[int, tuple[Application, str]] = {}
    for line in lines:
        if reasons := failed(line_conditions(line, line.request, evidence)):
            left_out[line.application_id] = (line.application, reasons)
    courses = {group.course_id for group in groups.values()}
    wanted: list[Wanted] = []
    pupils: dict[int, Pupil] = {}
    for application in applications.values():
        if application.pk in left_out:
            continue
        own = [row for row in held[application.student_id] if row.line.application_id == application.pk]
        others = [row for row in held[application.student_id] if row.line.application_id != application.pk]
        wishes = _wishes(application, courses, refused[application.pk], own, evidence.agreements)
        if not wishes:
            continue
        wanted.append(
            Wanted(
                key=application.pk,
                pupil=application.student_id,
                wishes=tuple(wishes),
                number=application.document.number if application.document and application.document.number else 0,
                waits=application.waitlist_ok,
            )
        )
        pupils[application.student_id] = Pupil(
            key=application.student_id,
            home=application.home_id,
            busy=tuple(lesson for row in others for lesson in lessons_of(row.group)),
            programmes=tuple(sorted({row.course.programme_id for row in others})),
            week=application.student.school_class_id,
        )
    keys = {one.key for one in wanted}
    problem = Problem(
        groups=tuple(_group(group) for group in groups.values()),
        pupils=tuple(pupils.values()),
        applications=tuple(wanted),
        quotas=tuple(_quotas(network, year, on)),
        fixed={
            seat.application_id: seat.group_id
            for seat in FixedSeat.objects.filter(lifted_at=None, application__in=keys, group__in=groups)
        },
        previous={
            place.application_id: place.group_id
            for place in AllocationPlace.objects.filter(run=base, application__in=keys, group__in=groups)
            if base is not None and place.group_id is not None
        },
        weeks=class_weeks((pupil.week for pupil in pupils.values()), year),
        ways=_ways(groups.values(), pupils.values()),
    )
    return Season(problem, {key: applications[key] for key in keys}, left_out, groups)


def _lines(network: Network, year: int) -> list[SchoolRequestLine]:
    choices = ApplicationChoice.objects.order_by("rank").select_related("course__programme")
    return list(
        SchoolRequestLine.objects.filter(
            request__agreement__network=network, request__year=year, request__state__in=SENT_STATES,
            decision__in=UNANSWERED,
        )
        .exclude(application__state__in=[ApplicationState.PLACED, ApplicationState.WITHDRAWN])
        .select_related(
            "request__home", "request__host", "course__programme__host", "application__home",
            "application__document", "application__student__school_class",
        )
        .prefetch_related(Prefetch("application__choices", choices))
        .order_by("pk")
    )  # fmt: skip


def _refused(applications: Iterable[int]) -> dict[int, set[int]]:
    """Return the courses on which each application has been answered for good."""
    refused: dict[int, set[int]] = defaultdict(set)
    answered = SchoolRequestLine.objects.filter(
        application__in=applications, decision__in=[LineDecision.REFUSED, LineDecision.WITHDRAWN]
    )
    for application_id, course_id in answered.values_list("application_id", "course_id"):
        refused[application_id].add(course_id)
    return refused


def _held(applications: Mapping[int, Application]) -> dict[int, list[Enrolment]]:
    """Return the places that the pupils hold."""
    held: dict[int, list[Enrolment]] = defaultdict(list)
    students = {application.student_id for application in applications.values()}
    rows = (
        Enrolment.objects.filter(student__in=students)
        .holding_seats()
        .exclude(state=EnrolmentState.COMPLETED)
        .select_related("course", "line", "group__course__programme")
        .prefetch_related("group__slots")
        .order_by("pk")
    )
    for row in rows:
        held[row.student_id].append(row)
    return held


def _wishes(
    application: Application,
    courses: set[int],
    refused: set[int],
    own: list[Enrolment],
    agreements: Directions,
) -> Iterable[Wish]:
    """Return the wishes that may be met: up to the place that the application has booked already."""
    booked = {row.course_id for row in own}
    wishes = []
    for choice in application.choices.all():
        course = choice.course
        if course.pk in booked:
            break
        agreed = agreements.covers(
            home=application.home_id, host=course.programme.host_id, network=course.network_id, year=course.year
        )
        if course.pk in courses and course.pk not in refused and agreed and choice.registered_at:
            wishes.append(Wish(course.pk, choice.registered_at, choice.registered_at >= course.applications_until))
    return wishes


def lessons_of(group: StudyGroup) -> tuple[Lesson, ...]:
    """Return the week of a group."""
    return tuple(sorted(_lesson(slot, group.course) for slot in group.slots.all()))


def _lesson(slot: TimetableSlot, course: NetworkCourse) -> Lesson:
    place = 0 if course.form == StudyForm.DISTANCE else course.programme.host_id
    starts, ends = minutes_of(slot.starts), minutes_of(slot.ends)
    return Lesson(slot.weekday, starts, ends, course.date_from, course.date_to, place)


def _ways(groups: Iterable[StudyGroup], pupils: Iterable[Pupil]) -> Ways:
    """Return the ways between the schools that take part."""
    hosts = {group.course.programme.host_id for group in groups}
    schools = hosts | {pupil.home for pupil in pupils}
    return {pair: minutes for pair, minutes in ways_of(*hosts).items() if schools.issuperset(pair)}


def class_weeks(classes: Iterable[int], year: int) -> dict[int, tuple[Lesson, ...]]:
    """Return the lessons of those of `classes` whose week of the school year `year` is known."""
    weeks: dict[int, list[Lesson]] = defaultdict(list)
    days = ClassDay.objects.filter(school_class__in=set(classes), school_class__year=year)
    for day in days.select_related("school_class").order_by("school_class", "weekday"):
        lesson = Lesson(
            day.weekday, minutes_of(day.starts), minutes_of(day.ends), place=day.school_class.organisation_id
        )
        weeks[day.school_class_id].append(lesson)
    return {key: tuple(week) for key, week in weeks.items()}


def _group(group: StudyGroup) -> Group:
    course = group.course
    return Group(
        key=group.pk,
        course=course.pk,
        programme=course.programme_id,
        host=course.programme.host_id,
        capacity=group.capacity,
        min_size=course.min_size if group.state == GroupState.FORMING else 0,
        taken=group.seats_taken,
        lessons=lessons_of(group),
    )


def _quotas(network: Network, year: int, on: date) -> Iterable[Quota]:
    """Return the quotas set by hand, and for the courses without one the seats that the agreements in force name."""
    quotas = list(SeatQuota.objects.filter(agreement__network=network, year=year).select_related("agreement"))
    courses: dict[int, list[NetworkCourse]] = defaultdict(list)
    for course in NetworkCourse.objects.filter(network=network, year=year).select_related("programme").order_by("pk"):
        courses[course.programme.host_id].append(course)
    held = (
        Enrolment.objects.filter(course__network=network, course__year=year)
        .holding_seats()
        .values_list("home_id", "course_id")
        .annotate(count=Count("pk"))
        .order_by()
    )
    counts = {(home_id, course_id): count for home_id, course_id, count in held}
    for quota in quotas:
        hosted = [course.pk for course in courses[quota.agreement.host_id]]
        covered = [quota.course_id] if quota.course_id else hosted
        home_id = quota.agreement.home_id
        taken = sum(counts.get((home_id, course_id), 0) for course_id in covered)
        yield Quota(home_id, tuple(covered), quota.seats, taken)
    set_by_hand = {(quota.agreement.home_id, quota.agreement.host_id, quota.course_id) for quota in quotas}
    conditions: dict[tuple[int, int], list[AgreementCondition]] = defaultdict(list)
    for condition in conditions_in_force(year, on).filter(agreement__network=network).order_by("home", "host", "pk"):
        conditions[condition.home_id, condition.host_id].append(condition)
    for (home_id, host_id), rows in conditions.items():
        agreed: dict[AgreedSeats, list[int]] = defaultdict(list)
        for course in courses[host_id]:
            by_hand = {(home_id, host_id, None), (home_id, host_id, course.pk)} & set_by_hand
            seats = seats_by(rows, programme=course.programme.title, subject=course.programme.subject)
            if seats is not None and not by_hand:
                agreed[seats].append(course.pk)
        for seats, covered in agreed.items():
            taken = sum(counts.get((home_id, course_id), 0) for course_id in covered)
            yield Quota(home_id, tuple(covered), seats.seats, taken)
