"""The draft of the minutes: who has read it, what still stands against signing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from council.enums import MeetingState
from council.models import CouncilMember, Meeting, Remark
from network_portal.common.dates import ru_date


@dataclass(frozen=True)
class Review:
    """How far the members are with the draft.

    Attributes:
        remarks: what they said, in order.
        read: who has said anything.
        waits_for: who was at the meeting and has said nothing.
    """

    remarks: list[Remark]
    read: list[CouncilMember]
    waits_for: list[CouncilMember]

    @property
    def unanswered(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.text and not remark.answer]


def review_of(meeting: Meeting) -> Review:
    """Return what the members said of the draft of the minutes of `meeting`."""
    remarks = list(meeting.remarks.select_related("member__duty__user", "member__duty__organisation"))
    came = CouncilMember.objects.filter(presences__meeting=meeting).select_related("duty__user").distinct()
    said = {remark.member_id: remark.member for remark in remarks}
    return Review(remarks, list(said.values()), [member for member in came if member.pk not in said])


def submit_obstacle(meeting: Meeting, today: date) -> str | None:
    """Say why the minutes cannot be handed over for signing on the day `today`."""
    if meeting.state == MeetingState.ENDED:
        shown = meeting.review_until is not None or not meeting.council.remark_days
        return None if shown else "Сначала покажите проект протокола членам совета."
    if meeting.state != MeetingState.REVIEW or meeting.review_until is None:
        return "Заседание ещё не закрыто."
    review = review_of(meeting)
    if review.unanswered:
        return "Ответьте на каждое замечание."
    if review.waits_for and today <= meeting.review_until:
        names = ", ".join(member.user.short_name for member in review.waits_for)
        return f"Замечания принимаются по {ru_date(meeting.review_until)}. Ещё не ответили: {names}."
    return None
