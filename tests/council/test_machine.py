"""A meeting in which anything happens in any order never yields a decision without quorum or with a wrong sum."""

from __future__ import annotations

from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from council.enums import ItemKind, ItemRule, ItemState
from council.models import AgendaItem, Decision, Presence, Vote
from network_portal.common.errors import RuleError
from tests.factories.council import hall

SIZE, ITEMS = 5, 4
ACTS = ["vote"] * 6 + ["arrive"] * 6 + ["leave"] * 4 + ["preside"] * 3 + ["open", "end"]


class MeetingMachine(RuleBasedStateMachine):
    """The services against a set of numbers: who is in the hall."""

    decided = 0  # over all examples

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.council = hall(SIZE, items=ITEMS, chair=True)
        last = self.council.items[-1]
        last.kind, last.rule, last.candidate = ItemKind.REMOVAL, ItemRule.REMOVAL, self.council.members[4]
        last.save()
        self.inside: set[int] = set()
        self.running = False
        self.votes = 0

    def teardown(self) -> None:
        MeetingMachine.decided += Decision.objects.count()
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    def tried(self, act: object, *args: object, **kwargs: object) -> bool:
        """Do `act`, or tell that it was refused and changed nothing."""
        try:
            act(*args, **kwargs)
        except RuleError:
            return False
        return True

    @initialize(seed=st.integers(0, 2**32), away=st.integers(0, SIZE))
    def begin(self, seed: int, away: int) -> None:
        self.chance = Random(seed)
        self.open(SIZE - away)

    @rule()
    def happen(self) -> None:
        """Do something evenly chosen: left to itself, Hypothesis leaves out whole acts and hardly gets to a vote."""
        chance = self.chance
        act = chance.choice(ACTS)
        if act == "vote":
            self.vote(chance.randrange(ITEMS), *chance.choices((0, 0, 0, 1, 1, 5), k=3), honest=chance.random() < 0.8)
        elif act == "open":
            self.open(chance.randint(1, SIZE))
        elif act == "end":
            self.end()
        else:
            getattr(self, act)(chance.randrange(SIZE))

    def open(self, count: int) -> None:
        if self.tried(self.council.open, count):
            assert not self.running
            self.running, self.inside = True, set(range(count))

    def arrive(self, seat: int) -> None:
        if self.tried(self.council.arrive, self.council.members[seat]):
            assert self.running
            assert seat not in self.inside
            self.inside.add(seat)

    def leave(self, seat: int) -> None:
        if self.tried(self.council.leave, self.council.members[seat]):
            assert self.running
            self.inside.remove(seat)

    def preside(self, seat: int) -> None:
        if self.tried(self.council.preside, self.council.members[seat]):
            assert seat in self.inside

    def vote(self, no: int, votes_for: int, against: int, abstained: int, honest: bool) -> None:
        present = len(self.inside)
        not_voted = 0
        if honest:  # the numbers are made to sum to those present; what is left over votes for
            against = min(against, present)
            abstained = min(abstained, present - against)
            not_voted = min(votes_for, present - against - abstained) // 2
            votes_for = present - against - abstained - not_voted
        if self.tried(self.council.vote, votes_for, against, abstained, not_voted, no=no):
            assert self.running
            assert 2 * present > SIZE
            assert votes_for + against + abstained + not_voted == present
            self.votes += 1

    def end(self) -> None:
        if self.tried(self.council.end):
            assert self.running
            self.running, self.inside = False, set()

    @invariant()
    def the_hall_is_as_told(self) -> None:
        inside = {member.pk for place, member in enumerate(self.council.members) if place in self.inside}
        assert set(Presence.objects.filter(left_at=None).values_list("member_id", flat=True)) == inside

    @invariant()
    def every_decision_is_valid(self) -> None:
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
def test_meeting_in_any_order_yields_only_valid_decisions() -> None:
    slow = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(MeetingMachine, settings=slow)
    assert MeetingMachine.decided > 5
