"""Votes: on the agenda; on a question by a tally of the hall, or by name from phones, judged alike (S1-5.5, 3.12)."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from council import voting
from council.enums import Choice, ItemKind, ItemState, Verb
from council.models import AgendaItem, AgendaVote, Ballot, CouncilMember, Decision, Meeting, Vote
from council.selectors.agenda import agenda_obstacle, carried_by
from council.selectors.composition import chair_on
from council.selectors.hall import Floor, floor_of, item_in_vote, vote_obstacle
from council.services._shared import happened, lock, no_open_vote, nothing_later, open_item, runs, seat_of
from council.voting import Tally
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from schools.acting import Acting
from schools.services.trail import note

NOW = timedelta()


@transaction.atomic
def agenda_vote(
    *,
    actor: Acting,
    meeting: Meeting,
    tally: Tally,
    age: timedelta = NOW,
    key: UUID | None = None,
    at: datetime,
) -> AgendaVote:
    """Record how the council voted on its agenda; no question is put to the vote before (S1-5.5, T18).

    What is put on the agenda or taken off it afterwards is voted on anew.

    Args:
        actor: the secretary.
        meeting: a meeting that runs.
        tally: the counted votes; they sum to those present at this moment.
        age: how long ago a screen without a network was told.
        key: what the screen sends with the act.
        at: the moment of the entry.

    Raises:
        RuleError: no quorum, nobody presides, the tally does not sum to those present, ballots come in.
        StaleError: the agenda was agreed to already, or the hall has changed since.
    """
    meeting = lock(meeting, actor=actor, key=key)
    no_open_vote(meeting)
    floor, questions = _ready(meeting), _questions(meeting)
    if agenda_obstacle(floor, questions) is None:
        raise StaleError("Повестка уже утверждена. Обновите страницу.")
    moment = happened(floor, at, age)
    nothing_later(floor, moment)
    _sums(tally, floor)
    vote = AgendaVote(meeting=meeting, questions=questions, at=moment, **_numbers(tally, floor))
    clean(vote)
    vote.save()
    note(
        Verb.AGENDA_VOTED, actor, meeting, at, present=vote.present, total=vote.total,
        votes=[vote.votes_for, vote.against, vote.abstained, vote.not_voted], adopted=carried_by(vote),
    )  # fmt: skip
    return vote


@transaction.atomic
def vote_record(
    *,
    actor: Acting,
    item: AgendaItem,
    tally: Tally,
    heard: str = "",
    discussed: str = "",
    executor: str = "",
    responsible: CouncilMember | None = None,
    due: date | None = None,
    age: timedelta = NOW,
    key: UUID | None = None,
    at: datetime,
) -> Vote:
    """Record how the council voted by hands, and judge it by the rule of the item (S1-5.5, S1-5.9, 3.12).

    Args:
        actor: the secretary.
        item: an item not yet judged, on which no ballots come in.
        tally: the counted votes; they sum to those present at this moment.
        heard: what the speaker said, for the minutes; empty keeps what was written.
        discussed: what others said; likewise.
        executor: who carries the decision out.
        responsible: the member who is reminded of it.
        due: by when.
        age: how long ago a screen without a network was told.
        key: what the screen sends with the act.
        at: the moment of the entry.

    Returns:
        The vote; an adopted item has a decision now, which takes effect with the signed minutes.

    Raises:
        RuleError: no quorum, nobody presides, the agenda is not agreed to, the tally does not sum to those present,
            another election was adopted.
        StaleError: the item was judged already, or the hall has changed since.
    """
    meeting = lock(item.meeting, actor=actor, key=key)
    item = open_item(item)
    if (other := item_in_vote(meeting)) is not None:
        raise RuleError(f"Идёт голосование по вопросу {other.position}. Завершите или прервите его.")
    floor = _ready(meeting)
    _agreed(meeting, floor)
    moment = happened(floor, at, age)
    nothing_later(floor, moment)
    words = {"heard": heard.strip() or item.heard, "discussed": discussed.strip() or item.discussed}
    return _judge(
        actor, meeting, item, floor, tally, moment, words=words, executor=executor, responsible=responsible, due=due
    )


@transaction.atomic
def voting_open(*, actor: Acting, item: AgendaItem, key: UUID | None = None, at: datetime) -> AgendaItem:
    """Let those present vote from their phones; until it is closed nobody comes or goes (3.11).

    Raises:
        RuleError: no quorum, nobody presides, the agenda is not agreed to, another item is being voted on.
        StaleError: the item was judged already.
    """
    meeting = lock(item.meeting, actor=actor, key=key)
    item = open_item(item)
    if (other := item_in_vote(meeting)) is not None:
        raise RuleError(f"Уже идёт голосование по вопросу {other.position}.")
    _agreed(meeting, _ready(meeting))
    if item.kind == ItemKind.CHAIR:
        _election_is_free(meeting)
    move(item, ItemState.VOTING, round=item.round + 1)
    note(Verb.VOTING_OPENED, actor, meeting, at, item=item.pk, round=item.round)
    return item


@transaction.atomic
def ballot_cast(
    *,
    actor: Acting,
    item: AgendaItem,
    choice: str,
    member: CouncilMember | None = None,
    key: UUID | None = None,
    at: datetime,
) -> Ballot:
    """Vote by name, once; only who is in the hall (3.12).

    Args:
        actor: the member; or the secretary for somebody without a phone.
        item: the item on which ballots come in.
        choice: a value of `Choice`.
        member: for whom the secretary notes it; a member votes for nobody else.
        key: what the screen sends with the act.
        at: the moment.

    Raises:
        RuleError: not in the hall, voted already, no member with a vote.
        StaleError: no ballots come in on this item.
    """
    meeting = lock(item.meeting, actor=actor, key=key)
    runs(meeting)
    item = open_item(item, ItemState.VOTING)
    own = seat_of(actor, meeting)
    voter = member if member is not None and meeting.secretary_id == own.pk else own
    if voter.pk not in floor_of(meeting).inside:
        raise RuleError("Голосуют только члены совета, которые отмечены присутствующими. Подойдите к секретарю.")
    if Ballot.objects.filter(item=item, round=item.round, member=voter).exists():
        raise RuleError("Голос уже учтён: голосуют один раз.")
    ballot = Ballot(item=item, round=item.round, member=voter, choice=choice, at=at, entered_by=actor.user)
    clean(ballot)
    ballot.save()
    note(Verb.BALLOT_CAST, actor, meeting, at, item=item.pk, member=voter.pk, choice=choice)
    return ballot


@transaction.atomic
def voting_interrupt(*, actor: Acting, item: AgendaItem, key: UUID | None = None, at: datetime) -> AgendaItem:
    """Break a vote off: somebody has to leave, or the question was put wrongly. What was cast does not count.

    Raises:
        StaleError: no ballots come in on this item.
    """
    meeting = lock(item.meeting, actor=actor, key=key)
    item = open_item(item, ItemState.VOTING)
    move(item, ItemState.OPEN)
    note(Verb.VOTING_INTERRUPTED, actor, meeting, at, item=item.pk, round=item.round)
    return item


@transaction.atomic
def voting_close(
    *,
    actor: Acting,
    item: AgendaItem,
    executor: str = "",
    responsible: CouncilMember | None = None,
    due: date | None = None,
    key: UUID | None = None,
    at: datetime,
) -> Vote:
    """Count the ballots and judge the item; who is present and cast none has not voted.

    Raises:
        StaleError: no ballots come in on this item.
        RuleError: the presiding member or the quorum is gone.
    """
    meeting = lock(item.meeting, actor=actor, key=key)
    item = open_item(item, ItemState.VOTING)
    floor = _ready(meeting)
    nothing_later(floor, at)
    cast = Counter(
        Ballot.objects.filter(item=item, round=item.round, member__in=floor.inside).values_list("choice", flat=True)
    )
    said = [cast[choice.value] for choice in (Choice.FOR, Choice.AGAINST, Choice.ABSTAINED)]
    tally = Tally(said[0], said[1], said[2], floor.present - sum(said))
    return _judge(actor, meeting, item, floor, tally, at, words={}, executor=executor, responsible=responsible, due=due)


def _ready(meeting: Meeting) -> Floor:
    """Return the hall, computed anew; RuleError when nothing can be put to the vote in it."""
    floor = floor_of(meeting)
    if reason := vote_obstacle(meeting, floor):
        raise RuleError(reason)
    return floor


def _questions(meeting: Meeting) -> list[int]:
    return list(meeting.items.values_list("pk", flat=True))


def _agreed(meeting: Meeting, floor: Floor) -> None:
    """Refuse a vote on a question while the agenda as it stands has not been agreed to."""
    if reason := agenda_obstacle(floor, _questions(meeting)):
        raise RuleError(reason)


def _sums(tally: Tally, floor: Floor) -> None:
    if not voting.tally_fits(tally, floor.present):
        raise RuleError(
            f"Сумма голосов {tally.sum}, а присутствуют {floor.present}. "
            "Проверьте подсчёт: за, против, воздержались и не голосовали вместе дают число присутствующих."
        )


def _numbers(tally: Tally, floor: Floor) -> dict[str, int]:
    return {"total": floor.total, "present": floor.present, **asdict(tally)}


def _judge(
    actor: Acting,
    meeting: Meeting,
    item: AgendaItem,
    floor: Floor,
    tally: Tally,
    at: datetime,
    *,
    words: dict[str, str],
    executor: str,
    responsible: CouncilMember | None,
    due: date | None,
) -> Vote:
    _sums(tally, floor)
    if item.kind == ItemKind.CHAIR:
        _election_is_free(meeting)
    if due is not None and due < meeting.day:
        raise RuleError("Срок исполнения раньше дня заседания.", field="due")
    vote = Vote(item=item, at=at, **_numbers(tally, floor))
    clean(vote)
    vote.save()
    adopted = voting.adopted(item.rule, total=vote.total, present=vote.present, votes_for=vote.votes_for)
    move(item, ItemState.ADOPTED if adopted else ItemState.REJECTED, **words)
    if adopted:
        decision = Decision(item=item, text=item.proposal, executor=executor.strip(), responsible=responsible, due=due)
        clean(decision, exclude=["effective_at"])
        decision.save()
    note(
        Verb.VOTE_RECORDED,
        actor,
        meeting,
        at,
        item=item.pk,
        present=vote.present,
        total=vote.total,
        votes=[vote.votes_for, vote.against, vote.abstained, vote.not_voted],
        adopted=adopted,
    )
    return vote


def _election_is_free(meeting: Meeting) -> None:
    """Refuse a second election while the first one waits for its minutes: two chairs could take office."""
    waiting = Decision.objects.filter(
        item__kind=ItemKind.CHAIR, item__meeting__council=meeting.council, effective_at=None
    )
    if chair_on(meeting.council, meeting.day) is not None or waiting.exists():
        raise RuleError("Председатель уже избран. Этот вопрос исключите из повестки.")
