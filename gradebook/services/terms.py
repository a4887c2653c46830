"""Giving final marks of a term or a year (6.4–6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pghistory
from django.db import transaction

from courses.models import StudyGroup
from courses.policies import policy_of
from enrollment.models import Enrolment
from gradebook import access
from gradebook.attestation import final_values
from gradebook.cells import mark_text
from gradebook.enums import Term, Verb
from gradebook.means import rounded
from gradebook.models import TermMark
from gradebook.selectors.months import group_day
from gradebook.selectors.terms import TermPeriod, TermRow, seen_term, term_rows, terms_of
from network_portal.audit.services import Note, record_notes
from network_portal.common.dates import ru_day
from network_portal.common.errors import RuleError, StaleError
from schools.acting import Acting


@dataclass(frozen=True)
class TermEdit:
    """A final mark as a form sends it: None for none, with what stood there when the page was made."""

    value: int | None
    reason: str = ""
    seen: str = ""


class TermRefusalError(RuleError):
    """Some of the marks are not taken; `errors` has a sentence by the enrolment's id. Nothing is saved."""

    def __init__(self, errors: dict[int, str]) -> None:
        super().__init__("Не сохранено: посмотрите строки с замечаниями.")
        self.errors = errors


@transaction.atomic
def term_marks_save(*, actor: Acting, group: StudyGroup, term: str, edits: Mapping[int, TermEdit], at: datetime) -> int:
    """Give, change or take back the final marks of one term in one act.

    Args:
        actor: the group's teacher.
        group: the group.
        term: which of its terms.
        edits: by enrolment id; pupils who are not named are left alone.
        at: the moment.

    Returns:
        How many marks changed.

    Raises:
        RuleError: the group has no such term, or it has not begun.
        TermRefusalError: a mark is not of the scale, or differs from the proposal without a reason.
        StaleError: someone else changed one of the marks meanwhile.
    """
    group = (
        StudyGroup.objects.select_for_update(of=("self",), no_key=True)
        .select_related("course__programme__host", "course__programme__policy", "course__network")
        .get(pk=group.pk)
    )
    policy = policy_of(group.course.programme)
    terms = terms_of(group, policy)
    shown = next((one for one in terms if one.term == term), None)
    if shown is None:
        raise RuleError("Такого учебного периода у группы нет. Обновите страницу.")
    if shown.first > group_day(group, at):
        raise RuleError(f"{shown.label} начинается {ru_day(shown.first)}: итоговые отметки ещё не ставятся.")
    enrolments = Enrolment.objects.filter(group=group, state__in=access.STUDIED, pk__in=edits).select_related("student")
    rows = {row.enrolment.pk: row for row in term_rows(group, policy, terms, shown, list(enrolments))}
    if len(rows) != len(edits):
        raise RuleError("Состав группы изменился. Откройте итоги заново.")
    changed, errors = [], {}
    for pk, edit in edits.items():
        row = rows[pk]
        if edit.seen != seen_term(row.mark(shown.term)):
            raise StaleError(
                f"{row.enrolment.student.short_name}: итоговую отметку уже изменили. Обновите страницу и проверьте."
            )
        if not _differs(row, shown, edit):
            continue
        if refusal := _refusal(row, edit, final_values(policy)):
            errors[pk] = refusal
        changed.append((row, edit))
    if errors:
        raise TermRefusalError(errors)
    _write(actor, group, shown, changed, at)
    return len(changed)


def _differs(row: TermRow, period: TermPeriod, edit: TermEdit) -> bool:
    there = row.mark(period.term)
    return (edit.value, edit.reason.strip() if edit.value is not None else "") != (
        (there.value, there.reason) if there else (None, "")
    )


def _refusal(row: TermRow, edit: TermEdit, allowed: tuple[int, ...]) -> str:
    if row.card:
        return f"Отметка вошла в табель {row.card}. Исправить её можно, когда табель аннулируют."
    if edit.value is None:
        return ""
    if edit.value not in allowed:
        return "Такой отметки на этом курсе нет."
    if not row.studied:
        return "В этом периоде обучающийся в группе не обучался."
    proposal = row.standing.proposal
    if edit.value == proposal.value or edit.reason.strip():
        return ""
    if proposal.value is None:
        return "Портал ничего не предлагает: укажите, на каком основании ставится отметка."
    return f"Предложено «{proposal.text}», вы ставите «{mark_text(edit.value)}»: укажите причину."


def _write(
    actor: Acting, group: StudyGroup, period: TermPeriod, changed: list[tuple[TermRow, TermEdit]], at: datetime
) -> None:
    term = Term(period.term)
    gone = [row.enrolment.pk for row, edit in changed if edit.value is None]
    given = [
        TermMark(
            enrolment=row.enrolment,
            term=term,
            value=edit.value,
            proposal=row.standing.proposal.value,
            mean=rounded(row.standing.figures.mean),
            reason=edit.reason.strip(),
            given_by=actor.user,
            given_at=at,
        )
        for row, edit in changed
        if edit.value is not None
    ]
    with pghistory.context(user=actor.user_id):
        if gone:
            TermMark.objects.filter(term=term, enrolment__in=gone).delete()
        if given:
            TermMark.objects.bulk_create(
                given,
                update_conflicts=True,
                unique_fields=["enrolment", "term"],
                update_fields=["value", "proposal", "mean", "reason", "given_by", "given_at"],
            )
    notes = (
        Note(Verb.TERM_MARK_CHANGED if row.mark(term) else Verb.TERM_MARK_SET, row.enrolment, {"term": term.value})
        for row, _ in changed
    )
    record_notes(notes, actor=actor.user, organisation=group.course.programme.host, at=at)
