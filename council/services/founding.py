"""Founding a council: the members whom the regulation names, before it has decided anything (S1-1.5, S1-5.6)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from council.enums import MeetingState, Verb
from council.models import Council, CouncilMember
from council.selectors.composition import CAPACITIES, secretary_on
from council.services._shared import lock_council
from network_portal.common.errors import RuleError
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import Duty
from schools.services.memberships import council_duty_give
from schools.services.trail import note


@transaction.atomic
def founder_seat(
    *, actor: Acting, council: Council, appointee: Duty, secretary: bool, basis: str, on: date, at: datetime
) -> CouncilMember:
    """Give somebody a seat that the regulation names; once minutes are signed, only decisions do (S1-5.4).

    Args:
        actor: the technical administrator.
        council: the council.
        appointee: the duty of a director, a deputy or a class teacher of a school.
        secretary: the seat is the secretary's, without a vote.
        basis: number and date of the regulation.
        on: the first day.
        at: the moment.

    Raises:
        RuleError: the council has signed minutes, has a secretary, or the duty makes nobody fit.
    """
    council = lock_council(council)
    if council.meetings.filter(state=MeetingState.CLOSED).exists():
        raise RuleError("Совет уже принимал решения: его состав меняется только решением совета.")
    if DutyKind(appointee.kind) not in CAPACITIES:
        raise RuleError("Место в совете получают директор, заместитель директора или классный руководитель.")
    if secretary and secretary_on(council, on) is not None:
        raise RuleError("Секретарь у совета уже есть.")
    duty = council_duty_give(
        actor=actor,
        user=appointee.user,
        organisation=appointee.organisation,
        kind=DutyKind.COUNCIL_SECRETARY if secretary else DutyKind.COUNCIL_MEMBER,
        on=on,
        basis=basis,
        at=at,
    )
    capacity = CAPACITIES[DutyKind(appointee.kind)]
    seat = CouncilMember.objects.create(council=council, duty=duty, capacity=capacity, voting=not secretary)
    note(Verb.FOUNDER_SEATED, actor, council, at, member=seat.pk)
    return seat
