"""Filling the journal: one cell, or a whole lesson (S0-6p, 3.8, 6.1, 6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pghistory
from django.db import transaction

from enrollment.models import Enrolment
from gradebook import access
from gradebook.cells import Cell, parse_cell
from gradebook.enums import LessonState, Verb, WorkType
from gradebook.means import mean_text
from gradebook.models import Attendance, Lesson, Mark
from gradebook.selectors.entries import EMPTY, entries_of, month_figures
from gradebook.selectors.lessons import plan_of
from gradebook.selectors.months import Month
from gradebook.services.lessons import lock_lesson, refuse_future
from gradebook.services.refusals import refusals
from network_portal.audit.services import record
from network_portal.common.dates import ru_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from schools.acting import Acting
from schools.agreements import stopped_homes


class CellConflictError(StaleError):
    """Someone else has changed the cell meanwhile; `current` is what stands there now."""

    def __init__(self, current: str, message: str) -> None:
        super().__init__(message)
        self.current = current


@dataclass(frozen=True)
class Saved:
    """What a cell holds now, with the pupil's figures of that month."""

    text: str
    mean: str
    absences: int


@dataclass(frozen=True)
class CellChange:
    """One cell as a form sends it: what was typed and what stood there when the page was made."""

    value: str
    seen: str


@refusals()
@transaction.atomic
def cell_save(*, actor: Acting, lesson: Lesson, enrolment: Enrolment, value: str, seen: str, at: datetime) -> Saved:
    """Save what a teacher typed into a cell: a mark, a letter of attendance, both or nothing.

    The same value sent twice is saved once: a repeated request after a lost answer does no harm.

    Args:
        actor: the group's teacher.
        lesson: the column.
        enrolment: the line.
        value: as typed.
        seen: the value the teacher saw there before.
        at: the moment.

    Raises:
        RuleError: the value means nothing; the lesson is cancelled or ahead; the pupil did not study then or is of
            another group; the month is sealed (the message has the number of the paper).
        CellConflictError: the cell holds neither `seen` nor `value`.
    """
    wanted = parse_cell(value)
    lesson = lock_lesson(lesson.pk)
    _refuse_closed(lesson, enrolment, at, _stopped(lesson, [enrolment]))
    current = entries_of([lesson.pk], [enrolment.pk]).get((lesson.pk, enrolment.pk), EMPTY)
    if current != wanted:
        if current.text != seen:
            raise CellConflictError(
                current.text,
                f"Ячейку уже изменили: сейчас там «{current.text or 'пусто'}», вы ввели «{wanted.text or 'пусто'}».",
            )
        with pghistory.context(user=actor.user_id):
            _write(actor, lesson, enrolment, current, wanted, at)
        _hold(lesson)
    mean, absences = month_figures(enrolment, Month.of(lesson.date))
    return Saved(wanted.text, mean_text(mean), absences)


@refusals()
@transaction.atomic
def lesson_fill(
    *,
    actor: Acting,
    lesson: Lesson,
    topic: str,
    homework: str,
    work_type: WorkType,
    cells: Mapping[int, CellChange],
    confirm: bool,
    seen: str = "",
    at: datetime,
) -> Lesson:
    """Save a lesson's page in one act: topic, homework, kind of work, marks, and the roll call.

    Args:
        actor: the group's teacher.
        lesson: the lesson.
        topic: what it was about.
        homework: what was set.
        work_type: what its marks are given for; decides their weight.
        cells: by enrolment id; pupils who are not named are left alone.
        confirm: the roll call is complete: whoever has no letter was present.
        seen: the topic, homework and kind of work that the page showed, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        RuleError: as of `cell_save`, on the field of the pupil; nothing is saved.
        StaleError: the lesson was cancelled, or a cell or the topic was changed by someone else meanwhile; nothing is
            saved.
    """
    lesson = lock_lesson(lesson.pk)
    if lesson.state == LessonState.CANCELLED:
        raise StaleError("Занятие отменено. Верните его в план, чтобы заполнить.")
    check_seen(seen, plan_of(lesson))
    plan = {"topic": topic.strip(), "homework": homework.strip(), "work_type": work_type}
    changed = [name for name, value in plan.items() if getattr(lesson, name) != value]
    if changed:
        for name in changed:
            setattr(lesson, name, plan[name])
        lesson.full_clean(exclude=["attendance_confirmed_at"])
        lesson.save(update_fields=changed)
        _note(Verb.LESSON_FILLED, actor, lesson, lesson, at, fields=changed)
    enrolments = {
        enrolment.pk: enrolment
        for enrolment in Enrolment.objects.filter(pk__in=cells, group=lesson.group).select_related("student")
    }
    if len(enrolments) != len(cells):
        raise RuleError("Состав группы изменился. Откройте занятие заново.")
    current = entries_of([lesson.pk], list(enrolments))
    stopped = _stopped(lesson, enrolments.values())
    with pghistory.context(user=actor.user_id):
        for pk, change in cells.items():
            _fill_cell(actor, lesson, enrolments[pk], current.get((lesson.pk, pk), EMPTY), change, at, stopped)
    if confirm and lesson.attendance_confirmed_at is None:
        refuse_future(lesson, at)
        _hold(lesson)
        lesson.attendance_confirmed_at = at
        lesson.save(update_fields=["attendance_confirmed_at"])
        _note(Verb.ATTENDANCE_CONFIRMED, actor, lesson, lesson, at)
    return lesson


def _fill_cell(
    actor: Acting,
    lesson: Lesson,
    enrolment: Enrolment,
    current: Cell,
    change: CellChange,
    at: datetime,
    stopped: frozenset[int],
) -> None:
    field = f"mark_{enrolment.pk}"
    try:
        wanted = parse_cell(change.value)
        if wanted == current:
            return
        _refuse_closed(lesson, enrolment, at, stopped)
    except RuleError as error:
        raise RuleError(f"{enrolment.student.short_name}: {error.message}", field=field) from error
    if current.text != change.seen:
        raise StaleError(
            f"{enrolment.student.short_name}: запись уже изменили, сейчас там «{current.text or 'пусто'}», "
            f"вы ввели «{wanted.text or 'пусто'}». Проверьте и сохраните ещё раз."
        )
    _write(actor, lesson, enrolment, current, wanted, at)
    _hold(lesson)


def _stopped(lesson: Lesson, enrolments: Iterable[Enrolment]) -> frozenset[int]:
    """Return the home schools for whose pupils the end of an agreement has closed the journal on the lesson's day."""
    homes = {enrolment.home_id for enrolment in enrolments}
    return stopped_homes(homes, host=lesson.group.course.programme.host_id, on=lesson.date)


def _refuse_closed(lesson: Lesson, enrolment: Enrolment, at: datetime, stopped: frozenset[int]) -> None:
    """Refuse what the rules of 3.8 forbid; a sealed month is refused by the database itself."""
    if enrolment.home_id in stopped:
        raise RuleError(
            "Договор со школой обучающегося приостановлен или прекращён: за занятия после этого дня записи не делаются."
        )
    if lesson.state == LessonState.CANCELLED:
        raise RuleError("Занятие отменено: отметки и пропуски не ставятся.")
    refuse_future(lesson, at)
    if enrolment.group_id != lesson.group_id:
        raise RuleError("Обучающийся не из этой группы.")
    if enrolment.state not in access.STUDIED or enrolment.date_from is None:
        raise RuleError("Обучающийся не зачислен в группу.")
    if lesson.date < enrolment.date_from:
        raise RuleError(f"Обучающийся зачислен с {ru_day(enrolment.date_from)}, в день занятия он не обучался.")
    if enrolment.date_to is not None and lesson.date > enrolment.date_to:
        raise RuleError(f"Обучающийся выбыл {ru_day(enrolment.date_to)}, в день занятия он не обучался.")


def _write(actor: Acting, lesson: Lesson, enrolment: Enrolment, current: Cell, wanted: Cell, at: datetime) -> None:
    key: dict[str, Any] = {"lesson": lesson, "enrolment": enrolment}
    if wanted.mark != current.mark:
        if wanted.mark is None:
            Mark.objects.filter(**key).delete()
        else:
            Mark.objects.update_or_create(**key, defaults={"value": wanted.mark})
        verb = Verb.MARK_REMOVED if wanted.mark is None else Verb.MARK_CHANGED if current.mark else Verb.MARK_SET
        _note(verb, actor, lesson, enrolment, at)
    if wanted.code != current.code:
        if wanted.code is None:
            Attendance.objects.filter(**key).delete()
        else:
            Attendance.objects.update_or_create(**key, defaults={"code": wanted.code})
        _note(Verb.ATTENDANCE_SET if wanted.code else Verb.ATTENDANCE_REMOVED, actor, lesson, enrolment, at)


def _hold(lesson: Lesson) -> None:
    """A lesson at which something was recorded has taken place."""
    if lesson.state == LessonState.PLANNED:
        move(lesson, LessonState.HELD)


def _note(
    verb: Verb, actor: Acting, lesson: Lesson, target: Lesson | Enrolment, at: datetime, **changes: list[str]
) -> None:
    host = lesson.group.course.programme.host
    record(verb, actor=actor.user, organisation=host, target=target, at=at, changes={"lesson": lesson.pk, **changes})
