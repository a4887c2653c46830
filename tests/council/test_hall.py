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
from tests.factories.council import AT, CouncilMemberFactory, Hall

pytestmark = pytest.mark.django_db


def test_arriving_twice_is_refused(unled: Hall) -> None:
    unled.open(1)
    assert "уже среди присутствующих" in refusal_of(unled.arrive, unled.members[0])


def test_leaving_before_arriving_is_refused(unled: Hall) -> None:
    unled.open(1)
    assert "не отмечен" in refusal_of(unled.leave, unled.members[1])


def test_arrival_of_a_member_of_another_council_is_refused(unled: Hall) -> None:
    unled.open()
    assert "не член совета" in refusal_of(unled.arrive, CouncilMemberFactory())


def test_arrival_of_a_secretary_without_a_vote_is_refused(unled: Hall) -> None:
    unled.open()
    assert "не член совета" in refusal_of(unled.arrive, unled.secretary)


def test_arrival_of_a_member_whose_seat_has_ended_is_refused(unled: Hall) -> None:
    duty = unled.members[2].duty
    duty.date_to = AT.date() - timedelta(days=1)
    duty.save()
    unled.open()
    assert "не член совета" in refusal_of(unled.arrive, unled.members[2])
    assert floor_of(unled.meeting).total == 2


def test_arrival_in_the_future_is_refused(unled: Hall) -> None:
    unled.open()
    assert "ещё не наступило" in refusal_of(unled.arrive, unled.members[0], AT + timedelta(hours=1))


def test_arrival_before_the_opening_is_refused(unled: Hall) -> None:
    unled.open()
    assert "Заседание открыто" in refusal_of(unled.arrive, unled.members[0], AT - timedelta(minutes=5))


def test_arrival_in_the_minute_of_the_opening_is_the_opening(unled: Hall) -> None:
    unled.now = AT + timedelta(seconds=30)
    unled.open()
    unled.arrive(unled.members[0], AT)
    assert Presence.objects.get().arrived_at == AT + timedelta(seconds=30)


def test_departure_before_the_arrival_is_refused(unled: Hall) -> None:
    unled.open()
    unled.tick(10)
    unled.arrive(unled.members[0])
    assert "раньше прибытия" in refusal_of(unled.leave, unled.members[0], AT + timedelta(minutes=5))


def test_return_before_the_departure_is_refused(unled: Hall) -> None:
    unled.open(1)
    unled.tick(10)
    unled.leave(unled.members[0])
    assert "вернуться раньше нельзя" in refusal_of(unled.arrive, unled.members[0], AT + timedelta(minutes=5))


def test_presence_is_not_changed_behind_a_vote(led: Hall) -> None:
    led.open(2)
    led.tick(10)
    led.vote(2)
    before = AT + timedelta(minutes=5)
    assert "прошло голосование" in refusal_of(led.arrive, led.members[2], before)
    assert "прошло голосование" in refusal_of(led.leave, led.members[0], before)


def test_chair_presides_as_soon_as_there(led: Hall) -> None:
    led.open()
    led.arrive(led.members[0])
    led.refresh()
    assert led.meeting.presiding == led.members[0]


def test_member_does_not_preside_in_the_presence_of_the_chair(sitting: Hall) -> None:
    assert "Председатель совета присутствует" in refusal_of(sitting.preside, sitting.members[1])


def test_member_presides_in_the_absence_of_the_chair(led: Hall) -> None:
    led.open()
    led.arrive(led.members[1])
    led.preside(led.members[1])
    assert led.meeting.presiding == led.members[1]


def test_absent_member_does_not_preside(unled: Hall) -> None:
    unled.open(1)
    assert "только присутствующий" in refusal_of(unled.preside, unled.members[1])


def test_secretary_with_a_vote_does_not_preside(unled: Hall) -> None:
    unled.secretary.voting = True
    unled.secretary.save()
    unled.open(3)
    unled.arrive(unled.secretary)
    assert "два разных человека" in refusal_of(unled.preside, unled.secretary)


def test_meeting_end_empties_the_hall_and_skips_what_is_left(sitting: Hall) -> None:
    sitting.vote(3)
    sitting.end()
    assert list(sitting.meeting.items.values_list("state", flat=True)) == [ItemState.ADOPTED, ItemState.SKIPPED]
    assert set(Presence.objects.values_list("left_at", flat=True)) == {sitting.meeting.closed_at}


def test_meeting_that_never_had_a_quorum_is_not_ended_but_not_held(large: Hall) -> None:
    large.open(5)
    assert "несостоявшимся" in refusal_of(large.end)
    services.meeting_not_held(actor=large.keeper, meeting=large.meeting, at=large.tick())
    large.refresh()
    entry = AuditEntry.objects.get(verb="meeting.not_held")
    assert (large.meeting.state, entry.changes) == (
        MeetingState.NOT_HELD,
        {"reason": "нет кворума", "present": 5, "total": 10, "needed": 6},
    )


def test_meeting_with_a_quorum_is_not_recorded_as_not_held(large: Hall) -> None:
    large.open(6)
    message = refusal_of(services.meeting_not_held, actor=large.keeper, meeting=large.meeting, at=large.tick())
    assert message == "Кворум есть: 6 из 10. Заседание правомочно."


def test_planned_meeting_is_not_recorded_as_not_held_before_its_time(unled: Hall) -> None:
    message = refusal_of(
        services.meeting_not_held,
        actor=unled.keeper,
        meeting=unled.meeting,
        at=AT - timedelta(minutes=1),
    )
    assert message == "Назначенное время ещё не наступило."
