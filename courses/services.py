"""Every write of courses, groups and their timetable; the opening of a group belongs to enrolment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import QuerySet, Sum

from courses.enums import CourseState, GroupState, ProgrammeKind, StudyForm, Verb, Weekday
from courses.models import NetworkCourse, Programme, StudyGroup, TimetableSlot
from courses.policies import policy_copy
from courses.selectors import COURSE_FACTS, PROGRAMME_FACTS, course_facts, fixed_fields, group_facts
from network_portal.accounts.models import User
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from schools.acting import Acting
from schools.models import Duty, Network, Organisation
from schools.services.trail import note


@dataclass(frozen=True, kw_only=True)
class CourseTerms:
    """A programme and the course that offers it in one year; the fields are those of the two models."""

    title: str
    subject: str
    kind: ProgrammeKind
    grade_from: int
    grade_to: int
    hours_total: int
    hours_week: int
    summary: str
    year: int
    form: StudyForm
    date_from: date
    date_to: date
    seats: int
    min_size: int
    applications_from: datetime
    applications_until: datetime


PROGRAMME_FIELDS = (*PROGRAMME_FACTS, "summary")
COURSE_FIELDS = (*COURSE_FACTS, "seats", "min_size", "applications_from", "applications_until")


# --- courses ----------------------------------------------------------------------------------------------------


@transaction.atomic
def course_create(*, actor: Acting, network: Network, terms: CourseTerms, at: datetime) -> NetworkCourse:
    """Draft a course; a programme of the same title is taken up again when its facts are the same.

    Args:
        actor: who prepares courses at the host.
        network: a network of the host.
        terms: programme and course.
        at: the moment.

    Raises:
        RuleError: the terms contradict each other or the rules; such a course is there already.
    """
    assert actor.organisation is not None
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)
    programme = Programme.objects.filter(host=actor.organisation, title=terms.title).first()
    new = programme is None
    if programme is None:
        programme = Programme(host=actor.organisation)
    elif any(getattr(programme, name) != getattr(terms, name) for name in PROGRAMME_FACTS):
        raise RuleError(
            "Программа с таким названием уже есть, но с другими предметом, видом, классами или часами. "
            "Повторите её сведения или назовите новую программу иначе.",
            field="title",
        )
    _fill(programme, terms, PROGRAMME_FIELDS)
    programme.save()
    if new:
        policy_copy(programme)
    course = NetworkCourse(programme=programme, network=network)
    _fill(course, terms, COURSE_FIELDS)
    _within_the_year(course)
    course.save()
    note(Verb.COURSE_DRAFTED, actor, course, at)
    return course


@transaction.atomic
def course_edit(
    *, actor: Acting, course: NetworkCourse, terms: CourseTerms, seen: str = "", at: datetime
) -> NetworkCourse:
    """Change a course; what families applied for stays as it was once the course is published.

    Args:
        actor: who prepares courses at the host.
        course: a course that is not closed.
        terms: programme and course.
        seen: what the page showed, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        StaleError: the course is closed, or was changed by someone else meanwhile.
        RuleError: the terms contradict each other; a fixed field was changed; the groups have more seats than that.
    """
    course = _lock_course(course)
    if course.state == CourseState.CLOSED:
        raise StaleError("Курс закрыт, изменить его нельзя. Обновите страницу.")
    check_seen(seen, course_facts(course))
    for name in sorted(fixed_fields(course)):
        owner = course.programme if name in PROGRAMME_FACTS else course
        if getattr(owner, name) != getattr(terms, name):
            raise RuleError("Это уже нельзя изменить: по этим сведениям подают заявления.", field=name)
    _fill(course.programme, terms, PROGRAMME_FIELDS)
    _fill(course, terms, COURSE_FIELDS)
    _within_the_year(course)
    _room_for_groups(course)
    course.programme.save(update_fields=PROGRAMME_FIELDS)
    course.save(update_fields=COURSE_FIELDS)
    note(Verb.COURSE_CHANGED, actor, course, at)
    return course


@transaction.atomic
def course_publish(*, actor: Acting, course: NetworkCourse, at: datetime) -> NetworkCourse:
    """Put a draft or a closed course into the public catalogue.

    Raises:
        StaleError: it is published already.
        RuleError: its time for applications is over.
    """
    course = _lock_course(course)
    if course.applications_until <= at:
        raise RuleError("Срок приёма заявлений уже прошёл. Измените его и опубликуйте курс снова.")
    move(course, CourseState.PUBLISHED)
    note(Verb.COURSE_PUBLISHED, actor, course, at)
    return course


@transaction.atomic
def course_close(*, actor: Acting, course: NetworkCourse, at: datetime) -> NetworkCourse:
    """Take a course out of the catalogue; its groups go on.

    Raises:
        StaleError: it is not published.
    """
    course = _lock_course(course)
    move(course, CourseState.CLOSED)
    note(Verb.COURSE_CLOSED, actor, course, at)
    return course


# --- groups -----------------------------------------------------------------------------------------------------


@transaction.atomic
def group_create(
    *, actor: Acting, course: NetworkCourse, name: str, capacity: int, teacher: Duty | None, at: datetime
) -> StudyGroup:
    """Form a group of a course (S0-5p).

    Args:
        actor: who prepares groups at the host.
        course: a course of the host.
        name: unique within the course.
        capacity: how many pupils it may take.
        teacher: a network teacher's duty at the host, or None for now.
        at: the moment.

    Raises:
        RuleError: the name is taken; the course has fewer seats; the teacher is of another school.
    """
    course = _lock_course(course)
    group = StudyGroup(course=course, name=name.strip(), capacity=capacity, teacher=teacher)
    _teacher_of_the_host(group)
    clean(group, exclude=["teacher"])
    group.save()
    _room_for_groups(course)
    note(Verb.GROUP_CREATED, actor, group, at)
    return group


@transaction.atomic
def group_edit(
    *,
    actor: Acting,
    group: StudyGroup,
    name: str,
    capacity: int,
    teacher: Duty | None,
    seen: str = "",
    at: datetime,
) -> StudyGroup:
    """Change a group's name, capacity or teacher.

    Args:
        actor: who prepares groups at the host.
        group: a group that is not closed.
        name: as of `group_create`.
        capacity: as of `group_create`.
        teacher: as of `group_create`.
        seen: what the page showed, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        StaleError: the group is closed, or was changed by someone else meanwhile.
        RuleError: as of `group_create`; fewer seats than are taken; an open group without a teacher; the teacher has
            another lesson at the time of one of the slots.
    """
    _lock_course(group.course)
    group = _lock_group(group)
    check_seen(seen, group_facts(group))
    if capacity < group.seats_taken:
        raise RuleError(f"В группе уже занято мест: {group.seats_taken}. Меньше быть не может.", field="capacity")
    if teacher is None and group.state == GroupState.OPEN:
        raise RuleError("Открытая группа не может остаться без учителя.", field="teacher")
    group.name, group.capacity, group.teacher = name.strip(), capacity, teacher
    _teacher_of_the_host(group)
    _teacher_is_free(group, group.slots.all())
    clean(group, exclude=["teacher", "opened_on"])
    group.save(update_fields=["name", "capacity", "teacher"])
    _room_for_groups(group.course)
    note(Verb.GROUP_CHANGED, actor, group, at, capacity=capacity, teacher=teacher.pk if teacher else None)
    return group


@transaction.atomic
def slot_add(
    *, actor: Acting, group: StudyGroup, weekday: Weekday, starts: time, ends: time, room: str, at: datetime
) -> TimetableSlot:
    """Add a weekly lesson to the timetable of a group.

    Args:
        actor: who prepares groups at the host.
        group: a group that is not closed.
        weekday: the day of the week.
        starts: by the clock of the host.
        ends: by the clock of the host.
        room: the room, or the link of distance lessons.
        at: the moment.

    Raises:
        StaleError: the group is closed.
        RuleError: it ends before it begins; the group, the teacher or the room is taken at that time.
    """
    # The school before the group: courses are composed under the school's lock, groups are edited under the course's.
    Organisation.objects.select_for_update(no_key=True).get(pk=group.course.programme.host_id)
    group = _lock_group(group)
    slot = TimetableSlot(group=group, weekday=weekday, starts=starts, ends=ends, room=room.strip())
    clean(slot)
    if _overlapping(slot).filter(group=group).exists():
        raise RuleError("В это время у группы уже есть занятие.", field="starts")
    _teacher_is_free(group, [slot])
    _room_is_free(slot)
    slot.save()
    note(Verb.SLOT_ADDED, actor, group, at, slot=str(slot), room=slot.room)
    return slot


@transaction.atomic
def slot_remove(*, actor: Acting, slot: TimetableSlot, at: datetime) -> None:
    """Take a weekly lesson off the timetable while the group is being formed.

    Raises:
        RuleError: the group is open, so that lessons stand in its journal.
        StaleError: the slot was removed meanwhile.
    """
    group = _lock_group(slot.group)
    if group.state == GroupState.OPEN:
        raise RuleError("Группа открыта, занятия уже стоят в журнале. Отмените лишние занятия в журнале.")
    deleted, _ = TimetableSlot.objects.filter(pk=slot.pk).delete()
    if not deleted:
        raise StaleError("Это занятие уже снято с расписания. Обновите страницу.")
    note(Verb.SLOT_REMOVED, actor, group, at, slot=str(slot), room=slot.room)


# --- rules ------------------------------------------------------------------------------------------------------


def _lock_course(course: NetworkCourse) -> NetworkCourse:
    return (
        NetworkCourse.objects.select_for_update(of=("self", "programme"), no_key=True)
        .select_related("programme__host", "network")
        .get(pk=course.pk)
    )


def _lock_group(group: StudyGroup) -> StudyGroup:
    group = (
        StudyGroup.objects.select_for_update(of=("self",))
        .select_related("course__programme__host", "teacher__user")
        .get(pk=group.pk)
    )
    if group.state == GroupState.CLOSED:
        raise StaleError("Группа закрыта, изменить её нельзя. Обновите страницу.")
    return group


def _fill(row: Programme | NetworkCourse, terms: CourseTerms, names: Iterable[str]) -> None:
    for name in names:
        setattr(row, name, getattr(terms, name))
    clean(row)


def _within_the_year(course: NetworkCourse) -> None:
    if course.date_from < date(course.year, 8, 15):
        raise RuleError("Занятия начинаются раньше этого учебного года.", field="date_from")
    if course.date_to > date(course.year + 1, 8, 31):
        raise RuleError("Занятия заканчиваются позже этого учебного года.", field="date_to")


def _room_for_groups(course: NetworkCourse) -> None:
    seats = course.groups.exclude(state=GroupState.CLOSED).aggregate(total=Sum("capacity"))["total"] or 0
    if seats > course.seats:
        raise RuleError(f"В группах курса {seats} мест, а на курсе {course.seats}. Измените одно из чисел.")


def _teacher_of_the_host(group: StudyGroup) -> None:
    if group.teacher is not None and group.teacher.organisation_id != group.course.programme.host_id:
        raise RuleError("Сетевой учитель должен работать в школе, которая ведёт курс.", field="teacher")


def _overlapping(slot: TimetableSlot) -> QuerySet[TimetableSlot]:
    """Return the slots at the same time of the week in courses that run in the same weeks."""
    course = slot.group.course
    return (
        TimetableSlot.objects.filter(
            weekday=slot.weekday,
            starts__lt=slot.ends,
            ends__gt=slot.starts,
            group__course__date_from__lte=course.date_to,
            group__course__date_to__gte=course.date_from,
        )
        .exclude(group__state=GroupState.CLOSED)
        .select_related("group__course__programme")
    )


def _teacher_is_free(group: StudyGroup, slots: Iterable[TimetableSlot]) -> None:
    """Refuse a second lesson of the teacher at one time; a person may teach in several schools (I-8)."""
    if group.teacher is None:
        return
    User.objects.select_for_update(no_key=True).get(pk=group.teacher.user_id)
    for slot in slots:
        other = _overlapping(slot).filter(group__teacher__user=group.teacher.user_id).exclude(group=group).first()
        if other is None:
            continue
        own = other.group.course.programme.host_id == group.course.programme.host_id
        where = f"в группе «{other.group.name}»" if own else "в другой школе"
        raise RuleError(f"В это время ({other}) учитель {group.teacher.user.short_name} ведёт занятие {where}.")


def _room_is_free(slot: TimetableSlot) -> None:
    others = _overlapping(slot).filter(
        room__iexact=slot.room, group__course__programme__host=slot.group.course.programme.host_id
    )
    if other := others.first():
        raise RuleError(f"В это время ({other}) там занимается группа «{other.group.name}».", field="room")
