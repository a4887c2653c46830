"""The page of a meeting: for its secretary, for a member with a phone, for the screen in the hall."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from council import access
from council.enums import Choice, ItemState, MeetingState
from council.models import AgendaItem, AgendaVote, Ballot, CouncilMember, Material, Meeting, Opinion, Vote
from council.selectors.agenda import agenda_obstacle, carried_by, left_over
from council.selectors.finder import Forecast, forecast
from council.selectors.hall import (
    Floor,
    convene_obstacle,
    end_obstacle,
    floor_of,
    formula,
    not_held_obstacle,
    open_obstacle,
    requirement,
    requirement_words,
    stay_words,
    vote_obstacle,
    vote_of,
)
from council.selectors.minutes import Review, review_of, submit_obstacle
from network_portal.documents.models import Refusal
from network_portal.documents.selectors import SlotState, next_slot, refusal_of, signature_slots
from schools.acting import Acting

#: While questions may be put on the agenda.
AGENDA_OPEN = (MeetingState.PLANNED, MeetingState.CONVENED, MeetingState.RUNNING)
ITEM_TONES = {
    ItemState.OPEN: "neutral",
    ItemState.VOTING: "info",
    ItemState.ADOPTED: "good",
    ItemState.REJECTED: "bad",
    ItemState.SKIPPED: "neutral",
}
MEETING_TONES = {
    MeetingState.PLANNED: "neutral",
    MeetingState.CONVENED: "info",
    MeetingState.CANCELLED: "bad",
    MeetingState.RUNNING: "good",
    MeetingState.NOT_HELD: "bad",
    MeetingState.ENDED: "warn",
    MeetingState.REVIEW: "warn",
    MeetingState.SIGNING: "warn",
    MeetingState.CLOSED: "neutral",
}


@dataclass(frozen=True)
class ItemRow:
    """An item of the agenda as the page shows it."""

    item: AgendaItem
    vote: Vote | None
    requirement: str
    formula: str
    tone: str
    current: bool

    @property
    def open(self) -> bool:
        return self.item.state == ItemState.OPEN

    @property
    def voting(self) -> bool:
        return self.item.state == ItemState.VOTING


@dataclass(frozen=True)
class MemberRow:
    """A member with a vote and the member's stays in the hall."""

    member: CouncilMember
    inside: bool
    stays: list[str]
    presiding: bool
    chair: bool
    cast: bool = False


@dataclass(frozen=True)
class MeetingPage:
    """All that the page of a meeting shows to one person.

    Attributes:
        ballots: what was cast in the vote that is open, by name; members see their own only until it is closed.
        own: the seat of whoever looks, if it has a vote.
        agenda: the votes on the agenda, each with whether it was carried.
        agenda_due: why the agenda has to be voted on before its questions; None when it was.
        left_over: what the last meeting did not come to, for whoever may put it on this agenda.
        carried: the meeting that has taken the questions of this one.
    """

    meeting: Meeting
    tone: str
    floor: Floor
    items: list[ItemRow]
    members: list[MemberRow]
    current: ItemRow | None
    secretary: bool
    planner: bool
    own: MemberRow | None
    own_choice: str
    ballots: list[Ballot]
    opinions: list[Opinion]
    materials: list[Material]
    slot: str | None
    slots: list[SlotState]
    next_slot: SlotState | None
    refusal: Refusal | None
    review: Review | None
    forecast: Forecast | None
    agenda: list[tuple[AgendaVote, bool]]
    agenda_due: str | None
    left_over: list[AgendaItem]
    carried: Meeting | None
    why_not_convene: str | None
    why_not_open: str | None
    why_not_vote: str | None
    why_not_end: str | None
    why_not_held: str | None
    why_not_submit: str | None
    choices: list[tuple[str, str]] = field(default_factory=lambda: list(Choice.choices))

    @property
    def my_turn(self) -> bool:
        return self.next_slot is not None and self.next_slot.key == self.slot

    @property
    def in_hall(self) -> list[MemberRow]:
        return [row for row in self.members if row.inside]

    @property
    def in_vote(self) -> ItemRow | None:
        """The item on which ballots come in."""
        return next((row for row in self.items if row.voting), None)

    @property
    def not_cast(self) -> list[MemberRow]:
        return [row for row in self.members if row.inside and not row.cast]


def meeting_page(meeting: Meeting, acting: Acting, *, at: datetime, item: int | None = None) -> MeetingPage:
    """Return the page of a meeting that has passed the gate.

    Args:
        meeting: the meeting.
        acting: who looks.
        at: the moment.
        item: the item to show in the middle; the one being voted on, else the first one not yet considered.
    """
    floor = floor_of(meeting)
    agenda = list(
        meeting.items.select_related(
            "vote", "decision__responsible__duty__user", "candidate__duty__user", "appointee__user",
            "appointee__organisation", "school", "run", "revokes__item", "proposed_by__duty__user",
            "carried_from__meeting",
        ).prefetch_related("things")
    )  # fmt: skip
    voting = next((row for row in agenda if row.state == ItemState.VOTING), None)
    chosen = voting or next((row for row in agenda if row.pk == item), None)
    chosen = chosen or next((row for row in agenda if row.state == ItemState.OPEN), agenda[0] if agenda else None)
    items = [_item_row(row, floor, current=row == chosen) for row in agenda]
    ballots = list(_ballots(chosen)) if chosen is not None else []
    cast = {ballot.member_id for ballot in ballots}
    members = [_member_row(member, meeting, floor, cast) for member in floor.members]
    document = meeting.document
    signing = document is not None and meeting.state in (MeetingState.SIGNING, MeetingState.CLOSED)
    own = next((row for row in members if acting.duty and row.member.duty_id == acting.duty.pk), None)
    today = timezone.localdate(at)
    running, open_agenda = meeting.state == MeetingState.RUNNING, meeting.state in AGENDA_OPEN
    reviewed = meeting.state in (MeetingState.ENDED, MeetingState.REVIEW, MeetingState.SIGNING)
    return MeetingPage(
        meeting=meeting,
        tone=MEETING_TONES[MeetingState(meeting.state)],
        floor=floor,
        items=items,
        members=members,
        current=next((row for row in items if row.current), None),
        secretary=access.keeps_record(acting),
        planner=access.may_plan(acting, meeting.council),
        own=own,
        own_choice=next((one.get_choice_display() for one in ballots if own and one.member_id == own.member.pk), ""),
        ballots=ballots,
        opinions=list(chosen.opinions.select_related("organisation")) if chosen else [],
        materials=list(meeting.materials.select_related("file", "item")),
        slot=access.slot_of(acting, meeting),
        slots=signature_slots(document) if document is not None and signing else [],
        next_slot=next_slot(document) if document is not None and signing else None,
        refusal=refusal_of(document) if document is not None and meeting.state == MeetingState.ENDED else None,
        review=review_of(meeting) if reviewed else None,
        forecast=forecast(meeting, floor.members) if meeting.state == MeetingState.CONVENED else None,
        agenda=[(vote, carried_by(vote)) for vote in floor.agenda_votes],
        agenda_due=agenda_obstacle(floor, [row.pk for row in agenda]) if running else None,
        left_over=left_over(meeting) if open_agenda and access.keeps_record(acting) else [],
        carried=_carried(agenda) if meeting.state == MeetingState.NOT_HELD else None,
        why_not_convene=convene_obstacle(meeting, today, len(agenda)),
        why_not_open=open_obstacle(meeting, today, len(agenda)),
        why_not_vote=vote_obstacle(meeting, floor),
        why_not_end=end_obstacle(meeting, floor, voting),
        why_not_held=not_held_obstacle(meeting, floor, at),
        why_not_submit=submit_obstacle(meeting, today) if reviewed else None,
    )


def _carried(agenda: list[AgendaItem]) -> Meeting | None:
    taken = AgendaItem.objects.filter(carried_from__in=agenda).select_related("meeting").first()
    return taken.meeting if taken else None


def _ballots(item: AgendaItem) -> QuerySet[Ballot]:
    return item.ballots.filter(round=item.round).select_related("member__duty__user")


def _item_row(item: AgendaItem, floor: Floor, *, current: bool) -> ItemRow:
    vote = vote_of(item)
    words = (
        requirement_words(item.rule, total=vote.total, present=vote.present) if vote else requirement(item.rule, floor)
    )
    return ItemRow(item, vote, words, formula(item, vote) if vote else "", ITEM_TONES[ItemState(item.state)], current)


def _member_row(member: CouncilMember, meeting: Meeting, floor: Floor, cast: set[int]) -> MemberRow:
    return MemberRow(
        member=member,
        inside=member.pk in floor.inside,
        stays=[stay_words(stay) for stay in floor.stays_of(member)],
        presiding=member.pk == meeting.presiding_id,
        chair=member.pk == meeting.council.chair_id,
        cast=member.pk in cast,
    )


def meetings_listed(acting: Acting) -> QuerySet[Meeting]:
    """Return the meetings for the list, the latest first."""
    return access.meetings_for(acting).order_by("-planned_at", "-pk")
