"""Votes as the secretary records them."""

from __future__ import annotations

import pytest

from council import services
from council.enums import ItemKind, ItemState
from council.models import Decision, Vote
from council.voting import Tally
from network_portal.common.errors import StaleError
from tests.council.asking import refusal_of
from tests.factories.council import Hall, hall

pytestmark = pytest.mark.django_db


def test_vote_of_exactly_half_of_those_present_rejects(running: Hall) -> None:
    assert running.vote(4, 1, 3).state == ItemState.REJECTED
    assert Decision.objects.count() == 0


def test_vote_of_more_than_half_adopts_but_has_no_effect_yet(running: Hall) -> None:
    assert running.vote(5, 3).state == ItemState.ADOPTED
    assert list(Decision.objects.values_list("executor", "effective_at")) == [("Белов Б. О.", None)]


@pytest.mark.parametrize(("votes_for", "state"), [(6, ItemState.ADOPTED), (5, ItemState.REJECTED)])
def test_removal_needs_two_thirds_of_the_composition(votes_for: int, state: str) -> None:
    council = hall(9, kind=ItemKind.REMOVAL, candidate=8, chair=True)
    council.open(7)
    assert council.vote(votes_for, 7 - votes_for).state == state


def test_vote_without_a_quorum_is_refused(large: Hall) -> None:
    large.open(5)
    assert refusal_of(large.vote, 5) == "Кворума нет: 5 из 10, нужно 6. Голосовать нельзя."


def test_vote_after_the_quorum_left_is_refused(large: Hall) -> None:
    large.open(6)
    large.vote(6)
    large.leave(large.members[5])
    assert "Кворума нет: 5 из 10, нужно 6" in refusal_of(large.vote, 5, no=1)


def test_vote_that_does_not_sum_to_those_present_is_refused(running: Hall) -> None:
    assert "Сумма голосов 9, а присутствуют 8" in refusal_of(running.vote, 5, 2, 1, 1)


def test_vote_counts_those_present_at_that_moment(running: Hall) -> None:
    running.vote(8)
    running.leave(running.members[7])
    assert running.vote(4, 3, no=1).state == ItemState.ADOPTED
    assert list(Vote.objects.order_by("at").values_list("present", "total")) == [(8, 10), (7, 10)]


def test_vote_without_anyone_presiding_is_refused(unled: Hall) -> None:
    unled.open(3)
    assert "Укажите председательствующего" in refusal_of(unled.vote, 3)


def test_vote_after_the_presiding_member_left_is_refused(sitting: Hall) -> None:
    sitting.leave(sitting.members[0])
    assert "Председательствующий ушёл" in refusal_of(sitting.vote, 2)


def test_tally_for_a_closed_item_is_stale(sitting: Hall) -> None:
    sitting.vote(3)
    with pytest.raises(StaleError):
        sitting.vote(2, 1)
    assert Vote.objects.get().votes_for == 3


def test_tally_counted_before_someone_came_is_stale(led: Hall) -> None:
    led.open(2)
    led.agree()
    earlier = led.now
    led.arrive(led.members[2])
    with pytest.raises(StaleError):
        services.vote_record(actor=led.keeper, item=led.items[0], tally=Tally(3, 0, 0, 0), at=earlier)


def test_second_election_is_refused_while_the_first_waits_for_its_minutes() -> None:
    council = hall(3, items=2, kind=ItemKind.CHAIR, candidate=1)
    council.open(3)
    council.preside()
    council.vote(3)
    assert "уже избран" in refusal_of(council.vote, 3, no=1)
