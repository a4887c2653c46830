"""Decisions: the register, the passport of one, what is on control and what is overdue (3.12, C-18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from council.enums import ExecutionState
from council.models import AgendaItem, Council, Decision, Execution, Extract, Vote
from council.selectors.hall import formula, requirement_words
from network_portal.documents.selectors import SlotState, signature_slots

TONES = {
    ExecutionState.CONTROL: "info",
    ExecutionState.DONE: "good",
    ExecutionState.RELEASED: "neutral",
    ExecutionState.REVOKED: "bad",
}


def on_control(council: Council) -> QuerySet[Execution]:
    """Return what is to be carried out, soonest first."""
    rows = Execution.objects.filter(decision__item__meeting__council=council, state=ExecutionState.CONTROL)
    return rows.select_related("decision__item__meeting", "decision__responsible__duty__user").order_by("due", "pk")


def overdue(council: Council, on: date) -> list[Execution]:
    """Return what should have been carried out before the day `on`."""
    return list(on_control(council).filter(due__lt=on))


@dataclass(frozen=True)
class DecisionRow:
    """A decision in effect in the register."""

    decision: Decision
    execution: Execution
    overdue: bool

    @property
    def state(self) -> str:
        return "просрочено" if self.overdue else self.execution.get_state_display()

    @property
    def tone(self) -> str:
        return "bad" if self.overdue else TONES[ExecutionState(self.execution.state)]


def is_overdue(execution: Execution, on: date) -> bool:
    return execution.state == ExecutionState.CONTROL and execution.due is not None and execution.due < on


#: What the register may be narrowed to, in words.
STATES = {"control": "На исполнении", "overdue": "Просрочены", "done": "Исполнены", "revoked": "Отменены"}


def decision_rows(decisions: QuerySet[Decision], on: date, state: str = "") -> list[DecisionRow]:
    """Return the decisions in effect, the latest first; `state` is a key of `STATES`, or empty for all."""
    found = decisions.filter(execution__isnull=False).order_by("-effective_at", "item__position")
    rows = [DecisionRow(one, one.execution, is_overdue(one.execution, on)) for one in found]
    if state == "overdue":
        return [row for row in rows if row.overdue]
    if state == "done":
        return [row for row in rows if row.execution.state in (ExecutionState.DONE, ExecutionState.RELEASED)]
    return [row for row in rows if row.execution.state == state] if state in STATES else rows


@dataclass(frozen=True)
class Passport:
    """All that is known of a decision: question → vote → signatures → effect → execution (Beyond 17)."""

    decision: Decision
    item: AgendaItem
    vote: Vote
    requirement: str
    formula: str
    execution: Execution | None
    overdue: bool
    slots: list[SlotState]
    extracts: list[Extract]
    steps: list[dict[str, object]]


def passport_of(decision: Decision, on: date) -> Passport:
    """Return the passport of a decision that has passed the gate."""
    item = decision.item
    vote: Vote = item.vote
    execution = getattr(decision, "execution", None)
    slots = signature_slots(item.meeting.document) if item.meeting.document else []
    late = execution is not None and is_overdue(execution, on)
    return Passport(
        decision=decision,
        item=item,
        vote=vote,
        requirement=requirement_words(item.rule, total=vote.total, present=vote.present),
        formula=formula(item, vote),
        execution=execution,
        overdue=late,
        slots=slots,
        extracts=list(item.extracts.select_related("document")),
        steps=_steps(decision, execution, slots, late),
    )


def _steps(
    decision: Decision, execution: Execution | None, slots: list[SlotState], late: bool
) -> list[dict[str, object]]:
    signed = bool(slots) and all(slot.signed for slot in slots)
    vote: Vote = decision.item.vote
    steps = [
        _step("принято", "done", vote.at),
        _step("протокол подписан двумя", "done" if signed else "now"),
    ]
    if decision.effective_at is None or execution is None:
        return [*steps, _step("вступит в силу с подписью", "todo")]
    steps.append(_step("вступило в силу", "done", decision.effective_at))
    if execution.state == ExecutionState.REVOKED:
        return [*steps, _step("отменено другим решением", "failed")]
    if execution.state in (ExecutionState.DONE, ExecutionState.RELEASED):
        steps.append(_step("исполнено", "done"))
    else:
        note = "просрочено" if late else "срок" if execution.due else ""
        steps.append(_step("на исполнении", "failed" if late else "now", execution.due, note))
    return [*steps, _step("снято с контроля", "done" if execution.state == ExecutionState.RELEASED else "todo")]


def _step(label: str, state: str, day: date | None = None, note: str = "") -> dict[str, object]:
    return {"label": label, "state": state, "date": day, "note": note}
