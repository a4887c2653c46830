"""Before a meeting: naming its day, inviting, moving, calling it off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from council import services
from council.enums import MeetingKind, MeetingState
from council.models import Meeting
from network_portal.common.errors import StaleError
from network_portal.notices.models import Notice
from tests.council.asking import refusal_of
from tests.factories.council import AT, Hall

pytestmark = pytest.mark.django_db


def plan(council: Hall, **changes: object) -> Meeting:
    fields = {"kind": MeetingKind.FIRST, "planned_at": AT + timedelta(days=7), "place": "каб. 12", "at": AT}
    return services.meeting_plan(actor=council.keeper, council=council.council, **(fields | changes))


def test_meeting_plan_invites_nobody_yet(unled: Hall) -> None:
    assert (plan(unled).state, Notice.objects.count()) == (MeetingState.PLANNED, 0)


def test_meeting_plan_in_the_past_is_refused(unled: Hall) -> None:
    assert "уже прошла" in refusal_of(plan, unled, planned_at=AT - timedelta(days=1))


def test_regular_meeting_before_a_chair_is_elected_is_refused(unled: Hall) -> None:
    assert "сначала проводится первое заседание" in refusal_of(plan, unled, kind=MeetingKind.REGULAR)


def test_first_meeting_with_a_chair_in_office_is_refused(led: Hall) -> None:
    assert "Председатель уже избран" in refusal_of(plan, led)


def test_meeting_with_an_empty_agenda_is_not_opened(unled: Hall) -> None:
    unled.items[0].delete()
    assert refusal_of(unled.open) == "Повестка пуста: добавьте вопрос."


def test_meeting_before_its_day_is_not_opened(unled: Hall) -> None:
    unled.now = AT - timedelta(days=1)
    assert refusal_of(unled.open) == "Заседание можно открыть в назначенный день."


def test_meeting_is_opened_once(unled: Hall) -> None:
    unled.open(3)
    with pytest.raises(StaleError):
        unled.open(3)


def test_meeting_and_question_sent_twice_are_one(unled: Hall) -> None:
    planned = [plan(unled) for _ in range(2)]
    question = {"title": "План", "speaker": "Орлов", "proposal": "Утвердить план"}
    items = [services.item_add(actor=unled.keeper, meeting=planned[0], at=AT, **question) for _ in range(2)]
    assert (planned[0], items[0]) == (planned[1], items[1])
