"""Filling the journal: cells, or a whole lesson (S0-6p, 3.8, 6.1, 6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.enums import LessonState, Verb, WorkType
from gradebook.models import Lesson, Work
from gradebook.selectors.entries import works_of
from gradebook.selectors.lessons import plan_of, topic_of
from gradebook.services.cells import Batch, CellConflictError, CellEdit, CellResult
from gradebook.services.lessons import lock_lesson, refuse_future
from gradebook.services.refusals import refusals
from network_portal.audit.services import record
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from schools.acting import Acting

MOST_CELLS = 2000


@dataclass(frozen=True)
class CellChange:
    """One cell of a lesson's form: what was typed and what stood there when the page was made."""

    value: str
    seen: str


@dataclass(frozen=True)
class WorkPlan:
    """One work of a lesson's form."""

    kind: WorkType
    title: str = ""
    criteria: str = ""
    whole_class: bool = False


@refusals()
@transaction.atomic
def cells_save(
    *, actor: Acting, group: StudyGroup, edits: Sequence[CellEdit], reason: str = "", at: datetime
) -> list[CellResult]:
    """Save what a teacher typed into cells: marks, a letter of attendance, both or nothing.

    What may be saved is saved, the rest is answered with words; the same values sent twice are saved once, so that a
    repeated request after a lost answer does no harm. The number of statements does not depend on that of cells.

    Args:
        actor: the group's teacher.
        group: the journal, with its course, programme and network.
        edits: the cells; one named twice is judged in turn.
        reason: why marks are changed after the days of free correction.
        at: the moment.

    Returns:
        A result for each edit in turn; `error` is a `CellConflictError` with both values, an `UnknownCellError`, a
        `ReasonNeededError`, or another `RuleError`.

    Raises:
        RuleError: too many cells at once; or a month is being sealed at this very moment: nothing is saved.
    """
    if len(edits) > MOST_CELLS:
        raise RuleError(f"За один раз сохраняется не больше {MOST_CELLS} ячеек. Вставьте меньше.")
    batch = Batch(actor, group, edits, at, reason.strip())
    results = batch.judge()
    batch.write()
    return results


@dataclass(frozen=True)
class PlannedTopic:
    """The id of a row of the thematic plan, or None for a lesson outside it."""

    row: int | None


@refusals()
@transaction.atomic
def lesson_fill(
    *,
    actor: Acting,
    lesson: Lesson,
    topic: str,
    homework: str,
    works: Sequence[WorkPlan],
    cells: Mapping[int, CellChange],
    confirm: bool,
    reason: str = "",
    planned_topic: PlannedTopic | None = None,
    seen: str = "",
    at: datetime,
) -> Lesson:
    """Save a lesson's page in one act: topic, homework, works, marks, and the roll call.

    Args:
        actor: the group's teacher.
        lesson: the lesson.
        topic: what it was about.
        homework: what was set.
        works: what its marks are given for, in order; works beyond these are left as they are.
        cells: by enrolment id; pupils who are not named are left alone.
        confirm: the roll call is complete: whoever has no letter was present.
        reason: why marks are changed after the days of free correction.
        planned_topic: the topic of the thematic plan, whose words are taken when `topic` is empty; None leaves it.
        seen: what the page showed of topic, homework and works, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        RuleError: as of `cells_save`, on the field of the pupil; nothing is saved.
        StaleError: the lesson was cancelled, or a cell or the topic was changed by someone else meanwhile; nothing is
            saved.
    """
    lesson = lock_lesson(lesson.pk)
    if lesson.state == LessonState.CANCELLED:
        raise StaleError("Занятие отменено. Верните его в план, чтобы заполнить.")
    there = works_of([lesson.pk])[lesson.pk]
    check_seen(seen, plan_of(lesson, there))
    plan: dict[str, object] = {"topic": topic.strip(), "homework": homework.strip()}
    if planned_topic is not None:
        row = topic_of(lesson, planned_topic.row)
        plan |= {"plan_row": row, "topic": plan["topic"] or (row.topic if row else "")}
    changed = [name for name, value in plan.items() if getattr(lesson, name) != value]
    if changed:
        for name in changed:
            setattr(lesson, name, plan[name])
        lesson.full_clean(exclude=["attendance_confirmed_at"])
        lesson.save(update_fields=changed)
    if _plan_works(lesson, there, works):
        changed.append("works")
    if changed:
        _note(Verb.LESSON_FILLED, actor, lesson, at, fields=changed)
    batch = Batch(
        actor,
        lesson.group,
        [CellEdit(lesson.pk, pk, change.value, change.seen) for pk, change in cells.items()],
        at,
        reason.strip(),
    )
    for result in batch.judge():
        if result.error:
            _refuse(result, batch.enrolments.get(result.edit.enrolment))
    batch.write()
    if batch.changes:
        lesson.refresh_from_db(fields=["state"])
    if confirm and lesson.attendance_confirmed_at is None:
        refuse_future(lesson, at)
        if lesson.state == LessonState.PLANNED:
            move(lesson, LessonState.HELD)
        lesson.attendance_confirmed_at = at
        lesson.save(update_fields=["attendance_confirmed_at"])
        _note(Verb.ATTENDANCE_CONFIRMED, actor, lesson, at)
    return lesson


def _plan_works(lesson: Lesson, there: list[Work], wanted: Sequence[WorkPlan]) -> bool:
    """Make the lesson's works what the form says; tell whether anything changed."""
    changed = False
    for no, plan in enumerate(wanted, start=1):
        work = there[no - 1] if no <= len(there) else Work(lesson=lesson, no=no)
        values = {
            "kind": plan.kind,
            "title": plan.title.strip(),
            "criteria": plan.criteria.strip(),
            "whole_class": plan.whole_class,
        }
        if work.pk is not None and all(getattr(work, name) == value for name, value in values.items()):
            continue
        for name, value in values.items():
            setattr(work, name, value)
        work.full_clean(exclude=["lesson"])
        work.save(update_fields=list(values) if work.pk else None)
        changed = True
    return changed


def _refuse(result: CellResult, enrolment: Enrolment | None) -> None:
    """Raise what became of one cell of a form, with the pupil's name."""
    error = result.error
    if enrolment is None:
        raise RuleError("Состав группы изменился. Откройте занятие заново.")
    name = enrolment.student.short_name
    if isinstance(error, CellConflictError):
        raise StaleError(
            f"{name}: запись уже изменили, сейчас там «{error.current or 'пусто'}», "
            f"вы ввели «{error.wanted or 'пусто'}». Проверьте и сохраните ещё раз."
        )
    assert error is not None
    raise RuleError(f"{name}: {error.message}", field=error.field or f"mark_{enrolment.pk}") from error


def _note(verb: Verb, actor: Acting, lesson: Lesson, at: datetime, **changes: list[str]) -> None:
    host = lesson.group.course.programme.host
    record(verb, actor=actor.user, organisation=host, target=lesson, at=at, changes={"lesson": lesson.pk, **changes})
