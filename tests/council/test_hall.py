"""The hall: who comes and goes, who presides, the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from council import services
from council.enums import ItemState, MeetingState
from council.models import Presence
from council.selectors.hall import floor_of
from network_portal.audit.models import AuditEntry
from tests.council.asking import refusal_of
from tests.factories.council import AT, CouncilMemberFactory, hall

pytestmark = pytest.mark.django_db


def test_arriving_twice_is_refused() -> None:
    council = hall(3)
    council.open(1)
    assert "уже среди присутствующих" in refusal_of(council.arrive, council.members[0])


def test_leaving_before_arriving_is_refused() -> None:
    council = hall(3)
    council.open(1)
    assert "не отмечен" in refusal_of(council.leave, council.members[1])


def test_arrival_of_a_member_of_another_council_is_refused() -> None:
    council = hall(3)
    council.open()
    assert "не член совета" in refusal_of(council.arrive, CouncilMemberFactory())


def test_arrival_of_a_secretary_without_a_vote_is_refused() -> None:
    council = hall(3)
    council.open()
    assert "не член совета" in refusal_of(council.arrive, council.secretary)


def test_arrival_of_a_member_whose_seat_has_ended_is_refused() -> None:
    council = hall(3)
    duty = council.members[2].duty
    duty.date_to = AT.date() - timedelta(days=1)
    duty.save()
    council.open()
    assert "не член совета" in refusal_of(council.arrive, council.members[2])
    assert floor_of(council.meeting).total == 2


def test_arrival_in_the_future_is_refused() -> None:
    council = hall(3)
    council.open()
    assert "ещё не наступило" in refusal_of(council.arrive, council.members[0], AT + timedelta(hours=1))


def test_arrival_before_the_opening_is_refused() -> None:
    council = hall(3)
    council.open()
    assert "Заседание открыто" in refusal_of(council.arrive, council.members[0], AT - timedelta(minutes=5))


def test_arrival_in_the_minute_of_the_opening_is_the_opening() -> None:
    council = hall(3)
    council.now = AT + timedelta(seconds=30)
    council.open()
    council.arrive(council.members[0], AT)
    assert Presence.objects.get().arrived_at == AT + timedelta(seconds=30)


def test_departure_before_the_arrival_is_refused() -> None:
    council = hall(3)
    council.open()
    council.tick(10)
    council.arrive(council.members[0])
    assert "раньше прибытия" in refusal_of(council.leave, council.members[0], AT + timedelta(minutes=5))


def test_return_before_the_departure_is_refused() -> None:
    council = hall(3)
    council.open(1)
    council.tick(10)
    council.leave(council.members[0])
    assert "вернуться раньше нельзя" in refusal_of(council.arrive, council.members[0], AT + timedelta(minutes=5))


def test_presence_is_not_changed_behind_a_vote() -> None:
    council = hall(3, items=2, chair=True)
    council.open(2)
    council.tick(10)
    council.vote(2)
    before = AT + timedelta(minutes=5)
    assert "прошло голосование" in refusal_of(council.arrive, council.members[2], before)
    assert "прошло голосование" in refusal_of(council.leave, council.members[0], before)


def test_chair_presides_as_soon_as_there() -> None:
    council = hall(3, chair=True)
    council.open()
    council.arrive(council.members[0])
    council.refresh()
    assert council.meeting.presiding == council.members[0]


def test_member_does_not_preside_in_the_presence_of_the_chair() -> None:
    council = hall(3, chair=True)
    council.open(3)
    assert "Председатель совета присутствует" in refusal_of(council.preside, council.members[1])


def test_member_presides_in_the_absence_of_the_chair() -> None:
    council = hall(3, chair=True)
    council.open()
    council.arrive(council.members[1])
    council.preside(council.members[1])
    assert council.meeting.presiding == council.members[1]


def test_absent_member_does_not_preside() -> None:
    council = hall(3)
    council.open(1)
    assert "только присутствующий" in refusal_of(council.preside, council.members[1])


def test_secretary_with_a_vote_does_not_preside() -> None:
    council = hall(3)
    council.secretary.voting = True
    council.secretary.save()
    council.open(3)
    council.arrive(council.secretary)
    assert "два разных человека" in refusal_of(council.preside, council.secretary)


def test_meeting_end_empties_the_hall_and_skips_what_is_left() -> None:
    council = hall(3, items=2, chair=True)
    council.open(3)
    council.vote(3)
    council.end()
    assert list(council.meeting.items.values_list("state", flat=True)) == [ItemState.ADOPTED, ItemState.SKIPPED]
    assert set(Presence.objects.values_list("left_at", flat=True)) == {council.meeting.closed_at}


def test_meeting_that_never_had_a_quorum_is_not_ended_but_not_held() -> None:
    council = hall(10, chair=True)
    council.open(5)
    assert "несостоявшимся" in refusal_of(council.end)
    services.meeting_not_held(actor=council.keeper, meeting=council.meeting, at=council.tick())
    council.refresh()
    entry = AuditEntry.objects.get(verb="meeting.not_held")
    assert (council.meeting.state, entry.changes) == (
        MeetingState.NOT_HELD,
        {"reason": "нет кворума", "present": 5, "total": 10, "needed": 6},
    )


def test_meeting_with_a_quorum_is_not_recorded_as_not_held() -> None:
    council = hall(10, chair=True)
    council.open(6)
    message = refusal_of(services.meeting_not_held, actor=council.keeper, meeting=council.meeting, at=council.tick())
    assert message == "Кворум есть: 6 из 10. Заседание правомочно."


def test_planned_meeting_is_not_recorded_as_not_held_before_its_time() -> None:
    council = hall(3)
    message = refusal_of(
        services.meeting_not_held,
        actor=council.keeper,
        meeting=council.meeting,
        at=AT - timedelta(minutes=1),
    )
    assert message == "Назначенное время ещё не наступило."
