"""The gate of the council: who sits in it reads, its secretary writes, two people sign the minutes (2.3, 2.4)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from council.models import AgendaItem, Council, Meeting
from network_portal.common.access import allow, get_visible
from network_portal.documents.models import Document
from schools.acting import Acting
from schools.enums import Role

PRESIDING, SECRETARY = "presiding", "secretary"


def council_for(acting: Acting) -> Council:
    """Return the council in which the duty acted in sits; 404 for everyone else."""
    councils = Council.objects.visible_to(acting).select_related("network", "keeper", "chair__duty__user")
    return get_object_or_404(councils)


def meetings_for(acting: Acting) -> QuerySet[Meeting]:
    """Return the meetings of that council with what their pages show."""
    return Meeting.objects.visible_to(acting).select_related(
        "council__network",
        "council__keeper",
        "council__chair__duty__user",
        "presiding__duty__user",
        "secretary__duty__user",
        "document",
    )


def meeting_for(acting: Acting, pk: int, *, to_change: bool = False, to_sign: bool = False) -> Meeting:
    """Return a meeting.

    Args:
        acting: who asks.
        pk: the meeting.
        to_change: only the secretary of the council.
        to_sign: only who signs the minutes of this meeting.

    Raises:
        Http404: another council's meeting, or someone who sits in none.
        PermissionDenied: a member who may only read.
    """
    meeting = get_visible(meetings_for(acting), pk)
    allow(not to_change or keeps_record(acting))
    allow(not to_sign or slot_of(acting, meeting) is not None)
    return meeting


def item_of(meeting: Meeting, pk: int) -> AgendaItem:
    """Return an item of the agenda of `meeting`, which has passed the gate."""
    return get_object_or_404(AgendaItem.objects.filter(meeting=meeting), pk=pk)


def minutes_for(acting: Acting, pk: int) -> Document:
    """Return the minutes of a meeting, a draft included: every member may read them and take a copy (S1-5.8)."""
    meeting = meeting_for(acting, pk)
    if meeting.document is None:
        raise Http404
    return meeting.document


def keeps_record(acting: Acting) -> bool:
    """Tell whether `acting`, who sits in the council, is its secretary."""
    return acting.is_(Role.COUNCIL_SECRETARY)


def may_plan(acting: Acting, council: Council) -> bool:
    """Tell whether `acting` may convene the council: its secretary or its chair (S1-5.7)."""
    return keeps_record(acting) or (council.chair is not None and council.chair.duty == acting.duty)


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
