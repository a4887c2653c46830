"""Quorum, majorities and tallies: the vectors of 6.11 and every composition from 1 to 40."""

from __future__ import annotations

from fractions import Fraction

import pytest

from council import voting
from council.enums import ItemRule
from council.voting import Tally

HALF, TWO_THIRDS = Fraction(1, 2), Fraction(2, 3)


@pytest.mark.parametrize(
    ("total", "present", "expected"),
    [(10, 5, False), (10, 6, True), (9, 4, False), (9, 5, True), (11, 5, False), (11, 6, True), (16, 8, False)],
)
def test_quorum_vectors(total: int, present: int, expected: bool) -> None:
    assert voting.quorum(total, present) is expected


@pytest.mark.parametrize(
    ("present", "votes_for", "expected"), [(8, 4, False), (8, 5, True), (6, 3, False), (7, 4, True)]
)
def test_ordinary_vectors(present: int, votes_for: int, expected: bool) -> None:
    assert voting.ordinary(present, votes_for) is expected


def test_ordinary_counts_those_who_abstained_as_present() -> None:
    tally = Tally(votes_for=4, against=1, abstained=3, not_voted=0)
    assert (voting.tally_fits(tally, 8), voting.ordinary(8, tally.votes_for)) == (True, False)


@pytest.mark.parametrize(
    ("total", "present", "votes_for", "expected"),
    [
        (10, 8, 6, False),
        (10, 7, 7, True),
        (9, 7, 6, True),
        (9, 8, 5, False),
        (12, 8, 8, True),
        (11, 9, 7, False),
        (12, 6, 6, False),
    ],
)
def test_removal_vectors(total: int, present: int, votes_for: int, expected: bool) -> None:
    assert voting.removal(total, present, votes_for) is expected


def test_tally_that_does_not_sum_to_those_present_does_not_fit() -> None:
    assert voting.tally_fits(Tally(5, 2, 1, 1), 8) is False


def test_tally_with_a_negative_number_does_not_fit() -> None:
    assert voting.tally_fits(Tally(9, -1, 0, 0), 8) is False


@pytest.mark.parametrize("total", range(1, 41))
def test_every_composition_agrees_with_fractions(total: int) -> None:
    for present in range(total + 1):
        has_quorum = Fraction(present, total) > HALF
        assert voting.quorum(total, present) is has_quorum
        for votes_for in range(present + 1):
            more_than_half = present > 0 and Fraction(votes_for, present) > HALF
            two_thirds = Fraction(votes_for, total) >= TWO_THIRDS
            for rule in (ItemRule.ORDINARY, ItemRule.ELECTION, ItemRule.EXCLUSIVE):
                judged = voting.adopted(rule, total=total, present=present, votes_for=votes_for)
                assert judged is (has_quorum and more_than_half)
            judged = voting.adopted(ItemRule.REMOVAL, total=total, present=present, votes_for=votes_for)
            assert judged is (has_quorum and two_thirds)


@pytest.mark.parametrize("total", range(1, 41))
def test_numbers_shown_are_the_smallest_that_suffice(total: int) -> None:
    needed = voting.quorum_needed(total)
    assert (voting.quorum(total, needed), voting.quorum(total, needed - 1)) == (True, False)
    for present in range(needed, total + 1):
        votes = voting.votes_needed(ItemRule.ORDINARY, total=total, present=present)
        assert (voting.ordinary(present, votes), voting.ordinary(present, votes - 1)) == (True, False)
        votes = voting.votes_needed(ItemRule.REMOVAL, total=total, present=present)
        assert (3 * votes >= 2 * total, 3 * (votes - 1) >= 2 * total) == (True, False)
