"""Canonical JSON of papers, and the rules of their declaration."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network_portal.documents import kinds
from tests.factories.documents import SAMPLE, Line, SamplePaper

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(plain)
def test_canonical_json_round_trips(value):
    assert json.loads(kinds.canonical(value)) == value


@given(st.dictionaries(st.text(), st.integers()))
def test_canonical_json_does_not_depend_on_order(values):
    turned = dict(reversed(values.items()))
    assert kinds.canonical(turned) == kinds.canonical(values)


def test_canonical_json_of_a_paper():
    assert kinds.content_of(SAMPLE) == (
        '{"kind":"TEST","paper":{"hours":34,"lines":[{"marks":"5, 4","name":"Ёлкин Пётр Ильич"},'
        '{"marks":null,"name":"Жуков Иван Олегович"}],"reason":null,"start":"2026-09-07",'
        '"subject":"Обучение по курсу «Физика вокруг нас»"}}'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("4.50"), '"4.50"'),
        (Decimal("1E+2"), '"100"'),
        (date(2026, 9, 2), '"2026-09-02"'),
        (datetime(2026, 9, 2, 13, 45, tzinfo=UTC), '"2026-09-02T13:45:00+00:00"'),
        ({"б": 1, "а": (2, 3)}, '{"а":[2,3],"б":1}'),
    ],
)
def test_canonical_json_of_values(value, text):
    assert kinds.canonical(value) == text


@pytest.mark.parametrize("value", [1.5, b"x", {1, 2}, object()])
def test_values_without_a_canonical_form_are_refused(value):
    with pytest.raises(TypeError):
        kinds.canonical(value)


def test_zero_and_false_are_not_empty():
    kinds.content_of(dataclasses.replace(SAMPLE, hours=0))


def test_empty_optional_field_prints_as_nothing():
    fields = kinds.parse(kinds.content_of(SAMPLE))
    assert (fields["reason"], fields["lines"][1]["marks"], fields["hours"]) == ("", "", 34)


def test_required_field_without_a_label_is_refused():
    @dataclasses.dataclass(frozen=True)
    class Nameless:
        name: str

    with pytest.raises(TypeError, match="needs a Russian label"):
        kinds.paper(code="TEST2", title="Без подписи", template="x.html")(Nameless)


def test_code_is_taken_once():
    with pytest.raises(TypeError, match="TEST is already SamplePaper"):
        kinds.paper(code="TEST", title="Другой", template="x.html")(Line)


def test_kind_of_a_paper_and_of_something_else():
    assert kinds.kind_of(SAMPLE).content is SamplePaper
    with pytest.raises(TypeError):
        kinds.kind_of(object())
