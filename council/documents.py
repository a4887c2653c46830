"""The papers of the council: the minutes of a meeting (T18, S1-5.5) and an extract from them (T19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from council.access import PRESIDING, SECRETARY
from council.enums import Choice, ItemState
from council.models import AgendaItem, AgendaVote, CouncilMember, Decision, Meeting, Vote
from council.selectors.agenda import carried_by
from council.selectors.composition import chair_on
from council.selectors.hall import Floor, floor_of, formula, requirement_words, stay_words, vote_of
from council.selectors.names import Pupils
from network_portal.accounts.models import User
from network_portal.documents.kinds import field, paper

#: A date, where a field of the same name hides the type.
Day = date


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """A member with a vote; `stays` tells who came late, left early or came back."""

    name: str = field("Фамилия и инициалы члена совета")
    organisation: str = field("Организация члена совета")
    capacity: str = field("В каком качестве")
    stays: str | None = field("Когда присутствовал")
    reason: str | None = field("Причина отсутствия", default=None)


@dataclass(frozen=True, kw_only=True)
class NamedVote:
    """How one member voted from the own phone."""

    name: str = field("Кто голосовал")
    choice: str = field("Как голосовал")


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
    formula: str = field("Расчёт")
    named: tuple[NamedVote, ...] = field("Поимённо", optional=True)
    adopted: bool = field("Принято ли решение")


@dataclass(frozen=True, kw_only=True)
class AgendaBallot:
    """How the council voted on its agenda."""

    at: time = field("Время голосования за повестку")
    present: int = field("Присутствовали при голосовании за повестку")
    votes_for: int = field("За повестку")
    against: int = field("Против повестки")
    abstained: int = field("Воздержались при голосовании за повестку")
    not_voted: int = field("Не голосовали за повестку")
    adopted: bool = field("Утверждена ли повестка")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one member said: a dissenting opinion, a remark on the draft."""

    name: str = field("Кто")
    text: str = field("Что")
    answer: str | None = field("Ответ", default=None)


@dataclass(frozen=True, kw_only=True)
class Question:
    """An item of the agenda and what came of it; without a ballot it was not considered."""

    no: int = field("Номер вопроса")
    title: str = field("Вопрос повестки")
    speaker: str = field("Докладчик")
    rule: str = field("Правило принятия решения")
    about: tuple[str, ...] = field("О ком или о чём вопрос", optional=True)
    evidence: str | None = field("Сведения о явке")
    opinions: tuple[Said, ...] = field("Мнения школ", optional=True)
    heard: str | None = field("Суть выступления")
    discussed: str | None = field("Кто выступил")
    proposal: str = field("Проект решения")
    ballot: Ballot | None = field("Итоги голосования")
    decision: str | None = field("Решение")
    executor: str | None = field("Исполнитель")
    due: date | None = field("Срок")
    dissents: tuple[Said, ...] = field("Особые мнения", optional=True)


@paper(
    code="T18",
    title="Протокол заседания координационного совета",
    template="documents/t18.html",
    version=3,
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
    invited: str | None = field("Приглашены без права голоса")
    convened: Day | None = field("Приглашения направлены")
    short_notice: str | None = field("Почему созвано позже срока")
    quorum_needed: int = field("Кворум")
    quorum_present: int = field("Наибольшее число одновременно присутствовавших")
    questions: tuple[Question, ...] = field("Повестка дня")
    agenda: tuple[AgendaBallot, ...] = field("Голосования за повестку", optional=True)
    remarks: tuple[Said, ...] = field("Замечания к проекту протокола", optional=True)
    materials: tuple[str, ...] = field("Приложения", optional=True)


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
    reasons = dict(meeting.answers.filter(coming=False).values_list("member_id", "reason"))
    attendees = [_attendee(member, meeting, floor, reasons.get(member.pk)) for member in floor.members]
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
        invited=meeting.invited or None,
        convened=timezone.localtime(meeting.convened_at).date() if meeting.convened_at else None,
        short_notice=meeting.short_notice or None,
        quorum_needed=floor.needed,
        quorum_present=floor.peak,
        questions=tuple(
            _question(item)
            for item in meeting.items.select_related(
                "vote",
                "decision__responsible__duty__user",
                "candidate__duty__user",
                "appointee__user",
                "appointee__organisation",
                "school",
                "revokes__item",
                "run",
            ).prefetch_related(
                "things", "opinions__organisation", "ballots__member__duty__user", "dissents__member__duty__user"
            )
        ),
        agenda=tuple(_agenda_ballot(vote) for vote in floor.agenda_votes),
        remarks=tuple(
            Said(name=remark.member.user.short_name, text=remark.text, answer=remark.answer or None)
            for remark in meeting.remarks.select_related("member__duty__user")
            if remark.text
        ),
        materials=tuple(meeting.materials.values_list("title", flat=True)),
    )


def _agenda_ballot(vote: AgendaVote) -> AgendaBallot:
    return AgendaBallot(
        at=_clock(vote.at),
        present=vote.present,
        votes_for=vote.votes_for,
        against=vote.against,
        abstained=vote.abstained,
        not_voted=vote.not_voted,
        adopted=carried_by(vote),
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


def _attendee(member: CouncilMember, meeting: Meeting, floor: Floor, reason: str | None) -> Attendee:
    stays = floor.stays_of(member)
    whole = [(meeting.opened_at, meeting.closed_at)] == [(stay.arrived_at, stay.left_at) for stay in stays]
    return Attendee(
        name=member.user.short_name,
        organisation=member.duty.organisation.short_name,
        capacity=member.get_capacity_display(),
        stays="; ".join(stay_words(stay) for stay in stays) if stays and not whole else None,
        reason=reason or None if not stays else None,
    )


def _question(item: AgendaItem) -> Question:
    vote = vote_of(item)
    decision = getattr(item, "decision", None)
    return Question(
        no=item.position,
        title=item.title,
        speaker=item.speaker,
        rule=item.get_rule_display(),
        about=tuple(about_words(item)),
        evidence=item.evidence or None,
        opinions=tuple(
            Said(name=one.organisation.short_name, text=one.text or one.get_stance_display().lower())
            for one in item.opinions.all()
            if one.stance
        ),
        heard=item.heard or None,
        discussed=item.discussed or None,
        proposal=item.proposal,
        ballot=_ballot(item, vote) if vote else None,
        decision=decision.text if decision else None,
        executor=executor_words(decision) or None if decision else None,
        due=decision.due if decision else None,
        dissents=tuple(Said(name=one.member.user.short_name, text=one.text) for one in item.dissents.all()),
    )


def about_words(item: AgendaItem) -> list[str]:
    """Return whom and what a question is about, in words."""
    words = []
    if item.candidate:
        words.append(f"член совета: {item.candidate.user.full_name}")
    if item.appointee:
        words.append(f"{item.appointee.user.full_name}, {item.appointee}")
    if item.school:
        words.append(item.school.short_name)
    if item.run:
        words.append(f"проект распределения, контрольная сумма {item.run_sha256[:16]}")
    if item.revokes:
        words.append(f"решение «{item.revokes.item.title}»")
    return [*words, *(thing.words for thing in item.things.all())]


def executor_words(decision: Decision) -> str:
    """Return who carries a decision out."""
    member = decision.responsible.user.short_name if decision.responsible else ""
    return ", ".join(dict.fromkeys(name for name in (decision.executor, member) if name))


def _ballot(item: AgendaItem, vote: Vote) -> Ballot:
    last = [ballot for ballot in item.ballots.all() if ballot.round == item.round]
    return Ballot(
        at=_clock(vote.at),
        present=vote.present,
        votes_for=vote.votes_for,
        against=vote.against,
        abstained=vote.abstained,
        not_voted=vote.not_voted,
        requirement=requirement_words(item.rule, total=vote.total, present=vote.present),
        formula=formula(item, vote),
        named=tuple(
            NamedVote(name=ballot.member.user.short_name, choice=CHOICE_WORDS[Choice(ballot.choice)]) for ballot in last
        ),
        adopted=item.state == ItemState.ADOPTED,
    )


CHOICE_WORDS = {
    Choice.FOR: "за",
    Choice.AGAINST: "против",
    Choice.ABSTAINED: "воздержался",
    Choice.NOT_VOTED: "не голосовал",
}


def _clock(moment: datetime) -> time:
    return timezone.localtime(moment).time().replace(second=0, microsecond=0)


# --- T19 ----------------------------------------------------------------------------------------------------------


@paper(
    code="T19",
    title="Выписка из протокола заседания координационного совета",
    template="documents/t19.html",
    signers={SECRETARY: "секретарь координационного совета"},
)
@dataclass(frozen=True, kw_only=True)
class ExtractPaper:
    """One question of the minutes, without pupils' names."""

    network: str = field("Сеть")
    minutes_no: int = field("Номер протокола")
    minutes_date: date = field("Дата протокола")
    meeting_date: date = field("Дата заседания")
    addressee: str = field("Для кого")
    total: int = field("Состав совета")
    present: int = field("Присутствовали при голосовании")
    question_no: int = field("Номер вопроса")
    title: str = field("Вопрос")
    decision: str = field("Решение")
    votes_for: int = field("За")
    against: int = field("Против")
    abstained: int = field("Воздержались")
    not_voted: int = field("Не голосовали")
    executor: str | None = field("Исполнитель")
    due: date | None = field("Срок")


def extract_of(item: AgendaItem, addressee: str, pupils: Pupils) -> ExtractPaper:
    """Return an extract about an adopted question of minutes that are registered.

    Args:
        item: the question.
        addressee: for whom.
        pupils: whose names are left out.

    Raises:
        ValueError: the minutes are not registered, or nothing was adopted.
    """
    vote, document = vote_of(item), item.meeting.document
    adopted = vote is not None and item.state == ItemState.ADOPTED
    if vote is None or document is None or not adopted or not document.number or not document.registered_on:
        raise ValueError("an extract is of a decision in registered minutes")
    decision = item.decision
    return ExtractPaper(
        network=item.meeting.council.network.name,
        minutes_no=document.number,
        minutes_date=document.registered_on,
        meeting_date=item.meeting.day,
        addressee=addressee,
        total=vote.total,
        present=vote.present,
        question_no=item.position,
        title=pupils.left_out_of(item.title),
        decision=pupils.left_out_of(decision.text),
        votes_for=vote.votes_for,
        against=vote.against,
        abstained=vote.abstained,
        not_voted=vote.not_voted,
        executor=executor_words(decision) or None,
        due=decision.due,
    )
