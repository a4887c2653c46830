"""What changed between two versions, in the words of the paper's own fields."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime

import pytest

from network_portal.documents import kinds
from network_portal.documents.differences import GONE, Change, difference
from tests.factories.documents import SAMPLE, Line


def changes(**new: object) -> list[Change]:
    return difference(kinds.content_of(SAMPLE), kinds.content_of(replace(SAMPLE, **new)), kinds.kind_of(SAMPLE))


def test_equal_contents_do_not_differ():
    assert changes() == []


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"hours": 68}, Change("Часов", "34", "68")),
        ({"start": date(2026, 10, 1)}, Change("Начало", "7\u00a0сентября 2026\u00a0г.", "1\u00a0октября 2026\u00a0г.")),
        ({"reason": "Карантин"}, Change("Причина", "", "Карантин")),
        (
            {"lines": (*SAMPLE.lines, Line(name="Новиков Илья Петрович", marks="4"))},
            Change("Строки", "", "Новиков Илья Петрович, 4"),
        ),
        ({"lines": SAMPLE.lines[:1]}, Change("Строки", "Жуков Иван Олегович", "")),
        (
            {"lines": (replace(SAMPLE.lines[0], marks="5"), SAMPLE.lines[1])},
            Change("Строки, «Ёлкин Пётр Ильич»: Отметки", "5, 4", "5"),
        ),
        (
            {"lines": SAMPLE.lines[::-1]},
            Change(
                "Строки: порядок",
                "Ёлкин Пётр Ильич; Жуков Иван Олегович",
                "Жуков Иван Олегович; Ёлкин Пётр Ильич",
            ),
        ),
    ],
)
def test_one_difference_is_named_by_its_label(new, expected):
    assert changes(**new) == [expected]


def test_rows_of_equal_names_are_told_apart():
    twins = (Line(name="Жуков Иван", marks="5"), Line(name="Жуков Иван", marks="3"))
    old, new = (kinds.content_of(replace(SAMPLE, lines=lines)) for lines in (twins, twins[:1]))
    assert difference(old, new, kinds.kind_of(SAMPLE)) == [Change("Строки", "Жуков Иван, 3", "")]


def test_long_text_shows_only_the_lines_that_changed():
    old, new = (
        kinds.content_of(replace(SAMPLE, subject=text))
        for text in ("1. Физика\n2. Химия\n3. Биология", "1. Физика\n2. Химия и жизнь\n3. Биология\n4. Астрономия")
    )
    assert difference(old, new, kinds.kind_of(SAMPLE)) == [
        Change("Предмет договора", "2. Химия", "2. Химия и жизнь"),
        Change("Предмет договора", "", "4. Астрономия"),
    ]


@dataclass(frozen=True, kw_only=True)
class Inner:
    at: datetime = kinds.field("Когда")
    yes: bool = kinds.field("Согласие")


@dataclass(frozen=True, kw_only=True)
class Outer:
    inner: Inner = kinds.field("Сторона")
    names: tuple[str, ...] = kinds.field("Имена")


def test_parties_lists_moments_and_answers_are_read_as_people_read_them():
    kind = replace(kinds.kind_of(SAMPLE), content=Outer)
    old = {"inner": {"at": "2026-09-02T13:45:00+00:00", "yes": False}, "names": ["А", "Б"]}
    new = {"inner": {"at": "2026-09-02T13:46:00+00:00", "yes": True}, "names": ["А", "В"]}
    assert difference(json.dumps({"paper": old}), json.dumps({"paper": new}), kind) == [
        Change("Сторона: Когда", "02.09.2026 16:45", "02.09.2026 16:46"),
        Change("Сторона: Согласие", "нет", "да"),
        Change("Имена", "Б", "В"),
    ]


def test_field_that_the_kind_no_longer_has_is_still_shown():
    old, new = (json.dumps({"paper": {**json.loads(kinds.content_of(SAMPLE))["paper"], "old": word}}) for word in "ab")
    assert difference(old, new, kinds.kind_of(SAMPLE)) == [Change(GONE, "a", "b")]
