"""A council with members, its secretary, a meeting at any stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from council import services
from council.enums import RULES, Capacity, ItemKind, ItemRule, MeetingKind, MeetingState
from council.models import AgendaItem, Council, CouncilMember, Meeting
from council.selectors.agenda import agenda_obstacle
from council.selectors.hall import floor_of
from council.voting import Tally
from network_portal.documents.selectors import current_version
from schools.acting import Acting
from schools.enums import DutyKind
from tests.factories.accounts import PASSWORD
from tests.factories.documents import proof_of
from tests.factories.schools import DutyFactory, NetworkFactory, OrganisationFactory, acting_as

#: 2 September 2026, 15:00 in Moscow.
AT = datetime(2026, 9, 2, 12, 0, tzinfo=UTC)


class CouncilFactory(DjangoModelFactory):
    class Meta:
        model = Council

    network = factory.SubFactory(NetworkFactory)
    keeper = factory.SubFactory(OrganisationFactory)
    remark_days = 0


class CouncilMemberFactory(DjangoModelFactory):
    """A director with a vote."""

    class Meta:
        model = CouncilMember

    council = factory.SubFactory(CouncilFactory)
    duty = factory.SubFactory(DutyFactory, kind=DutyKind.COUNCIL_MEMBER)
    capacity = Capacity.DIRECTOR
    voting = True


class SecretaryFactory(CouncilMemberFactory):
    """A secretary who is no member and has no vote."""

    duty = factory.SubFactory(DutyFactory, kind=DutyKind.COUNCIL_SECRETARY)
    capacity = Capacity.DEPUTY
    voting = False


class MeetingFactory(DjangoModelFactory):
    """A convened meeting without an agenda."""

    class Meta:
        model = Meeting

    council = factory.SubFactory(CouncilFactory)
    kind = MeetingKind.REGULAR
    planned_at = AT
    place = "МАОУ гимназия № 40, каб. 12"
    state = MeetingState.CONVENED
    convened_at = factory.LazyAttribute(lambda meeting: meeting.planned_at - timedelta(days=6))


class AgendaItemFactory(DjangoModelFactory):
    class Meta:
        model = AgendaItem

    meeting = factory.SubFactory(MeetingFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"О сетевом расписании, часть {n + 1}")
    speaker = "Белов Б. О."
    proposal = "Утвердить сетевое расписание на первое полугодие."


@dataclass
class Hall:
    """A council, its meeting and a clock that only moves forward; each verb is one service call a minute later."""

    members: list[CouncilMember]
    secretary: CouncilMember
    meeting: Meeting
    items: list[AgendaItem]
    now: datetime = AT
    inside: list[CouncilMember] = field(default_factory=list)

    @property
    def council(self) -> Council:
        return self.meeting.council

    @property
    def keeper(self) -> Acting:
        """The context of the secretary."""
        return acting_as(self.secretary.duty)

    def tick(self, minutes: int = 1) -> datetime:
        self.now += timedelta(minutes=minutes)
        return self.now

    def open(self, count: int = 0) -> None:
        """Open the meeting with the first `count` members in the hall."""
        self.inside = self.members[:count]
        self._take(services.meeting_open(actor=self.keeper, meeting=self.meeting, present=self.inside, at=self.now))

    def preside(self, member: CouncilMember | None = None) -> None:
        who = member or self.members[0]
        self._take(services.presiding_set(actor=self.keeper, meeting=self.meeting, member=who, at=self.tick()))

    def arrive(self, member: CouncilMember, minute: datetime | None = None) -> None:
        services.presence_arrive(actor=self.keeper, meeting=self.meeting, member=member, minute=minute, at=self.tick())

    def leave(self, member: CouncilMember, minute: datetime | None = None) -> None:
        services.presence_leave(actor=self.keeper, meeting=self.meeting, member=member, minute=minute, at=self.tick())

    def vote(self, votes_for: int, against: int = 0, abstained: int = 0, not_voted: int = 0, no: int = 0) -> AgendaItem:
        """Record a tally for the item number `no`, from zero, and return the item as it is then.

        The agenda is agreed to before, by all.
        """
        self.agree()
        tally = Tally(votes_for, against, abstained, not_voted)
        services.vote_record(
            actor=self.keeper,
            item=self.items[no],
            tally=tally,
            executor="Белов Б. О.",
            due=date(2026, 10, 1),
            at=self.tick(),
        )
        return AgendaItem.objects.get(pk=self.items[no].pk)

    def agree(self) -> None:
        """Let all in the hall vote for the agenda, unless they did."""
        floor = floor_of(self.meeting)
        if agenda_obstacle(floor, list(self.meeting.items.values_list("pk", flat=True))):
            tally = Tally(floor.present, 0, 0, 0)
            services.agenda_vote(actor=self.keeper, meeting=self.meeting, tally=tally, at=self.now)

    def end(self) -> None:
        self._take(services.meeting_end(actor=self.keeper, meeting=self.meeting, at=self.tick()))

    def submit(self) -> None:
        services.minutes_submit(actor=self.keeper, meeting=self.meeting, at=self.tick())
        self.refresh()

    def sign(self, slot: str, seat: CouncilMember, *, version: str = "", password: str = PASSWORD) -> None:
        """Sign the minutes; `version` is the hash that was seen, the current one by default."""
        self.refresh()
        seen = version or current_version(self.meeting.document).sha256
        services.minutes_sign(
            actor=acting_as(seat.duty),
            meeting=self.meeting,
            slot=slot,
            proof=proof_of(seat.duty.user, self.meeting.document, at=self.now, password=password),
            version_sha256=seen,
            at=self.tick(),
        )
        self.refresh()

    def sign_both(self) -> None:
        self.sign("presiding", self.meeting.presiding)
        self.sign("secretary", self.secretary)

    def refresh(self) -> None:
        self._take(Meeting.objects.select_related("council__network").get(pk=self.meeting.pk))

    def _take(self, meeting: Meeting) -> None:
        self.meeting = meeting


def hall(
    size: int = 10,
    *,
    items: int = 1,
    kind: str = ItemKind.OTHER,
    chair: bool = False,
    candidate: int | None = None,
    at: datetime = AT,
) -> Hall:
    """Return a council of `size` members with a planned meeting.

    Args:
        size: members with a vote.
        items: questions on the agenda, all of `kind`.
        kind: a value of `ItemKind`.
        chair: the first member is the chair.
        candidate: the number of the member concerned, from zero.
        at: when the meeting is planned.
    """
    council = CouncilFactory()
    members = CouncilMemberFactory.create_batch(size, council=council)
    secretary = SecretaryFactory(council=council)
    if chair:
        council.chair = members[0]
        council.save()
    meeting = MeetingFactory(council=council, planned_at=at)
    agenda = [
        AgendaItemFactory(
            meeting=meeting,
            position=number + 1,
            kind=kind,
            rule=RULES.get(ItemKind(kind), ItemRule.ORDINARY),
            candidate=members[candidate] if candidate is not None else None,
        )
        for number in range(items)
    ]
    return Hall(members, secretary, meeting, agenda, now=at)


def signed_hall(size: int = 3, **options: object) -> Hall:
    """Return a council whose meeting is over: one vote, all for, minutes signed and registered."""
    council = hall(size, **options)
    council.open(size)
    if council.meeting.presiding_id is None:
        council.preside()
    council.vote(size)
    council.end()
    council.submit()
    council.sign_both()
    return council


def ended(size: int = 3, **options: object) -> Hall:
    """Return a council whose meeting is closed after one vote, all for; the minutes are not drawn up."""
    council = hall(size, **{"chair": True, **options})
    council.open(size)
    council.vote(size)
    council.end()
    return council
