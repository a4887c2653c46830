"""The gate of the council: who sits in it reads, its secretary writes, two people sign the minutes (2.3, 2.4)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from council.enums import MeetingState
from council.models import (
    AgendaItem,
    Council,
    CouncilMember,
    Decision,
    Extract,
    Material,
    Meeting,
    Opinion,
    Proposal,
    Remark,
)
from network_portal.common.access import allow, get_visible
from network_portal.documents.models import Document
from schools.acting import Acting
from schools.enums import Role

PRESIDING, SECRETARY = "presiding", "secretary"
#: Who speaks for a school that the council asks for its opinion.
SPEAKERS = (Role.DIRECTOR, Role.DEPUTY, Role.RESPONSIBLE)


def council_for(acting: Acting) -> Council:
    """Return the council in which the duty acted in sits; 404 for everyone else."""
    councils = Council.objects.visible_to(acting).select_related("network", "keeper", "chair__duty__user")
    return get_object_or_404(councils)


#: What pages and services of a meeting look at.
MEETING_PARTS = (
    *("council__network", "council__keeper", "council__chair__duty__user"),
    *("presiding__duty__user", "secretary__duty__user", "document"),
)


def meetings_for(acting: Acting) -> QuerySet[Meeting]:
    """Return the meetings of that council with what their pages show."""
    return Meeting.objects.visible_to(acting).select_related(*MEETING_PARTS)


def meeting_for(
    acting: Acting, pk: int, *, to_change: bool = False, to_plan: bool = False, to_sign: bool = False
) -> Meeting:
    """Return a meeting.

    Args:
        acting: who asks.
        pk: the meeting.
        to_change: only the secretary of the council.
        to_plan: only the secretary and the chair (S1-5.7).
        to_sign: only who signs the minutes of this meeting.

    Raises:
        Http404: another council's meeting, or someone who sits in none.
        PermissionDenied: a member who may only read.
    """
    meeting = get_visible(meetings_for(acting), pk)
    allow(not to_change or keeps_record(acting))
    allow(not to_plan or may_plan(acting, meeting.council))
    allow(not to_sign or slot_of(acting, meeting) is not None)
    return meeting


def revision_for(acting: Acting, pk: int) -> int:
    """Return how often a meeting has changed, for screens that follow it; as cheap as a gate can be."""
    return get_object_or_404(Meeting.objects.visible_to(acting).only("revision"), pk=pk).revision


def meetings_to_come(council: Council) -> QuerySet[Meeting]:
    """Return the meetings onto whose agenda a question may still be put."""
    return Meeting.objects.filter(council=council, state__in=[MeetingState.PLANNED, MeetingState.CONVENED])


def item_of(meeting: Meeting, pk: int) -> AgendaItem:
    """Return an item of the agenda of `meeting`, which has passed the gate."""
    items = AgendaItem.objects.select_related("meeting__council__network", "meeting__document")
    return get_object_or_404(items.filter(meeting=meeting), pk=pk)


def material_of(meeting: Meeting, pk: int) -> Material:
    """Return a material of `meeting`, which has passed the gate."""
    return get_object_or_404(Material.objects.select_related("file", "meeting").filter(meeting=meeting), pk=pk)


def remark_of(meeting: Meeting, pk: int) -> Remark:
    """Return a remark on the minutes of `meeting`, which has passed the gate."""
    return get_object_or_404(
        Remark.objects.select_related("meeting", "member__duty__user").filter(meeting=meeting), pk=pk
    )


def minutes_for(acting: Acting, pk: int) -> tuple[Meeting, Document]:
    """Return a meeting with its minutes, a draft included: every member may read them and take a copy (S1-5.8)."""
    meeting = meeting_for(acting, pk)
    if meeting.document is None:
        raise Http404
    return meeting, meeting.document


def member_for(acting: Acting, council: Council) -> CouncilMember:
    """Return the seat that the duty acted in gives; PermissionDenied for a secretary who is no member."""
    member = CouncilMember.objects.select_related("duty__user").get(council=council, duty=acting.duty)
    allow(member.voting)
    return member


def proposals_for(acting: Acting) -> QuerySet[Proposal]:
    """Return what members wish for on agendas of the own council."""
    councils = Council.objects.visible_to(acting)
    return Proposal.objects.filter(council__in=councils).select_related("member__duty__user", "council")


def proposal_for(acting: Acting, pk: int) -> Proposal:
    """Return a proposal for answering it: only the secretary and the chair (S1-5.7)."""
    proposal = get_visible(proposals_for(acting), pk)
    allow(may_plan(acting, proposal.council))
    return proposal


def opinions_for(acting: Acting) -> QuerySet[Opinion]:
    """Return the questions on which the council asks the school acted for; the council itself reads them elsewhere."""
    if not acting.is_(*SPEAKERS):
        return Opinion.objects.none()
    own = Opinion.objects.filter(organisation=acting.organisation_id)
    return own.select_related("item__meeting__council__network", "organisation", "by")


def opinion_for(acting: Acting, pk: int) -> Opinion:
    """Return such a question; 404 for every other school."""
    return get_visible(opinions_for(acting), pk)


def decisions_for(acting: Acting) -> QuerySet[Decision]:
    """Return the decisions of the own council with what their pages show."""
    return Decision.objects.filter(item__meeting__council__in=Council.objects.visible_to(acting)).select_related(
        "item__meeting__council__network",
        "item__meeting__council__chair",
        "item__meeting__document",
        "item__meeting__secretary__duty__user",
        "item__vote",
        "item__candidate__duty__user",
        "item__appointee__user",
        "item__appointee__organisation",
        "item__school",
        "item__run",
        "item__revokes__item",
        "responsible__duty__user",
        "execution__revoked_by__item",
    )


def decision_for(acting: Acting, pk: int, *, to_report: bool = False, to_control: bool = False) -> Decision:
    """Return a decision.

    Args:
        acting: who asks.
        pk: the decision.
        to_report: only the member who carries it out, and the secretary.
        to_control: only the chair, who controls execution (S1-5.7).

    Raises:
        Http404: another council's decision.
        PermissionDenied: a member who may only read.
    """
    decision = get_visible(decisions_for(acting), pk)
    allow(not to_report or may_report(acting, decision))
    allow(not to_control or is_chair(acting, decision.item.meeting.council))
    return decision


def extracts_for(acting: Acting) -> QuerySet[Extract]:
    """Return the extracts of the own council."""
    return Extract.objects.filter(item__meeting__council__in=Council.objects.visible_to(acting)).select_related(
        "item__meeting__council__network", "item__meeting__secretary__duty__user", "item__decision", "document"
    )


def extract_for(acting: Acting, pk: int, *, to_change: bool = False) -> Extract:
    """Return an extract; with `to_change` only for the secretary."""
    extract = get_visible(extracts_for(acting), pk)
    allow(not to_change or keeps_record(acting))
    return extract


def keeps_record(acting: Acting) -> bool:
    """Tell whether `acting`, who sits in the council, is its secretary."""
    return acting.is_(Role.COUNCIL_SECRETARY)


def is_chair(acting: Acting, council: Council) -> bool:
    """Tell whether `acting` is the chair of `council`."""
    return council.chair is not None and council.chair.duty_id == (acting.duty.pk if acting.duty else None)


def may_plan(acting: Acting, council: Council) -> bool:
    """Tell whether `acting` may convene the council: its secretary or its chair (S1-5.7)."""
    return keeps_record(acting) or is_chair(acting, council)


def may_report(acting: Acting, decision: Decision) -> bool:
    """Tell whether `acting` may report that a decision was carried out: who answers for it, or the secretary."""
    answers = decision.responsible is not None and decision.responsible.duty_id == (
        acting.duty.pk if acting.duty else None
    )
    return answers or keeps_record(acting)


def council_to_plan(acting: Acting) -> Council:
    """Return the council for convening it; PermissionDenied for a member who may not."""
    council = council_for(acting)
    allow(may_plan(acting, council))
    return council


def slot_of(acting: Acting, meeting: Meeting) -> str | None:
    """Return the place under the minutes that is `acting`'s own; None for everyone who does not sign them.

    Whether they are being signed now is the services' question: who comes late is told so.
    """
    if acting.duty is None:
        return None
    if meeting.presiding is not None and meeting.presiding.duty_id == acting.duty.pk:
        return PRESIDING
    if meeting.secretary is not None and meeting.secretary.duty_id == acting.duty.pk:
        return SECRETARY
    return None
