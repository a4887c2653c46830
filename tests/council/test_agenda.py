"""The agenda: questions and what they are about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from council import services
from council.enums import ItemKind
from council.models import AgendaItem
from council.services import About
from network_portal.common.errors import StaleError
from tests.council.asking import refusal_of
from tests.factories.council import AT, CouncilMemberFactory, Hall, hall

pytestmark = pytest.mark.django_db


def add(council: Hall, **changes: object) -> AgendaItem:
    fields = {"title": "О выборах", "speaker": "Белов Б. О.", "proposal": "Избрать председателем."}
    return services.item_add(actor=council.keeper, meeting=council.meeting, at=AT, **(fields | changes))


def test_item_add_takes_the_next_place() -> None:
    council = hall(3, items=2)
    assert (add(council).position, council.meeting.items.count()) == (3, 3)


def test_election_of_someone_from_another_council_is_refused() -> None:
    stranger = CouncilMemberFactory()
    assert "этого совета" in refusal_of(add, hall(3), kind=ItemKind.CHAIR, about=About(candidate=stranger))


def test_election_of_someone_without_a_vote_is_refused() -> None:
    council = hall(3)
    assert "правом голоса" in refusal_of(add, council, kind=ItemKind.CHAIR, about=About(candidate=council.secretary))


def test_election_with_a_chair_in_office_is_refused() -> None:
    council = hall(3, chair=True)
    assert "уже избран" in refusal_of(add, council, kind=ItemKind.CHAIR, about=About(candidate=council.members[1]))


def test_election_when_the_seat_of_the_chair_has_ended_is_allowed() -> None:
    council = hall(3, chair=True)
    former = council.members[0].duty
    former.date_to = AT.date() - timedelta(days=1)
    former.save()
    assert add(council, kind=ItemKind.CHAIR, about=About(candidate=council.members[1])).candidate == council.members[1]


def test_ordinary_item_forgets_a_candidate() -> None:
    council = hall(3)
    assert add(council, about=About(candidate=council.members[1])).candidate is None


def test_item_remove_moves_the_rest_up() -> None:
    council = hall(3, items=3)
    services.item_remove(actor=council.keeper, item=council.items[0], at=AT)
    assert list(council.meeting.items.values_list("pk", "position")) == [
        (council.items[1].pk, 1),
        (council.items[2].pk, 2),
    ]


def test_judged_item_is_not_removed() -> None:
    council = hall(3, items=2, chair=True)
    council.open(3)
    council.vote(3)
    with pytest.raises(StaleError):
        services.item_remove(actor=council.keeper, item=council.items[0], at=council.tick())


def test_last_item_of_a_running_meeting_is_not_removed() -> None:
    council = hall(3)
    council.open(3)
    assert "единственный" in refusal_of(
        services.item_remove, actor=council.keeper, item=council.items[0], at=council.tick()
    )
