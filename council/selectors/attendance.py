"""Who missed which meetings: the ground for a removal (S1-5.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from council.enums import MeetingState
from council.models import CouncilMember, Meeting, Presence
from network_portal.common.dates import ru_day

YEAR = timedelta(days=365)
#: Meetings that took place.
HELD = (MeetingState.ENDED, MeetingState.REVIEW, MeetingState.SIGNING, MeetingState.CLOSED)


@dataclass(frozen=True)
class Attendance:
    """The meetings of the last twelve months to which a member was called.

    Attributes:
        held: their days.
        missed: those on which the member was not there for a minute.
    """

    held: tuple[date, ...]
    missed: tuple[date, ...]

    @property
    def words(self) -> str:
        """«пропущено 2 из 3 заседаний за 12 месяцев: 12.10.2026, 20.11.2026»."""
        days = ", ".join(ru_day(day) for day in self.missed)
        return f"пропущено {len(self.missed)} из {len(self.held)} заседаний за 12 месяцев" + (
            f": {days}" if days else ""
        )


def attendance_of(member: CouncilMember, day: date) -> Attendance:
    """Return how `member` attended the meetings that were held in the twelve months before `day`.

    A meeting that was not held for want of a quorum counts too: whoever did not come is why.
    """
    meetings = Meeting.objects.filter(council=member.council_id, state__in=[*HELD, MeetingState.NOT_HELD])
    first = max(day - YEAR, member.duty.date_from)
    called = [one for one in meetings.select_related("council__network") if first <= one.day <= day]
    came = set(Presence.objects.filter(member=member, meeting__in=called).values_list("meeting_id", flat=True))
    held = sorted((one.day, one.pk) for one in called)
    return Attendance(tuple(day for day, _ in held), tuple(day for day, pk in held if pk not in came))
