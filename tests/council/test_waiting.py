"""What waits for whom on the home page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from council import selectors, services
from schools.enums import DutyKind
from tests.council.pages import TODAY
from tests.factories.council import AT, Hall, hall
from tests.factories.schools import DutyFactory, acting_as

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def titles(seat: Any, on: date = TODAY) -> list[str]:
    return [task.title for task in selectors.tasks_for(acting_as(seat.duty), on)]


def test_tasks_before_the_day_of_the_meeting() -> None:
    council = hall(3, chair=True, at=AT + timedelta(days=5))
    task = selectors.tasks_for(acting_as(council.members[1].duty), TODAY)[0]
    assert (task.title, task.due) == ("Ответить, придёте ли на заседание", TODAY + timedelta(days=5))
    services.meeting_answer(actor=acting_as(council.members[1].duty), meeting=council.meeting, coming=True, at=AT)
    task = selectors.tasks_for(acting_as(council.members[1].duty), TODAY)[0]
    assert (task.title, task.due) == ("Заседание совета", TODAY + timedelta(days=5))


def test_tasks_follow_the_meeting(led: Hall) -> None:
    people = (led.secretary, led.members[0], led.members[1])
    seen = [[titles(seat) for seat in people]]
    led.open(3)
    led.vote(3)
    led.end()
    seen.append([titles(seat) for seat in people])
    led.submit()
    seen.append([titles(seat) for seat in people])
    led.sign("presiding", led.members[0])
    seen.append([titles(seat) for seat in people])
    led.sign("secretary", led.secretary)
    seen.append([titles(seat) for seat in people])
    sign = ["Подписать протокол заседания"]
    assert seen == [
        [["Провести заседание совета"], ["Заседание совета сегодня"], ["Заседание совета сегодня"]],
        [["Составить протокол заседания"], [], []],
        [[], sign, []],
        [sign, [], []],
        [[], [], []],
    ]


def test_tasks_of_another_council_do_not_show(signed: Hall) -> None:
    hall(1)
    assert titles(signed.members[0]) == []


def test_tasks_of_another_duty_are_none(unled: Hall) -> None:
    duty = DutyFactory(user=unled.members[0].user, kind=DutyKind.DIRECTOR)
    assert selectors.tasks_for(acting_as(duty), TODAY) == []
