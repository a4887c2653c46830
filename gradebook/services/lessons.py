"""Laying lessons out, cancelling and restoring them (3.8)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Min
from django.urls import reverse

from courses.enums import GroupState
from courses.models import StudyGroup
from courses.selectors import lesson_days
from enrollment.models import Enrolment
from gradebook.enums import LessonState, Verb
from gradebook.models import Attendance, CellComment, Lesson, LessonMove, Mark, MonthlyTransfer, Work
from gradebook.selectors.months import group_day
from gradebook.selectors.people import families_of, followers_of
from gradebook.services.refusals import refusals
from network_portal.audit.services import record
from network_portal.common.dates import ru_day, ru_time
from network_portal.common.errors import RuleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.models import Organisation


@refusals()
@transaction.atomic
def lessons_plan(*, actor: Acting | None, group: StudyGroup, at: datetime) -> int:
    """Lay out the lessons of an open group from its weekly slots; what is there already stays as it is (S0-5, 3.8).

    Lessons begin with the first day of study that an order names, which may lie before the day the group was opened.
    The host's holidays and public holidays are skipped, and so are months that are sealed.

    Args:
        actor: who asked; None for the portal itself.
        group: an open group.
        at: the moment.

    Returns:
        How many lessons were added.

    Raises:
        RuleError: the group is not open, or the host has no calendar of the year.
    """
    group = (
        StudyGroup.objects.select_for_update(of=("self",), no_key=True)
        .select_related("course__programme__host", "course__network")
        .get(pk=group.pk)
    )
    if group.state != GroupState.OPEN or group.opened_on is None:
        raise RuleError("Занятия раскладываются после открытия группы.")
    enrolled = Enrolment.objects.filter(group=group).aggregate(first=Min("date_from"))["first"]
    first = max(group.course.date_from, enrolled or group.opened_on)
    sealed = set(MonthlyTransfer.objects.filter(group=group).values_list("year", "month"))
    there = set(Lesson.objects.filter(group=group).values_list("date", "starts"))
    there |= set(LessonMove.objects.filter(lesson__group=group).values_list("date", "starts"))
    missing = [
        Lesson(group=group, date=day, starts=slot.starts, ends=slot.ends, room=slot.room)
        for day, slot in lesson_days(group, date_from=first, date_to=group.course.date_to)
        if (day.year, day.month) not in sealed and (day, slot.starts) not in there
    ]
    Lesson.objects.bulk_create(missing)
    Work.objects.bulk_create(Work(lesson=lesson) for lesson in missing)
    if missing:
        record(
            Verb.LESSONS_PLANNED,
            actor=actor.user if actor else None,
            organisation=group.course.programme.host,
            target=group,
            at=at,
            changes={"lessons": len(missing)},
        )
    return len(missing)


@refusals()
@transaction.atomic
def lesson_cancel(*, actor: Acting, lesson: Lesson, reason: str, at: datetime) -> Lesson:
    """Cancel a lesson at which nothing was recorded (3.8).

    Raises:
        RuleError: no reason, or marks and attendance stand at the lesson, or its month is sealed.
        StaleError: it is cancelled already.
    """
    lesson = lock_lesson(lesson.pk)
    if not reason.strip():
        raise RuleError("Укажите причину отмены: её увидят обучающиеся и их школы.", field="reason")
    if Mark.objects.filter(work__lesson=lesson).exists() or Attendance.objects.filter(lesson=lesson).exists():
        raise RuleError("На занятии есть отметки или пропуски. Сначала удалите их, потом отмените занятие.")
    if CellComment.objects.filter(lesson=lesson).exists():
        raise RuleError("На занятии есть комментарии. Сначала удалите их, потом отмените занятие.")
    move(lesson, LessonState.CANCELLED, cancel_reason=reason.strip(), attendance_confirmed_at=None)
    _note(Verb.LESSON_CANCELLED, actor, lesson, at)
    tell(actor, lesson, f"Занятие {lesson_words(lesson)} отменено. Причина: {reason.strip()}", lesson.date, at)
    return lesson


@refusals()
@transaction.atomic
def lesson_restore(*, actor: Acting, lesson: Lesson, at: datetime) -> Lesson:
    """Put a cancelled lesson back into the plan.

    Raises:
        RuleError: its month is sealed.
        StaleError: it is not cancelled.
    """
    lesson = lock_lesson(lesson.pk)
    move(lesson, LessonState.PLANNED, cancel_reason="")
    _note(Verb.LESSON_RESTORED, actor, lesson, at)
    tell(actor, lesson, f"Занятие {lesson_words(lesson)} возвращено в план", lesson.date, at)
    return lesson


def lock_lesson(pk: int) -> Lesson:
    """Return the lesson with its row locked until the transaction ends."""
    return (
        Lesson.objects.select_for_update(of=("self",))
        .select_related(
            "group__course__programme__host",
            "group__course__programme__policy",
            "group__course__network",
            "group__teacher__user",
            "substitute__user",
        )
        .get(pk=pk)
    )


def lesson_words(lesson: Lesson) -> str:
    """Return a lesson as notices name it."""
    return f"{lesson.group.course}, {lesson.group}, {ru_day(lesson.date)}, {ru_time(lesson.starts)}, {lesson.room}"


def tell(
    actor: Acting, lesson: Lesson, text: str, day: date, at: datetime, *, home: Organisation | None = None
) -> None:
    """Tell the families, the home schools and those who give the lesson; not the person who changed it.

    Args:
        actor: who changed it.
        lesson: the lesson as it is now.
        text: what happened.
        day: whose pupils of that day it concerns.
        at: the moment.
        home: only what concerns this home school.
    """
    on = group_day(lesson.group, at)
    only = home.pk if home else None
    families = [user for user in families_of(lesson.group, day, on=on, home=only) if user != actor.user]
    teachers = [duty.user for duty in (lesson.group.teacher, lesson.substitute) if duty is not None]
    staff = [*followers_of(lesson.group, day, on=on, home=only), *teachers]
    notify(families, text, f"{reverse('diary')}?week={lesson.date}", at=at)
    notify([user for user in staff if user != actor.user], text, reverse("lesson", args=[lesson.pk]), at=at)


def refuse_future(lesson: Lesson, at: datetime) -> None:
    """Raise RuleError when the lesson lies in the future by the network's calendar (3.8)."""
    if lesson.date > group_day(lesson.group, at):
        raise RuleError("Занятие ещё не состоялось: записи делаются в день занятия и позже.")


def _note(verb: Verb, actor: Acting, lesson: Lesson, at: datetime) -> None:
    host = lesson.group.course.programme.host
    record(verb, actor=actor.user, organisation=host, target=lesson, at=at, changes={"date": lesson.date.isoformat()})
