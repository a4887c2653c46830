"""The minutes of a meeting: T18 «Протокол заседания координационного совета» (S1-5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from council.access import PRESIDING, SECRETARY
from council.enums import ItemState
from council.models import AgendaItem, CouncilMember, Meeting, Vote
from council.selectors import Floor, chair_on, floor_of, requirement_words, stay_words, vote_of
from network_portal.accounts.models import User
from network_portal.documents.kinds import field, paper


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """A member with a vote; `stays` tells who came late, left early or came back."""

    name: str = field("Фамилия и инициалы члена совета")
    organisation: str = field("Организация члена совета")
    capacity: str = field("В каком качестве")
    stays: str | None = field("Когда присутствовал")


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """The numbers of a vote and the rule they were judged by."""

    at: time = field("Время голосования")
    present: int = field("Присутствовали при голосовании")
    votes_for: int = field("За")
    against: int = field("Против")
    abstained: int = field("Воздержались")
    not_voted: int = field("Не голосовали")
    requirement: str = field("Требуемое большинство")
    adopted: bool = field("Принято ли решение")


@dataclass(frozen=True, kw_only=True)
class Question:
    """An item of the agenda and what came of it; without a ballot it was not considered."""

    no: int = field("Номер вопроса")
    title: str = field("Вопрос повестки")
    speaker: str = field("Докладчик")
    rule: str = field("Правило принятия решения")
    candidate: str | None = field("О ком вопрос")
    heard: str | None = field("Суть выступления")
    proposal: str = field("Проект решения")
    ballot: Ballot | None = field("Итоги голосования")
    decision: str | None = field("Решение")
    executor: str | None = field("Исполнитель")
    due: date | None = field("Срок")


@paper(
    code="T18",
    title="Протокол заседания координационного совета",
    template="documents/t18.html",
    keep_years=None,
    signers={PRESIDING: "председательствующий", SECRETARY: "ответственный секретарь"},
)
@dataclass(frozen=True, kw_only=True)
class Minutes:
    """What happened at a meeting, as it prints."""

    network: str = field("Сеть")
    kind: str = field("Вид заседания")
    date: date = field("Дата заседания")
    place: str = field("Место заседания")
    start: time = field("Начало")
    end: time = field("Окончание")
    presiding: str = field("Председательствующий")
    presiding_capacity: str = field("В каком качестве ведёт заседание")
    secretary: str = field("Секретарь")
    total: int = field("Состав совета")
    present: tuple[Attendee, ...] = field("Присутствовали")
    absent: tuple[Attendee, ...] = field("Отсутствовали", optional=True)
    quorum_needed: int = field("Кворум")
    quorum_present: int = field("Наибольшее число одновременно присутствовавших")
    questions: tuple[Question, ...] = field("Повестка дня")


def minutes_of(meeting: Meeting) -> Minutes:
    """Return the minutes of a meeting that has ended, in the network's time zone (I-10).

    Raises:
        ValueError: the meeting has not ended, or nobody presided or kept the record.
    """
    if not (meeting.opened_at and meeting.closed_at and meeting.presiding and meeting.secretary):
        raise ValueError("a meeting that has not ended has no minutes")
    with timezone.override(ZoneInfo(meeting.council.network.time_zone)):
        return _minutes(meeting, meeting.opened_at, meeting.closed_at, meeting.presiding.user, meeting.secretary.user)


def _minutes(meeting: Meeting, start: datetime, end: datetime, presiding: User, secretary: User) -> Minutes:
    floor = floor_of(meeting)
    attendees = [_attendee(member, meeting, floor) for member in floor.members]
    came = [bool(floor.stays_of(member)) for member in floor.members]
    return Minutes(
        network=meeting.council.network.name,
        kind=meeting.get_kind_display(),
        date=meeting.day,
        place=meeting.place,
        start=_clock(start),
        end=_clock(end),
        presiding=presiding.short_name,
        presiding_capacity=_presides_as(meeting),
        secretary=secretary.short_name,
        total=floor.total,
        present=tuple(who for who, here in zip(attendees, came, strict=True) if here),
        absent=tuple(who for who, here in zip(attendees, came, strict=True) if not here),
        quorum_needed=floor.needed,
        quorum_present=floor.peak,
        questions=tuple(
            _question(item) for item in meeting.items.select_related("vote", "decision", "candidate__duty__user")
        ),
    )


def signers_of(meeting: Meeting) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return key and capacity of the two places under the minutes: who presided, then the secretary (S1-5.5)."""
    chair = _presides_as(meeting) == CHAIR
    return (
        (PRESIDING, "председатель координационного совета" if chair else "председательствующий на заседании"),
        (SECRETARY, "ответственный секретарь координационного совета"),
    )


CHAIR, OTHER = "председатель", "председательствующий"


def _presides_as(meeting: Meeting) -> str:
    chair = chair_on(meeting.council, meeting.day)
    return CHAIR if chair is not None and chair.pk == meeting.presiding_id else OTHER


def _attendee(member: CouncilMember, meeting: Meeting, floor: Floor) -> Attendee:
    stays = floor.stays_of(member)
    whole = [(meeting.opened_at, meeting.closed_at)] == [(stay.arrived_at, stay.left_at) for stay in stays]
    return Attendee(
        name=member.user.short_name,
        organisation=member.duty.organisation.short_name,
        capacity=member.get_capacity_display(),
        stays="; ".join(stay_words(stay) for stay in stays) if stays and not whole else None,
    )


def _question(item: AgendaItem) -> Question:
    vote = vote_of(item)
    decision = getattr(item, "decision", None)
    return Question(
        no=item.position,
        title=item.title,
        speaker=item.speaker,
        rule=item.get_rule_display(),
        candidate=item.candidate.user.full_name if item.candidate else None,
        heard=item.heard or None,
        proposal=item.proposal,
        ballot=_ballot(item, vote) if vote else None,
        decision=decision.text if decision else None,
        executor=(decision.executor or None) if decision else None,
        due=decision.due if decision else None,
    )


def _ballot(item: AgendaItem, vote: Vote) -> Ballot:
    return Ballot(
        at=_clock(vote.at),
        present=vote.present,
        votes_for=vote.votes_for,
        against=vote.against,
        abstained=vote.abstained,
        not_voted=vote.not_voted,
        requirement=requirement_words(item.rule, total=vote.total, present=vote.present),
        adopted=item.state == ItemState.ADOPTED,
    )


def _clock(moment: datetime) -> time:
    return timezone.localtime(moment).time().replace(second=0, microsecond=0)
