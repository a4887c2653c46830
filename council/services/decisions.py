"""Control of decisions in effect: done, overdue, off control; reminders and the weekly digest (S1-5.7, 3.12, C-18)."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.urls import reverse

from council.enums import ExecutionState, Verb
from council.models import Council, Decision, Execution
from council.selectors.calendar import june_of, quarters
from council.selectors.composition import chair_on, secretary_on
from council.selectors.decisions import on_control, overdue
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day, ru_date, school_year
from network_portal.common.errors import RuleError
from network_portal.common.russian import plural
from network_portal.common.states import move
from network_portal.notices.services import notify
from network_portal.outbox.services import emit, run_once
from schools.acting import Acting
from schools.services.trail import note

#: How many days before a term people are reminded.
REMINDED = (14, 7, 1)


@transaction.atomic
def execution_report(*, actor: Acting, decision: Decision, report: str, at: datetime) -> Execution:
    """Report that a decision was carried out, in words.

    Raises:
        RuleError: nothing is reported, on the field "report".
        StaleError: it is not on control.
    """
    if not report.strip():
        raise RuleError("Напишите, что сделано.", field="report")
    execution = _lock(decision)
    move(execution, ExecutionState.DONE, report=report.strip())
    _log(Verb.EXECUTION_DONE, actor, decision, at)
    council = decision.item.meeting.council
    chair = chair_on(council, actor.on)
    if chair is not None:
        text = f"Исполнено решение «{decision.item.title}»: проверьте и снимите с контроля"
        notify([chair.user], text, reverse("decision", args=[decision.pk]), at=at)
    return execution


@transaction.atomic
def execution_return(*, actor: Acting, decision: Decision, reason: str, at: datetime) -> Execution:
    """Say that a decision was not carried out after all: it is on control again.

    Raises:
        RuleError: no reason, on the field "reason".
        StaleError: it is not reported as done.
    """
    if not reason.strip():
        raise RuleError("Укажите, чего не хватает.", field="reason")
    execution = _lock(decision)
    move(execution, ExecutionState.CONTROL)
    _log(Verb.EXECUTION_RETURNED, actor, decision, at, reason=reason.strip())
    if decision.responsible is not None:
        text = f"Решение «{decision.item.title}» возвращено на исполнение: {reason.strip()}"
        notify([decision.responsible.user], text, reverse("decision", args=[decision.pk]), at=at)
    return execution


@transaction.atomic
def execution_release(*, actor: Acting, decision: Decision, at: datetime) -> Execution:
    """Take a decision off control: the chair has seen what was done (3.12).

    Raises:
        StaleError: it is off control already, or undone.
    """
    execution = _lock(decision)
    move(execution, ExecutionState.RELEASED)
    _log(Verb.EXECUTION_RELEASED, actor, decision, at)
    return execution


@transaction.atomic
def execution_move(*, actor: Acting, decision: Decision, due: date, reason: str, at: datetime) -> Execution:
    """Give more time; the decision itself stays as it was signed.

    Raises:
        RuleError: the day has passed, on "due"; no reason, on "reason"; it is not on control.
    """
    if not reason.strip():
        raise RuleError("Укажите причину: она останется в истории.", field="reason")
    execution = _lock(decision)
    council = decision.item.meeting.council
    if execution.state != ExecutionState.CONTROL:
        raise RuleError("Срок меняют у решения, которое на исполнении.")
    if due < local_day(at, council.network.time_zone):
        raise RuleError("Эта дата уже прошла.", field="due")
    before, execution.due = execution.due, due
    clean(execution, exclude=["revoked_by"])
    execution.save(update_fields=["due"])
    _log(
        Verb.EXECUTION_MOVED, actor, decision, at, before=str(before or ""), due=due.isoformat(), reason=reason.strip()
    )
    return execution


# --- reminders ----------------------------------------------------------------------------------------------------


def council_remind(*, on: date, at: datetime) -> None:
    """Remind of terms that come near, and on Mondays tell each chair what is overdue; once a day each (C-06, C-12).

    Args:
        on: the day.
        at: the moment.
    """
    for council in Council.objects.select_related("network", "chair__duty__user"):
        slot = on.isoformat()
        run_once(job=f"council.remind:{council.pk}", slot=slot, at=at, work=partial(_remind, council, on, at))


def _remind(council: Council, on: date, at: datetime) -> None:
    heads = [seat.user for seat in (chair_on(council, on), secretary_on(council, on)) if seat is not None]
    for execution in on_control(council):
        member = execution.decision.responsible
        if member is not None and execution.due is not None and (execution.due - on).days in REMINDED:
            text = f"До {ru_date(execution.due)} нужно исполнить решение совета: {execution.decision.item.title}"
            notify([member.user], text, reverse("decision", args=[execution.decision_id]), at=at)
    for quarter in quarters(council, school_year(on), on):
        if quarter.missing and (quarter.deadline - on).days in REMINDED:
            text = f"{quarter.words}: до {ru_date(quarter.deadline)} нужно провести заседание совета"
            notify(heads, text, reverse("meeting_list"), at=at)
    june = june_of(council, school_year(on))
    if june.missing and (june.deadline - on).days in REMINDED:
        text = f"До {ru_date(june.deadline)} совет решает: {', '.join(june.missing)}"
        notify(heads, text, reverse("meeting_list"), at=at)
    if on.weekday() == 0:
        _digest(council, on, at)


def _digest(council: Council, on: date, at: datetime) -> None:
    """Tell the chair weekly what is overdue, on the portal and by e-mail (C-18)."""
    chair, late = chair_on(council, on), overdue(council, on)
    if chair is None or not late:
        return
    words = f"Просрочено {len(late)} {plural(len(late), 'решение совета,решения совета,решений совета')}"
    notify([chair.user], words, reverse("decision_list") + "?state=overdue", at=at)
    emit(
        topic="council.digest",
        key=f"council:{council.pk}:digest:{on.isoformat()}",
        payload={"council_id": council.pk, "user_id": chair.user.pk, "on": on.isoformat()},
        at=at,
    )


def _lock(decision: Decision) -> Execution:
    return Execution.objects.select_for_update(of=("self",)).get(decision=decision)


def _log(verb: Verb, actor: Acting, decision: Decision, at: datetime, **changes: object) -> None:
    note(verb, actor, decision.item.meeting.council, at, decision=decision.pk, **changes)
