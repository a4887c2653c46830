"""What the law of the council is in integers: quorum, majorities, the sum of a tally (S1-5.5, S1-5.9, 3.12).

A room of its own because it is neither a fact nor a read: it knows no row and no clock, so that it can be proved by
trying every number. Exactly half is never more than half; two thirds are of the total composition, not of the present.
"""

from __future__ import annotations

from dataclasses import dataclass

from council.enums import ItemRule


@dataclass(frozen=True)
class Tally:
    """How those present voted.

    Attributes:
        votes_for: for the draft.
        against: against it.
        abstained: abstained aloud.
        not_voted: present, but took no part.
    """

    votes_for: int
    against: int
    abstained: int
    not_voted: int

    @property
    def sum(self) -> int:
        return self.votes_for + self.against + self.abstained + self.not_voted


def quorum(total: int, present: int) -> bool:
    """Tell whether more than half of the `total` composition is present (S1-5.5)."""
    return 2 * present > total


def quorum_needed(total: int) -> int:
    """Return the smallest number of members present that is a quorum."""
    return total // 2 + 1


def ordinary(present: int, votes_for: int) -> bool:
    """Tell whether more than half of those present voted for; who abstained or kept silent was present (S1-5.5)."""
    return 2 * votes_for > present


def removal(total: int, present: int, votes_for: int) -> bool:
    """Tell whether at least two thirds of the total composition voted for, with a quorum (S1-5.9)."""
    return quorum(total, present) and 3 * votes_for >= 2 * total


def adopted(rule: str, *, total: int, present: int, votes_for: int) -> bool:
    """Tell whether a decision under `rule` is adopted; never without a quorum.

    Args:
        rule: a value of `ItemRule`.
        total: members with a vote on the day.
        present: those of them present at the moment of the vote.
        votes_for: votes for.
    """
    if rule == ItemRule.REMOVAL:
        return removal(total, present, votes_for)
    return quorum(total, present) and ordinary(present, votes_for)


def votes_needed(rule: str, *, total: int, present: int) -> int:
    """Return the smallest number of votes for that adopts a decision under `rule`."""
    return (2 * total + 2) // 3 if rule == ItemRule.REMOVAL else present // 2 + 1


def tally_fits(tally: Tally, present: int) -> bool:
    """Tell whether the tally has no negative number and sums to those present."""
    return min(tally.votes_for, tally.against, tally.abstained, tally.not_voted) >= 0 and tally.sum == present
