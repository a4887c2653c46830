"""Letters of the council: invitations with their calendar file, the weekly digest of what is overdue."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from council.enums import MeetingState
from council.invitations import event_of, link_of
from council.models import Council, CouncilMember, Meeting
from council.selectors.decisions import overdue
from network_portal.accounts.models import User
from network_portal.common.dates import ru_date, ru_time

SUBJECTS = {MeetingState.CANCELLED: "Заседание совета отменено", MeetingState.CONVENED: "Заседание совета"}


def invitation_send(*, meeting_id: int, member_id: int, sequence: int, at: datetime) -> bool:
    """Send one member the invitation as it is now; an invitation that a later one has replaced is not sent.

    Returns:
        False when it was replaced, or the meeting has begun.
    """
    meeting = Meeting.objects.select_related("council__network").get(pk=meeting_id)
    if meeting.sequence != sequence or meeting.state not in SUBJECTS:
        return False
    member = CouncilMember.objects.select_related("duty__user").get(pk=member_id)
    content, method = event_of(meeting, member, at)
    text = render_to_string(
        "council/email/invitation.txt",
        {
            "meeting": meeting,
            "cancelled": meeting.state == MeetingState.CANCELLED,
            "moved": meeting.sequence > 0,
            "items": meeting.items.all(),
            "link": link_of(meeting),
        },
    )
    subject = f"{SUBJECTS[MeetingState(meeting.state)]}: {ru_date(meeting.day)}, {ru_time(meeting.planned_at)}"
    letter = EmailMessage(subject, text, to=[member.user.email])
    letter.attach("meeting.ics", content.decode(), f"text/calendar; method={method}; charset=utf-8")
    letter.send()
    return True


def digest_send(*, council_id: int, user_id: int, on: date) -> bool:
    """Send the chair what is overdue; False when nothing is any more (C-18)."""
    council = Council.objects.select_related("network").get(pk=council_id)
    late = overdue(council, on)
    if not late:
        return False
    link = settings.PUBLIC_URL.rstrip("/") + reverse("decision_list") + "?state=overdue"
    text = render_to_string("council/email/digest.txt", {"late": late, "link": link, "council": council})
    user = User.objects.get(pk=user_id)
    EmailMessage(f"Просроченные решения совета: {len(late)}", text, to=[user.email]).send()
    return True
