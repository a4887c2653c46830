"""The agenda as a whole: whether the council has agreed to it, what its last meeting did not come to (T18, 3.11)."""

from __future__ import annotations

from datetime import timedelta

from council import voting
from council.enums import ItemState, MeetingState
from council.models import AgendaItem, AgendaVote, Meeting
from council.selectors.attendance import HELD
from council.selectors.hall import Floor

#: How long a question that was not come to is offered to the next agendas.
RECENT = timedelta(days=92)
OVER = (*HELD, MeetingState.NOT_HELD, MeetingState.CANCELLED)


def carried_by(vote: AgendaVote) -> bool:
    """Tell whether more than half of those present were for the agenda."""
    return voting.quorum(vote.total, vote.present) and voting.ordinary(vote.present, vote.votes_for)


def agenda_obstacle(floor: Floor, questions: list[int]) -> str | None:
    """Say why no question can be put to the vote yet: the agenda as it stands was not agreed to.

    Args:
        floor: the hall with its votes on the agenda.
        questions: the ids of the questions on the agenda, in their order.
    """
    if not floor.agenda_votes:
        return "Сначала утвердите повестку."
    last = floor.agenda_votes[-1]
    if last.questions != questions:
        return "Повестка изменилась: утвердите её снова."
    return None if carried_by(last) else "Повестка не утверждена: измените её или проголосуйте снова."


def left_over(meeting: Meeting) -> list[AgendaItem]:
    """Return what a meeting before `meeting` did not come to and no other agenda has taken; of the latest such one."""
    items = AgendaItem.objects.filter(
        meeting__council=meeting.council_id,
        meeting__state__in=OVER,
        meeting__planned_at__gt=meeting.planned_at - RECENT,
        state__in=[ItemState.OPEN, ItemState.SKIPPED],
        carried_to=None,
    ).exclude(meeting=meeting)
    found = list(
        items.select_related(
            "meeting__council__network", "candidate", "appointee", "school", "run", "revokes__item__meeting"
        ).order_by("-meeting__planned_at", "-meeting", "position")
    )
    return [item for item in found if item.meeting_id == found[0].meeting_id]
