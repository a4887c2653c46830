"""Saving what is typed into the grid or tapped in the roll call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from courses.models import StudyGroup
from courses.policies import policy_of
from gradebook import access
from gradebook.cells import mark_text
from gradebook.enums import ATTENDANCE_LETTERS, LONGEST_COMMENT, SCALE_VALUES, LessonState
from gradebook.forms.cells import CellsForm, SentCell
from gradebook.means import mean_text
from gradebook.selectors.entries import figures_of
from gradebook.selectors.lessons import lesson_lines
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.periods import period_of
from gradebook.services.cells import CellConflictError, CellEdit, CellResult, ReasonNeededError, UnknownCellError
from gradebook.services.comments import comment_write
from gradebook.services.journal import cells_save
from gradebook.services.roll import roll_confirm
from network_portal.common.errors import RuleError
from schools.acting import Acting

#: Minutes of a lateness that a phone offers.
LATE = (5, 10, 15, 20)


@require_POST
def journal_cells(request: HttpRequest, group_id: int) -> JsonResponse:
    """Save cells of a journal; each gets an answer of its own, in words when it is refused."""
    group = access.journal_for(request.acting, group_id, to_change=True)
    return _answers(request, group)


@require_POST
def lesson_cells(request: HttpRequest, pk: int) -> JsonResponse:
    """The same for one lesson, which a substitute may fill."""
    lesson = access.lesson_for(request.acting, pk, to_change=True)
    return _answers(request, lesson.group, only=lesson.pk)


@require_safe
def lesson_roll(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one lesson for a phone: a tap a pupil."""
    lesson = access.lesson_for(request.acting, pk, to_change=True)
    whole = access.writes(request.acting, lesson.group)
    url = reverse("journal_cells", args=[lesson.group_id]) if whole else reverse("lesson_cells", args=[lesson.pk])
    closed = ""
    if lesson.state == LessonState.CANCELLED:
        closed = "Занятие отменено"
    elif lesson.date > group_day(lesson.group, timezone.now()):
        closed = "Занятие ещё не состоялось"
    context = {
        "lesson": lesson,
        "month": Month.of(lesson.date),
        "lines": [] if closed else lesson_lines(request.acting, lesson),
        "closed": closed,
        "open": not closed,
        "queue": lesson.group_id if whole else f"lesson-{lesson.pk}",
        "cells_url": url,
        "codes": [(letters, code.label) for code, letters in ATTENDANCE_LETTERS.items()],
        "late": LATE,
        "longest_comment": LONGEST_COMMENT,
        "marks": [
            mark_text(value.value)
            for value in sorted(SCALE_VALUES[policy_of(lesson.group.course.programme).scale], reverse=True)
        ],
    }
    return render(request, "gradebook/journal_roll.html", context)


def _answers(request: HttpRequest, group: StudyGroup, only: int | None = None) -> JsonResponse:
    form = CellsForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "Запрос не понят. Обновите страницу и повторите."}, status=400)
    at = timezone.now()
    sent: list[SentCell] = form.cleaned_data["cells"]
    answers: list[dict[str, Any]] = []
    # one reason goes for all cells of a request to the service
    for (reason, roll_call, comment, known), some in groupby(
        sent, key=lambda one: (one.reason, one.is_roll_call, one.is_comment, only in (None, one.edit.lesson))
    ):
        edits = [one.edit for one in some]
        if not known:
            answers += [_refused(UnknownCellError()) for _ in edits]
        elif roll_call:
            answers += [_roll_call(request.acting, group, edit, at) for edit in edits]
        elif comment:
            answers += [_answer(_commented(request.acting, group, edit, at)) for edit in edits]
        else:
            answers += map(_answer, _saved(request.acting, group, edits, reason, at))
    _add_figures(group, form.cleaned_data["period"], sent, answers, at)
    return JsonResponse({"results": answers})


def _saved(acting: Acting, group: StudyGroup, edits: Sequence[CellEdit], reason: str, at: datetime) -> list[CellResult]:
    """Save the cells together; where a trigger refuses all because of one, each by itself."""
    try:
        return cells_save(actor=acting, group=group, edits=edits, reason=reason, at=at)
    except RuleError as error:
        if len(edits) == 1:
            return [CellResult(edits[0], edits[0].seen, error)]
        return [result for edit in edits for result in _saved(acting, group, [edit], reason, at)]


def _roll_call(acting: Acting, group: StudyGroup, edit: CellEdit, at: datetime) -> dict[str, Any]:
    try:
        roll_confirm(actor=acting, group=group, lesson=edit.lesson, at=at)
    except RuleError as error:
        return _refused(error)
    return {"status": "saved", "value": edit.value}


def _commented(acting: Acting, group: StudyGroup, edit: CellEdit, at: datetime) -> CellResult:
    try:
        return CellResult(edit, comment_write(actor=acting, group=group, edit=edit, at=at))
    except CellConflictError as error:
        return CellResult(edit, error.current, error)
    except RuleError as error:
        return CellResult(edit, edit.seen, error)


def _answer(result: CellResult) -> dict[str, Any]:
    error = result.error
    if error is None:
        return {"status": "saved", "value": result.text}
    if isinstance(error, CellConflictError):
        return {"status": "conflict", "error": error.message, "current": result.text}
    if isinstance(error, ReasonNeededError):
        return {"status": "reason", "error": error.message, "current": result.text}
    return _refused(error)


def _refused(error: RuleError) -> dict[str, Any]:
    return {"status": "refused", "error": error.message}


def _add_figures(
    group: StudyGroup, key: str, sent: Sequence[SentCell], answers: Sequence[dict[str, Any]], at: datetime
) -> None:
    """Put the pupils' figures of the period that the page shows beside what was saved."""
    saved = {
        one.edit.enrolment
        for one, answer in zip(sent, answers, strict=True)
        if answer["status"] == "saved" and not one.is_roll_call and not one.is_comment
    }
    if not saved or not key:
        return
    period = period_of(group, key, group_day(group, at))
    figures = figures_of(saved, period.first, period.last, policy_of(group.course.programme))
    for one, answer in zip(sent, answers, strict=True):
        if answer["status"] == "saved" and one.edit.enrolment in figures and not one.is_comment:
            figure = figures[one.edit.enrolment]
            answer |= {"mean": mean_text(figure.mean), "absences": figure.absences}
