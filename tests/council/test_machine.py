"""A meeting in which anything happens in any order never yields a decision without quorum or with a wrong sum."""

from __future__ import annotations

import copy
from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from council import services
from council.enums import Choice, ItemKind, ItemRule, ItemState
from council.models import AgendaItem, Decision, Presence, Vote
from council.voting import Tally
from network_portal.common.errors import RuleError
from tests.factories.council import Hall, hall
from tests.factories.schools import acting_as
from tests.shared import shared

SIZE, ITEMS = 5, 4
ACTS = (
    ["vote"] * 4 + ["poll"] * 4 + ["arrive"] * 3 + ["leave"] * 3 + ["agree"] * 2 + ["preside", "preside", "open", "end"]
)  # fmt: skip
IN_VOTE = ["cast"] * 7 + ["close"] * 2 + ["interrupt", "vote", "poll", "arrive", "leave", "preside", "agree", "end"]


@shared
def seated() -> Hall:
    council = hall(SIZE, items=ITEMS, chair=True)
    last = council.items[-1]
    last.kind, last.rule, last.candidate = ItemKind.REMOVAL, ItemRule.REMOVAL, council.members[4]
    last.save()
    return council


class MeetingMachine(RuleBasedStateMachine):
    """The services against a few numbers: who is in the hall, what was agreed to, who has voted by phone."""

    council: Hall
    decided = polled = 0  # over all examples

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.council = copy.deepcopy(type(self).council)
        self.inside: set[int] = set()
        self.running = self.agreed = False
        self.votes = 0
        self.ballots: dict[int, str] | None = None  # of the vote that is open

    def teardown(self) -> None:
        try:
            self.every_decision_is_valid()
            MeetingMachine.decided += Decision.objects.count()
        finally:
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)

    def tried(self, act: object, *args: object, **kwargs: object) -> bool:
        """Do `act`, or tell that it was refused and changed nothing."""
        try:
            act(*args, **kwargs)
        except RuleError:
            return False
        return True

    def served(self, act: object, **kwargs: object) -> bool:
        return self.tried(act, actor=self.council.keeper, at=self.council.tick(), **kwargs)

    @initialize(seed=st.integers(0, 2**32), away=st.integers(0, SIZE - 2))
    def begin(self, seed: int, away: int) -> None:
        self.chance = Random(seed)
        self.open(SIZE - away)
        if self.chance.random() < 0.7:
            self.agree(self.numbers(0, 0, 0, honest=True))

    @rule()
    def happen(self) -> None:
        """Do something evenly chosen: left to itself, Hypothesis leaves out whole acts and hardly gets to a vote."""
        chance = self.chance
        act = chance.choice(ACTS if self.ballots is None else IN_VOTE)
        if act in ("vote", "agree"):
            numbers = self.numbers(*chance.choices((0, 0, 0, 0, 1, 5), k=3), honest=chance.random() < 0.8)
            self.vote(chance.randrange(ITEMS), numbers) if act == "vote" else self.agree(numbers)
        elif act == "open":
            self.open(chance.randint(1, SIZE))
        elif act == "poll":
            self.poll(chance.randrange(ITEMS))
        elif act == "cast":
            self.cast(self.one_to_cast(), chance.choice([Choice.FOR] * 6 + list(Choice)))
        elif act in ("close", "interrupt"):
            getattr(self, act)()
        elif act == "end":
            if chance.random() < 0.4:  # nothing comes after it
                self.end()
        else:
            getattr(self, act)(chance.randrange(SIZE))

    def open(self, count: int) -> None:
        if self.tried(self.council.open, count):
            assert not self.running
            self.running, self.inside = True, set(range(count))

    def arrive(self, seat: int) -> None:
        if self.tried(self.council.arrive, self.council.members[seat]):
            assert (self.running, self.ballots) == (True, None)
            assert seat not in self.inside
            self.inside.add(seat)

    def leave(self, seat: int) -> None:
        if self.tried(self.council.leave, self.council.members[seat]):
            assert (self.running, self.ballots) == (True, None)
            self.inside.remove(seat)

    def preside(self, seat: int) -> None:
        if self.tried(self.council.preside, self.council.members[seat]):
            assert self.ballots is None
            assert seat in self.inside

    def numbers(self, votes_for: int, against: int, abstained: int, *, honest: bool) -> Tally:
        """Return a tally; an honest one sums to those present, what is left over votes for."""
        present = len(self.inside)
        if not honest:
            return Tally(votes_for, against, abstained, 0)
        against = min(against, present)
        abstained = min(abstained, present - against)
        not_voted = min(votes_for, present - against - abstained) // 2
        return Tally(present - against - abstained - not_voted, against, abstained, not_voted)

    def agree(self, tally: Tally) -> None:
        if self.served(services.agenda_vote, meeting=self.council.meeting, tally=tally):
            self.voted_rightly(tally)
            assert not self.agreed
            self.agreed = 2 * tally.votes_for > len(self.inside)

    def vote(self, no: int, tally: Tally) -> None:
        if self.served(services.vote_record, item=self.council.items[no], tally=tally):
            self.voted_rightly(tally)
            assert self.agreed
            self.votes += 1

    def voted_rightly(self, tally: Tally) -> None:
        assert (self.running, self.ballots) == (True, None)
        assert 2 * len(self.inside) > SIZE
        assert tally.sum == len(self.inside)

    def poll(self, no: int) -> None:
        if self.served(services.voting_open, item=self.council.items[no]):
            assert (self.running, self.agreed, self.ballots) == (True, True, None)
            assert 2 * len(self.inside) > SIZE
            self.ballots, self.asked = {}, self.council.items[no]

    def one_to_cast(self) -> int:
        """Return mostly somebody in the hall who has not voted, now and then anybody."""
        waiting = sorted(self.inside - set(self.ballots or {}))
        return self.chance.choice(waiting) if waiting and self.chance.random() < 0.8 else self.chance.randrange(SIZE)

    def cast(self, seat: int, choice: str) -> None:
        acting = acting_as(self.council.members[seat].duty)
        if self.tried(services.ballot_cast, actor=acting, item=self.asked, choice=choice, at=self.council.tick()):
            assert self.ballots is not None
            assert seat in self.inside
            assert seat not in self.ballots  # once each
            self.ballots[seat] = choice

    def close(self) -> None:
        if self.ballots is None:
            return
        assert self.served(services.voting_close, item=self.asked)  # nothing stands against it: the hall was kept
        said = list(self.ballots.values())
        vote = Vote.objects.get(item=self.asked)
        counted = [said.count(choice) for choice in (Choice.FOR, Choice.AGAINST, Choice.ABSTAINED)]
        assert [vote.votes_for, vote.against, vote.abstained] == counted
        self.ballots = None
        self.votes += 1
        MeetingMachine.polled += 1

    def interrupt(self) -> None:
        if self.ballots is not None:
            assert self.served(services.voting_interrupt, item=self.asked)
            self.ballots = None

    def end(self) -> None:
        if self.tried(self.council.end):
            assert (self.running, self.ballots) == (True, None)
            self.running, self.inside = False, set()

    @invariant()
    def the_hall_is_as_told(self) -> None:
        inside = {member.pk for place, member in enumerate(self.council.members) if place in self.inside}
        assert set(Presence.objects.filter(left_at=None).values_list("member_id", flat=True)) == inside

    def every_decision_is_valid(self) -> None:
        """What is once voted is never changed, so it is looked at once, at the end."""
        votes = list(Vote.objects.select_related("item"))
        assert len(votes) == self.votes
        for vote in votes:
            assert 2 * vote.present > vote.total == SIZE
            assert vote.votes_for + vote.against + vote.abstained + vote.not_voted == vote.present
            enough = (
                3 * vote.votes_for >= 2 * vote.total
                if vote.item.rule == ItemRule.REMOVAL
                else (2 * vote.votes_for > vote.present)
            )
            assert (vote.item.state == ItemState.ADOPTED) is enough
        adopted = AgendaItem.objects.filter(state=ItemState.ADOPTED).values_list("pk", flat=True)
        assert sorted(Decision.objects.values_list("item_id", flat=True)) == sorted(adopted)


@pytest.mark.django_db
def test_meeting_in_any_order_yields_only_valid_decisions(seated: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MeetingMachine, "council", seated, raising=False)
    slow = settings(
        max_examples=14,
        stateful_step_count=25,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(MeetingMachine, settings=slow)
    assert MeetingMachine.decided > 5
    assert MeetingMachine.polled > 5
