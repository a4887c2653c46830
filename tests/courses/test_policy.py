"""How a programme marks: agreed with the programme, fixed with its first published course (S2-2м, 6.1–6.6)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from courses.enums import Scale, TermSystem, WorkType
from courses.models import GradingPolicy
from courses.policies import DEFAULT, Policy, policy_facts, policy_of, policy_row, policy_set
from courses.services import course_publish
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import seen_of
from tests.courses.conftest import World
from tests.courses.test_courses import drafted
from tests.factories.courses import ProgrammeFactory
from tests.factories.schools import acting_as, sign_in

AT = datetime(2026, 5, 20, 9, tzinfo=UTC)


def values(**changes: Any) -> dict[str, Any]:
    return {
        "act": "Положение о текущем контроле, приказ № 112 от 29.08.2026",
        "scale": Scale.FIVE,
        "weights": {"answer": "1", "test": "2.5"},
        "five": Decimal("4.65"),
        "four": Decimal("3.65"),
        "three": Decimal("2.65"),
        "terms": TermSystem.QUARTERS,
        "year_tie": "last",
        "least_1": 3,
        "least_2": 4,
        "least_3": 5,
        "absence_limit": 66,
        "free_days": 5,
        **changes,
    }


def put(world: World, programme: Any, *, seen: str = "", **changes: Any) -> GradingPolicy:
    return policy_set(actor=acting_as(world.deputy), programme=programme, values=values(**changes), seen=seen, at=AT)


def test_programme_without_a_row_marks_by_the_portal(world: World) -> None:
    assert policy_of(ProgrammeFactory(host=world.host)) == DEFAULT
    assert (DEFAULT.weight("test"), DEFAULT.least_marks(1), DEFAULT.least_marks(5)) == (3, 5, 7)


def test_new_programme_takes_over_the_act_of_the_school_and_keeps_it(world: World) -> None:
    put(world, None)
    programme = drafted(world).programme
    put(world, None, free_days=9)
    programme.refresh_from_db()
    policy = policy_of(programme)
    assert policy == Policy(
        weights={WorkType.ANSWER: Decimal(1), WorkType.TEST: Decimal("2.5")},
        thresholds=((5, Decimal("4.65")), (4, Decimal("3.65")), (3, Decimal("2.65"))),
        terms=TermSystem.QUARTERS,
        year_tie=policy.year_tie,
        least=(3, 4, 5),
        absence_limit=66,
        free_days=5,
    )
    assert policy.weight("project") == 1


def test_policy_is_fixed_with_the_first_published_course(world: World) -> None:
    course = drafted(world)
    put(world, course.programme)
    course_publish(actor=acting_as(world.deputy), course=course, at=AT)
    with pytest.raises(RuleError, match="уже опубликован"):
        put(world, course.programme, free_days=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"four": Decimal("4.65")}, "Пороги"),
        ({"three": Decimal(2)}, "Пороги"),
        ({"absence_limit": 101}, "от 0 до 100"),
        ({"weights": {}}, "хотя бы одного"),
    ],
)
def test_policy_that_contradicts_itself_is_refused(world: World, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        put(world, None, **changes)


def test_policy_changed_meanwhile_is_told(world: World) -> None:
    seen = seen_of(policy_facts(policy_row(world.host, None)))
    put(world, None)
    with pytest.raises(StaleError):
        put(world, None, seen=seen)


def test_page_keeps_the_policy_and_shows_it_without_buttons_once_fixed(world: World) -> None:
    course = drafted(world)
    url = reverse("programme_policy", args=[course.programme.pk])
    client = sign_in(Client(), acting_as(world.deputy))
    data = {name: value for name, value in values().items() if name != "weights"} | {"weight_test": "3,50"}
    assert client.post(url, {**data, "five": "3"}).status_code == 422
    assert client.post(url, data).status_code == 302
    row = GradingPolicy.objects.get(programme=course.programme)
    assert (row.weights, row.five) == ({"test": "3.5"}, Decimal("4.65"))
    # a usual table is chosen instead of three numbers; numbers of one's own beside another table are a question
    assert '<option value="strict" selected>' in client.get(url).content.decode()
    assert client.post(url, {**data, "thresholds": "six"}).status_code == 302
    row.refresh_from_db()
    assert (row.five, row.four, row.three) == (Decimal("4.60"), Decimal("3.60"), Decimal("2.60"))
    assert "не из этой таблицы" in client.post(url, {**data, "thresholds": "half", "four": "3,9"}).content.decode()
    assert client.post(url, {**data, "thresholds": "six", "four": "3,9"}).status_code == 302
    row.refresh_from_db()
    assert (row.five, row.four) == (Decimal("4.65"), Decimal("3.90"))
    course_publish(actor=acting_as(world.deputy), course=course, at=AT)
    page = client.get(url).content.decode()
    assert ("больше не меняется" in page, "Сохранить порядок" in page) == (True, False)
    assert client.post(url, {**data, "free_days": "9"}).status_code == 422
    assert sign_in(Client(), acting_as(world.director)).post(url, data).status_code == 403
    assert sign_in(Client(), acting_as(world.stranger_deputy)).get(url).status_code == 404
