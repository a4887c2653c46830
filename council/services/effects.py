"""What signed minutes switch on, and what a revocation switches off: nothing takes effect before (3.12, S1-5.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from council.enums import ABOUT_GROUPS, Capacity, ExecutionState, ItemKind, Verb
from council.models import Council, CouncilMember, Decision, Execution, Meeting, Regulation
from council.selectors.composition import CAPACITIES, secretary_on
from council.services._shared import lock_council
from courses.approvals import groups_approval_lift, groups_approve
from courses.models import StudyGroup
from enrollment.services.allocation import allocation_approve
from network_portal.common.dates import local_day, ru_date, ru_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import AllocationApproval, DutyKind
from schools.services.duties import duty_end
from schools.services.memberships import council_duty_give, membership_begin, membership_end
from schools.services.trail import note


def take_effect(actor: Acting, council: Council, meeting: Meeting, today: date, at: datetime) -> None:
    """Switch on what the council decided, in the transaction of the last signature.

    What cannot be done by now, because a draft was computed anew or a school has left, is told and can be tried again;
    the decision is in force all the same.
    """
    decisions = Decision.objects.filter(item__meeting=meeting).select_related(
        "item__candidate__duty__user",
        "item__appointee__user",
        "item__appointee__organisation",
        "item__school",
        "item__run",
        "item__revokes__item",
        "item__meeting__document",
    )
    for decision in decisions.order_by("item__position"):
        decision.effective_at = at
        decision.save(update_fields=["effective_at"])
        execution = Execution.objects.create(decision=decision, due=decision.due)
        _apply(actor, council, decision, execution, today, at)


@transaction.atomic
def decision_apply(*, actor: Acting, decision: Decision, at: datetime) -> Execution:
    """Try again what the portal could not do when the minutes were signed.

    Raises:
        StaleError: it was done, or the decision is undone.
    """
    council = lock_council(decision.item.meeting.council)
    execution = Execution.objects.select_for_update(of=("self",)).get(decision=decision)
    if not execution.failure or execution.state == ExecutionState.REVOKED:
        raise StaleError("Портал уже исполнил это решение, или оно отменено. Обновите страницу.")
    _apply(actor, council, decision, execution, local_day(at, council.network.time_zone), at)
    if execution.failure:
        notify(
            [actor.user], f"Решение не исполнено: {execution.failure}", reverse("decision", args=[decision.pk]), at=at
        )
    return execution


def basis_of(meeting: Meeting) -> str:
    """Return «протокол координационного совета № 3 от 20 июня 2026 г.»."""
    document = meeting.document
    assert document is not None
    return f"протокол координационного совета №\u00a0{document.number} от {ru_date(document.registered_on)}"


def _apply(
    actor: Acting, council: Council, decision: Decision, execution: Execution, today: date, at: datetime
) -> None:
    """Do what the kind of the decision means and note what was done, or why it could not be."""
    effect = EFFECTS.get(ItemKind(decision.item.kind))
    words, failure = "", ""
    if effect is not None:
        try:
            with transaction.atomic():
                words = effect(actor, council, decision, today, at)
        except RuleError as refusal:
            failure = refusal.message
    execution.effect, execution.failure = words[:500], failure[:500]
    execution.save(update_fields=["effect", "failure"])
    if words or failure:
        verb = Verb.DECISION_NOT_APPLIED if failure else Verb.DECISION_APPLIED
        note(verb, actor, council, at, decision=decision.pk, words=words or failure)
    if words and not decision.executor and decision.responsible_id is None and execution.due is None:
        move(execution, ExecutionState.DONE)  # nothing is left for people to do


def _chair(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    member = decision.item.candidate
    assert member is not None
    council.chair = member
    council.save(update_fields=["chair"])
    note(Verb.CHAIR_TOOK_OFFICE, actor, council, at, member=member.pk, meeting=decision.item.meeting_id)
    return f"Председатель совета – {member.user.short_name}"


def _secretary(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    """The new secretary begins on the day after, the former one ends on this day: there are never two or none."""
    duty = decision.item.appointee
    assert duty is not None
    first = today + timedelta(days=1)
    former = secretary_on(council, today)
    if former is not None and former.user.pk == duty.user_id:
        raise RuleError(f"{former.user.short_name} уже секретарь совета.")
    if former is not None:
        duty_end(actor=actor, duty=former.duty, on=first, at=at)
        _ended_by(former, decision)
    seat = _seat(actor, council, decision, DutyKind.COUNCIL_SECRETARY, first, at, voting=False)
    note(Verb.SECRETARY_TOOK_OFFICE, actor, council, at, member=seat.pk, meeting=decision.item.meeting_id)
    return f"Секретарь совета с {ru_day(first)} – {duty.user.short_name}"


def _member_in(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    duty = decision.item.appointee
    assert duty is not None
    first = today + timedelta(days=1)
    seat = _seat(actor, council, decision, DutyKind.COUNCIL_MEMBER, first, at, voting=True)
    note(Verb.MEMBER_ADMITTED, actor, council, at, member=seat.pk, meeting=decision.item.meeting_id)
    return f"В составе совета с {ru_day(first)} – {duty.user.short_name}"


def _seat(
    actor: Acting, council: Council, decision: Decision, kind: DutyKind, first: date, at: datetime, *, voting: bool
) -> CouncilMember:
    duty = decision.item.appointee
    assert duty is not None
    given = council_duty_give(
        actor=actor,
        user=duty.user,
        organisation=duty.organisation,
        kind=kind,
        on=first,
        basis=basis_of(decision.item.meeting),
        at=at,
    )
    capacity = CAPACITIES.get(DutyKind(duty.kind), Capacity.DEPUTY)
    return CouncilMember.objects.create(
        council=council, duty=given, capacity=capacity, voting=voting, admitted_by=decision
    )


def _member_out(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    member = decision.item.candidate
    assert member is not None
    removed = decision.item.kind == ItemKind.REMOVAL
    if member.duty.date_to is None or member.duty.date_to > today:
        duty_end(actor=actor, duty=member.duty, on=today + timedelta(days=1), at=at)
    _ended_by(member, decision)
    verb = Verb.MEMBER_REMOVED if removed else Verb.MEMBER_WITHDRAWN
    note(verb, actor, council, at, member=member.pk, meeting=decision.item.meeting_id)
    return f"{member.user.short_name} – в составе совета по {ru_day(today)}"


def _school_in(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    school = decision.item.school
    assert school is not None
    first = today + timedelta(days=1)
    basis = basis_of(decision.item.meeting)
    membership_begin(actor=actor, network=council.network, organisation=school, on=first, basis=basis, at=at)
    return f"{school.short_name} участвует в сети с {ru_day(first)}"


def _school_out(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    """The school leaves, and its people with it: they sit in the council for the school (S1-1.6)."""
    school = decision.item.school
    assert school is not None
    last = today + timedelta(days=1)
    basis = basis_of(decision.item.meeting)
    membership_end(actor=actor, network=council.network, organisation=school, on=last, basis=basis, at=at)
    seats = CouncilMember.objects.filter(council=council, duty__organisation=school).serving_on(last)
    for seat in seats.select_related("duty"):
        duty_end(actor=actor, duty=seat.duty, on=last, at=at)
        _ended_by(seat, decision)
    return f"{school.short_name} участвует в сети по {ru_day(today)}"


def _regulation(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    edition = decision.item.regulation
    Regulation.objects.filter(council=council, in_force_from__isnull=False, in_force_to=None).update(
        in_force_to=today - timedelta(days=1)
    )
    edition.in_force_from = today
    edition.save(update_fields=["in_force_from"])
    return f"Редакция {edition.no} положения действует с {ru_day(today)}"


def _groups(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    groups = _groups_of(decision)
    groups_approve(actor=actor, groups=groups, basis=basis_of(decision.item.meeting), at=at)
    return f"Утверждены с расписанием: {', '.join(group.name for group in groups)}"


def _groups_of(decision: Decision) -> list[StudyGroup]:
    things = decision.item.things.filter(group__isnull=False).select_related("group")
    return [thing.group for thing in things if thing.group is not None]


def _allocation(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    item = decision.item
    assert item.run is not None
    basis = basis_of(item.meeting)
    allocation_approve(
        actor=actor, run=item.run, sha256=item.run_sha256, basis=basis, at=at, by=AllocationApproval.COUNCIL
    )
    return "Распределение по группам утверждено, семьи и школы уведомлены"


def _revocation(actor: Acting, council: Council, decision: Decision, today: date, at: datetime) -> str:
    undone = decision.item.revokes
    assert undone is not None
    execution = Execution.objects.select_for_update().get(decision=undone)
    move(execution, ExecutionState.REVOKED, revoked_by=decision)
    if undone.item.kind == ItemKind.CHAIR and council.chair_id == undone.item.candidate_id:
        council.chair = None
        council.save(update_fields=["chair"])
    elif undone.item.kind == ItemKind.REGULATION:
        _regulation_back(council, undone, today)
    elif undone.item.kind in ABOUT_GROUPS:
        basis = basis_of(Meeting.objects.select_related("document").get(pk=undone.item.meeting_id))
        groups_approval_lift(actor=actor, groups=_groups_of(undone), basis=basis, at=at)
    note(Verb.DECISION_REVOKED, actor, council, at, decision=undone.pk, by=decision.pk)
    return f"Отменено решение «{undone.item.title}»"


def _regulation_back(council: Council, undone: Decision, today: date) -> None:
    """The edition before comes back, if the one undone is in force."""
    edition = undone.item.regulation
    if edition.in_force_to is not None:
        return
    edition.in_force_to = today
    edition.save(update_fields=["in_force_to"])
    before = (
        Regulation.objects.filter(council=council, in_force_from__isnull=False, no__lt=edition.no)
        .exclude(item__decision__execution__state=ExecutionState.REVOKED)
        .order_by("-no")
        .first()
    )
    if before is not None:
        before.in_force_to = None
        before.save(update_fields=["in_force_to"])


def _ended_by(member: CouncilMember, decision: Decision) -> None:
    member.ended_by = decision
    member.save(update_fields=["ended_by"])


Effect = Callable[[Acting, Council, Decision, date, datetime], str]
EFFECTS: dict[ItemKind, Effect] = {
    ItemKind.CHAIR: _chair,
    ItemKind.SECRETARY: _secretary,
    ItemKind.MEMBER_IN: _member_in,
    ItemKind.MEMBER_OUT: _member_out,
    ItemKind.REMOVAL: _member_out,
    ItemKind.SCHOOL_IN: _school_in,
    ItemKind.SCHOOL_OUT: _school_out,
    ItemKind.REGULATION: _regulation,
    ItemKind.GROUPS: _groups,
    ItemKind.TIMETABLE: _groups,
    ItemKind.ALLOCATION: _allocation,
    ItemKind.REVOCATION: _revocation,
}
