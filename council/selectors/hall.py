"""The hall: who is in it, whether there is a quorum, what the law forbids at this moment and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from council import voting
from council.enums import ItemRule, ItemState, MeetingState
from council.models import AgendaItem, AgendaVote, CouncilMember, Meeting, Presence, Vote
from council.selectors.composition import voters
from network_portal.common.dates import ru_time
from network_portal.common.russian import NBSP


@dataclass(frozen=True)
class Floor:
    """Who may vote and who is in the hall at this moment.

    Attributes:
        members: the composition with a vote on the day of the meeting.
        presences: every stay in the hall, in order of arrival.
        agenda_votes: the votes on the agenda itself, in their order.
        last_vote_at: the moment of the latest vote; what happened before it is settled.
    """

    members: list[CouncilMember]
    presences: list[Presence]
    agenda_votes: list[AgendaVote]
    last_vote_at: datetime | None

    @property
    def total(self) -> int:
        return len(self.members)

    @cached_property
    def inside(self) -> frozenset[int]:
        """Members in the hall now."""
        voting_ids = {member.pk for member in self.members}
        return frozenset(stay.member_id for stay in self.presences if stay.left_at is None) & voting_ids

    @property
    def present(self) -> int:
        return len(self.inside)

    @property
    def needed(self) -> int:
        return voting.quorum_needed(self.total)

    @property
    def has_quorum(self) -> bool:
        return voting.quorum(self.total, self.present)

    @cached_property
    def peak(self) -> int:
        """The most members who were in the hall at one moment."""
        moments = [(stay.arrived_at, 1) for stay in self.presences]
        moments += [(stay.left_at, -1) for stay in self.presences if stay.left_at is not None]
        most = now = 0
        for _, step in sorted(moments):
            now += step
            most = max(most, now)
        return most

    @property
    def had_quorum(self) -> bool:
        return voting.quorum(self.total, self.peak)

    def stays_of(self, member: CouncilMember) -> list[Presence]:
        return [stay for stay in self.presences if stay.member_id == member.pk]

    @property
    def last_event_at(self) -> datetime | None:
        """The latest arrival, departure or vote."""
        moments = [stay.left_at or stay.arrived_at for stay in self.presences]
        return max([*moments, *([self.last_vote_at] if self.last_vote_at else [])], default=None)

    @property
    def words(self) -> str:
        """«Кворум есть: 8 из 10», «Кворума нет: 5 из 10, нужно 6»."""
        if self.has_quorum:
            return f"Кворум есть: {self.present} из {self.total}"
        return f"Кворума нет: {self.present} из {self.total}, нужно {self.needed}"


def floor_of(meeting: Meeting) -> Floor:
    """Return the hall of `meeting` as recorded."""
    on_items = Vote.objects.filter(item__meeting=meeting).order_by("-at").values_list("at", flat=True)[:1]
    on_agenda = list(meeting.agenda_votes.all())
    return Floor(
        members=list(voters(meeting.council, meeting.day)),
        presences=list(Presence.objects.filter(meeting=meeting)),
        agenda_votes=on_agenda,
        last_vote_at=max([*on_items, *(vote.at for vote in on_agenda)], default=None),
    )


def stay_words(stay: Presence) -> str:
    """Return «с 14:05 до 15:10» or «с 14:05»."""
    words = f"с{NBSP}{ru_time(stay.arrived_at)}"
    return f"{words} до{NBSP}{ru_time(stay.left_at)}" if stay.left_at else words


# --- what the law forbids now, in words; None when it is allowed --------------------------------------------------


def convene_obstacle(meeting: Meeting, today: date, items: int) -> str | None:
    """Say why the invitations cannot be sent on the day `today`; a late invitation needs a reason, not a refusal."""
    if meeting.state != MeetingState.PLANNED:
        return "Приглашения уже направлены или заседание отменено."
    if not items:
        return "Повестка пуста: добавьте вопрос."
    if today > meeting.day:
        return "День заседания прошёл: перенесите его."
    return None


def open_obstacle(meeting: Meeting, today: date, items: int) -> str | None:
    """Say why the meeting cannot be opened on the day `today`."""
    if meeting.state == MeetingState.PLANNED:
        return "Сначала созовите заседание: разошлите приглашения с повесткой."
    if meeting.state != MeetingState.CONVENED:
        return "Заседание уже открыто или завершено."
    if today < meeting.day:
        return "Заседание можно открыть в назначенный день."
    if not items:
        return "Повестка пуста: добавьте вопрос."
    return None


def vote_obstacle(meeting: Meeting, floor: Floor) -> str | None:
    """Say why nothing can be put to the vote at this moment (3.11: quorum is computed anew before each vote)."""
    if meeting.state != MeetingState.RUNNING:
        return "Голосовать можно только на открытом заседании."
    if not floor.has_quorum:
        return f"{floor.words}. Голосовать нельзя."
    if meeting.presiding_id is None:
        return "Укажите председательствующего: без него голосовать нельзя."
    if meeting.presiding_id not in floor.inside:
        return "Председательствующий ушёл: укажите другого."
    return None


def end_obstacle(meeting: Meeting, floor: Floor, voting_item: AgendaItem | None = None) -> str | None:
    """Say why the meeting cannot be closed."""
    if meeting.state != MeetingState.RUNNING:
        return "Закрыть можно только открытое заседание."
    if voting_item is not None:
        return f"Идёт голосование по вопросу {voting_item.position}."
    if not floor.had_quorum:
        return "Кворума не было: заседание можно только признать несостоявшимся."
    if meeting.presiding_id is None:
        return "Укажите председательствующего: он подписывает протокол."
    return None


def not_held_obstacle(meeting: Meeting, floor: Floor, at: datetime) -> str | None:
    """Say why the meeting cannot be recorded as not held for want of a quorum."""
    if meeting.state in (MeetingState.PLANNED, MeetingState.CONVENED):
        if meeting.state == MeetingState.PLANNED:
            return "Заседание не созвано: его можно отменить."
        return "Назначенное время ещё не наступило." if at < meeting.planned_at else None
    if meeting.state != MeetingState.RUNNING:
        return "Заседание уже завершено."
    if floor.last_vote_at is not None:
        return "На заседании уже голосовали: его можно только закрыть."
    if floor.has_quorum:
        return f"{floor.words}. Заседание правомочно."
    return None


# --- votes ----------------------------------------------------------------------------------------------------------


def requirement(rule: str, floor: Floor) -> str:
    """Return the rule in numbers: «более половины присутствующих: не менее 5 из 8»."""
    return requirement_words(rule, total=floor.total, present=floor.present)


def requirement_words(rule: str, *, total: int, present: int) -> str:
    """Return the same for the numbers of a vote."""
    votes = voting.votes_needed(rule, total=total, present=present)
    if rule == ItemRule.REMOVAL:
        return f"не менее двух третей общего состава: не менее {votes} из {total}"
    return f"более половины присутствующих: не менее {votes} из {present}"


def formula(item: AgendaItem, vote: Vote) -> str:
    """Return what was computed: «кворум 2 × 8 > 10; решение 2 × 5 > 8»."""
    quorum = f"кворум 2{NBSP}×{NBSP}{vote.present} > {vote.total}"
    if item.rule == ItemRule.REMOVAL:
        sign = "≥" if 3 * vote.votes_for >= 2 * vote.total else "<"
        return f"{quorum}; решение 3{NBSP}×{NBSP}{vote.votes_for} {sign} 2{NBSP}×{NBSP}{vote.total}"
    sign = ">" if 2 * vote.votes_for > vote.present else "≤"
    return f"{quorum}; решение 2{NBSP}×{NBSP}{vote.votes_for} {sign} {vote.present}"


def vote_of(item: AgendaItem) -> Vote | None:
    """Return the tally of `item`; None while it was not put to the vote."""
    return getattr(item, "vote", None)


def item_in_vote(meeting: Meeting) -> AgendaItem | None:
    """Return the question on which ballots are coming in."""
    return meeting.items.filter(state=ItemState.VOTING).first()
