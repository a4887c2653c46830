"""Reading a meeting: who is in the hall, what the law allows now and why not, what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from council import access, voting
from council.enums import ItemRule, ItemState, MeetingKind, MeetingState
from council.models import AgendaItem, Council, CouncilMember, Meeting, Presence, Vote
from network_portal.common.dates import ru_time
from network_portal.common.russian import NBSP
from network_portal.documents.models import Refusal
from network_portal.documents.selectors import SlotState, next_slot, refusal_of, signature_slots
from network_portal.notices.selectors import Task
from schools.acting import Acting

ITEM_TONES = {
    ItemState.OPEN: "neutral",
    ItemState.ADOPTED: "good",
    ItemState.REJECTED: "bad",
    ItemState.SKIPPED: "neutral",
}
MEETING_TONES = {
    MeetingState.PLANNED: "info",
    MeetingState.RUNNING: "good",
    MeetingState.NOT_HELD: "bad",
    MeetingState.ENDED: "warn",
    MeetingState.SIGNING: "warn",
    MeetingState.CLOSED: "neutral",
}


# --- the composition --------------------------------------------------------------------------------------------


def composition(council: Council, day: date) -> list[CouncilMember]:
    """Return everyone who has a seat on `day`, by name; a secretary without a vote is among them."""
    seats = CouncilMember.objects.filter(council=council).serving_on(day)
    return list(seats.select_related("duty__user", "duty__organisation"))


def voters(council: Council, day: date) -> QuerySet[CouncilMember]:
    """Return the members with a vote on `day`, for forms and for quorum."""
    members = CouncilMember.objects.filter(council=council).voting_on(day)
    return members.select_related("duty__user", "duty__organisation")


def chair_on(council: Council, day: date) -> CouncilMember | None:
    """Return the chair in office on `day`: a chair whose seat has ended is none."""
    chair = council.chair
    if chair is None or not CouncilMember.objects.filter(pk=chair.pk).serving_on(day).exists():
        return None
    return chair


# --- the hall ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Floor:
    """Who may vote and who is in the hall at this moment.

    Attributes:
        members: the composition with a vote on the day of the meeting.
        presences: every stay in the hall, in order of arrival.
        last_vote_at: the moment of the latest vote; what happened before it is settled.
    """

    members: list[CouncilMember]
    presences: list[Presence]
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
    last_vote = Vote.objects.filter(item__meeting=meeting).order_by("-at").first()
    return Floor(
        members=list(voters(meeting.council, meeting.day)),
        presences=list(Presence.objects.filter(meeting=meeting)),
        last_vote_at=last_vote.at if last_vote else None,
    )


# --- what the law forbids now, in words; None when it is allowed --------------------------------------------------


def open_obstacle(meeting: Meeting, today: date, items: int) -> str | None:
    """Say why the meeting cannot be opened on the day `today`."""
    if meeting.state != MeetingState.PLANNED:
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


def end_obstacle(meeting: Meeting, floor: Floor) -> str | None:
    """Say why the meeting cannot be closed."""
    if meeting.state != MeetingState.RUNNING:
        return "Закрыть можно только открытое заседание."
    if not floor.had_quorum:
        return "Кворума не было: заседание можно только признать несостоявшимся."
    if meeting.presiding_id is None:
        return "Укажите председательствующего: он подписывает протокол."
    return None


def not_held_obstacle(meeting: Meeting, floor: Floor, at: datetime) -> str | None:
    """Say why the meeting cannot be recorded as not held for want of a quorum."""
    if meeting.state == MeetingState.PLANNED:
        return "Назначенное время ещё не наступило." if at < meeting.planned_at else None
    if meeting.state != MeetingState.RUNNING:
        return "Заседание уже завершено."
    if floor.last_vote_at is not None:
        return "На заседании уже голосовали: его можно только закрыть."
    if floor.has_quorum:
        return f"{floor.words}. Заседание правомочно."
    return None


def requirement(rule: str, floor: Floor) -> str:
    """Return the rule in numbers: «более половины присутствующих: не менее 5 из 8»."""
    return requirement_words(rule, total=floor.total, present=floor.present)


def requirement_words(rule: str, *, total: int, present: int) -> str:
    """Return the same for the numbers of a vote."""
    votes = voting.votes_needed(rule, total=total, present=present)
    if rule == ItemRule.REMOVAL:
        return f"не менее двух третей общего состава: не менее {votes} из {total}"
    return f"более половины присутствующих: не менее {votes} из {present}"


# --- the page of a meeting ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemRow:
    """An item of the agenda as the page shows it."""

    item: AgendaItem
    vote: Vote | None
    requirement: str
    tone: str
    current: bool

    @property
    def open(self) -> bool:
        return self.item.state == ItemState.OPEN


@dataclass(frozen=True)
class MemberRow:
    """A member with a vote and the member's stays in the hall."""

    member: CouncilMember
    inside: bool
    stays: list[str]
    presiding: bool
    chair: bool


@dataclass(frozen=True)
class MeetingPage:
    """All that the page of a meeting shows to one person."""

    meeting: Meeting
    tone: str
    floor: Floor
    items: list[ItemRow]
    members: list[MemberRow]
    current: ItemRow | None
    secretary: bool
    slot: str | None
    slots: list[SlotState]
    next_slot: SlotState | None
    refusal: Refusal | None
    why_not_open: str | None
    why_not_vote: str | None
    why_not_end: str | None
    why_not_held: str | None

    @property
    def my_turn(self) -> bool:
        return self.next_slot is not None and self.next_slot.key == self.slot

    @property
    def in_hall(self) -> list[MemberRow]:
        return [row for row in self.members if row.inside]


def meeting_page(meeting: Meeting, acting: Acting, *, at: datetime, item: int | None = None) -> MeetingPage:
    """Return the page of a meeting that has passed the gate.

    Args:
        meeting: the meeting.
        acting: who looks.
        at: the moment.
        item: the item to show in the middle; the first one not yet considered by default.
    """
    floor = floor_of(meeting)
    agenda = list(meeting.items.select_related("vote", "decision", "candidate__duty__user"))
    chosen = next((row for row in agenda if row.pk == item), None)
    chosen = chosen or next((row for row in agenda if row.state == ItemState.OPEN), agenda[0] if agenda else None)
    items = [_item_row(row, floor, current=row == chosen) for row in agenda]
    document = meeting.document
    signing = document is not None and meeting.state in (MeetingState.SIGNING, MeetingState.CLOSED)
    return MeetingPage(
        meeting=meeting,
        tone=MEETING_TONES[MeetingState(meeting.state)],
        floor=floor,
        items=items,
        members=[_member_row(member, meeting, floor) for member in floor.members],
        current=next((row for row in items if row.current), None),
        secretary=access.keeps_record(acting),
        slot=access.slot_of(acting, meeting),
        slots=signature_slots(document) if document is not None and signing else [],
        next_slot=next_slot(document) if document is not None and signing else None,
        refusal=refusal_of(document) if document is not None and meeting.state == MeetingState.ENDED else None,
        why_not_open=open_obstacle(meeting, timezone.localdate(at), len(agenda)),
        why_not_vote=vote_obstacle(meeting, floor),
        why_not_end=end_obstacle(meeting, floor),
        why_not_held=not_held_obstacle(meeting, floor, at),
    )


def vote_of(item: AgendaItem) -> Vote | None:
    """Return the tally of `item`; None while it was not put to the vote."""
    return getattr(item, "vote", None)


def stay_words(stay: Presence) -> str:
    """Return «с 14:05 до 15:10» or «с 14:05»."""
    words = f"с{NBSP}{ru_time(stay.arrived_at)}"
    return f"{words} до{NBSP}{ru_time(stay.left_at)}" if stay.left_at else words


def _item_row(item: AgendaItem, floor: Floor, *, current: bool) -> ItemRow:
    vote = vote_of(item)
    words = (
        requirement_words(item.rule, total=vote.total, present=vote.present) if vote else requirement(item.rule, floor)
    )
    return ItemRow(item, vote, words, ITEM_TONES[ItemState(item.state)], current)


def _member_row(member: CouncilMember, meeting: Meeting, floor: Floor) -> MemberRow:
    return MemberRow(
        member=member,
        inside=member.pk in floor.inside,
        stays=[stay_words(stay) for stay in floor.stays_of(member)],
        presiding=member.pk == meeting.presiding_id,
        chair=member.pk == meeting.council.chair_id,
    )


# --- what waits for whom ------------------------------------------------------------------------------------------


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return what waits for a member or the secretary of a council: meetings, minutes to draw up, minutes to sign."""
    meetings = access.meetings_for(acting).exclude(state__in=[MeetingState.NOT_HELD, MeetingState.CLOSED])
    tasks = [_task(meeting, acting, today) for meeting in meetings.order_by("planned_at", "pk")]
    return [task for task in tasks if task is not None]


def _task(meeting: Meeting, acting: Acting, today: date) -> Task | None:
    url = reverse("meeting", args=[meeting.pk])
    keeps = access.keeps_record(acting)
    about = f"{meeting.get_kind_display()} заседание {meeting.day:%d.%m.%Y}, {meeting.place}"
    if meeting.state == MeetingState.PLANNED and meeting.day > today:
        return Task("Заседание совета", about, url, "Открыть повестку", due=meeting.day)
    if meeting.state in (MeetingState.PLANNED, MeetingState.RUNNING):
        if keeps:
            return Task("Провести заседание совета", about, url, "К заседанию", due=meeting.day)
        return (
            Task("Заседание совета сегодня", about, url, "К заседанию", due=meeting.day)
            if meeting.day == today
            else None
        )
    if meeting.state == MeetingState.ENDED:
        return Task("Составить протокол заседания", about, url, "К протоколу") if keeps else None
    slot = access.slot_of(acting, meeting)
    place = next_slot(meeting.document) if slot and meeting.document else None
    if place is not None and place.key == slot:
        return Task("Подписать протокол заседания", about, url, "Подписать")
    return None


def meetings_listed(acting: Acting) -> QuerySet[Meeting]:
    """Return the meetings for the list, the latest first."""
    return access.meetings_for(acting).order_by("-planned_at", "-pk")


def kinds_allowed(council: Council, day: date) -> list[tuple[str, str]]:
    """Return the kinds of meeting that can be planned: the first one until a chair is in office (S1-5.6)."""
    if chair_on(council, day) is None:
        return [(MeetingKind.FIRST.value, str(MeetingKind.FIRST.label))]
    return [(kind.value, str(kind.label)) for kind in (MeetingKind.REGULAR, MeetingKind.EXTRAORDINARY)]
