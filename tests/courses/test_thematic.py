"""The thematic plan of a programme, pasted as text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from courses import thematic
from courses.models import ThematicRow
from courses.thematic import Topic, parse_plan, plan_text
from network_portal.common.errors import RuleError, StaleError
from schools.enums import DutyKind
from tests.factories.courses import StudyGroupFactory
from tests.factories.gradebook import LessonFactory
from tests.factories.schools import DutyFactory, acting_as, sign_in

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ("1. Импульс тела (2 ч)", Topic("Импульс тела", 2)),
        ("12) Закон Ома – 3 часа", Topic("Закон Ома", 3)),
        ("3\tЗакон сохранения энергии\t4", Topic("Закон сохранения энергии", 4)),
        ("Силы в природе;2", Topic("Силы в природе", 2)),
        ("| 5 | Колебания | 1 |", Topic("Колебания", 1)),
        ("Опыт 7", Topic("Опыт 7", 1)),
        ("Повторение, 1 ч.", Topic("Повторение", 1)),
    ],
)
def test_line_is_read_as_people_write_it(line: str, topic: Topic) -> None:
    assert parse_plan(f"\n {line} \n\n") == [topic]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Импульс (2 ч)\n2\t3", "Строка 2: не видно темы"),
        ("Импульс (0 ч)", "Строка 1: часов от 1 до 99"),
        ("ы" * 301, "длиннее 300"),
        ("Тема\n" * 301, "не больше 300 строк, прислано 301"),
    ],
)
def test_text_that_is_no_plan_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        parse_plan(text)


@pytest.mark.django_db
def test_plan_is_read_back_changed_in_place_and_keeps_what_stands_in_a_journal() -> None:
    group = StudyGroupFactory(open=True)
    programme = group.course.programme
    teacher = acting_as(group.teacher)

    def replace(text: str, seen: str = "") -> list[ThematicRow]:
        return thematic.plan_replace(actor=teacher, programme=programme, text=text, seen=seen, at=AT)

    rows = replace("Импульс (2 ч)\nЭнергия (3 ч)\nВолны")
    assert parse_plan(plan_text(rows)) == [Topic("Импульс", 2), Topic("Энергия", 3), Topic("Волны", 1)]
    LessonFactory(group=group, plan_row=rows[1])
    assert [row.pk for row in replace("Импульс тела (1 ч)\nЭнергия (3 ч)")] == [rows[0].pk, rows[1].pk]
    with pytest.raises(RuleError, match="уже стоят в журнале"):
        replace("Импульс тела (1 ч)")
    with pytest.raises(StaleError):
        replace("Импульс", seen="0" * 64)
    assert [str(row) for row in thematic.plan_of(programme)] == ["1. Импульс тела", "2. Энергия"]


@pytest.mark.django_db
def test_plan_is_kept_by_the_school_and_its_teacher_and_hidden_from_others() -> None:
    group = StudyGroupFactory(open=True)
    url = reverse("programme_plan", args=[group.course.programme_id])
    host = group.course.programme.host
    answers = {}
    for kind, school in (
        (DutyKind.DEPUTY, host), (DutyKind.DIRECTOR, host), (DutyKind.NETWORK_TEACHER, host), (DutyKind.DEPUTY, None),
    ):  # fmt: skip
        duty = DutyFactory(kind=kind, **({"organisation": school} if school else {}))
        client = sign_in(Client(), acting_as(duty))
        answers[kind, school is host] = (client.get(url).status_code, client.post(url, {"text": "Тема"}).status_code)
    assert answers == {
        (DutyKind.DEPUTY, True): (200, 302), (DutyKind.DIRECTOR, True): (200, 403),
        (DutyKind.NETWORK_TEACHER, True): (404, 404), (DutyKind.DEPUTY, False): (404, 404),
    }  # fmt: skip
    client = sign_in(Client(), acting_as(group.teacher))
    assert (client.get(url).status_code, client.post(url, {"text": "Тема"}).status_code) == (200, 302)
    assert client.post(url, {"text": "5\t7"}).status_code == 422
