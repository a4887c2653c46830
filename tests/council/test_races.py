"""Two people at one meeting at the same moment: one acts, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from council import services
from council.models import Presence, Vote
from council.voting import Tally
from network_portal.common.errors import RuleError, StaleError
from tests.factories.council import hall

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run `acts` in threads that start together; return what became of each: "done" or the refusal's class."""
    start = threading.Barrier(len(acts), timeout=60)
    became = [""] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
            became[place] = "done"
        except RuleError as refusal:
            became[place] = type(refusal).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return became


def test_two_tallies_of_one_item_leave_one_vote() -> None:
    council = hall(3, chair=True)
    council.open(3)
    council.agree()
    at = council.tick()

    def tally(votes_for: int) -> Callable[[], object]:
        counted = Tally(votes_for, 3 - votes_for, 0, 0)
        return lambda: services.vote_record(actor=council.keeper, item=council.items[0], tally=counted, at=at)

    assert sorted(at_once(tally(3), tally(2))) == [StaleError.__name__, "done"]
    assert Vote.objects.count() == 1


def test_vote_and_departure_that_breaks_the_quorum_never_both_count() -> None:
    council = hall(4, chair=True)
    council.open(3)
    council.agree()
    at = council.tick()
    became = at_once(
        lambda: services.vote_record(actor=council.keeper, item=council.items[0], tally=Tally(3, 0, 0, 0), at=at),
        lambda: services.presence_leave(
            actor=council.keeper, meeting=council.meeting, member=council.members[2], at=at + timedelta(seconds=1)
        ),
    )
    voted = became[0] == "done"
    assert became[1] == "done"
    assert [vote.present for vote in Vote.objects.all()] == ([3] if voted else [])


def test_two_arrivals_of_one_member_leave_one_stay() -> None:
    council = hall(3, chair=True)
    council.open(1)
    at = council.tick()

    def arrive() -> object:
        return services.presence_arrive(actor=council.keeper, meeting=council.meeting, member=council.members[1], at=at)

    assert sorted(at_once(arrive, arrive)) == [RuleError.__name__, "done"]
    assert Presence.objects.filter(member=council.members[1]).count() == 1
