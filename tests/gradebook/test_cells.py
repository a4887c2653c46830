"""What may be typed into a cell, and the arithmetic of means."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradebook.cells import Cell, parse_cell
from gradebook.enums import ATTENDANCE_LETTERS, AttendanceCode
from gradebook.means import mean_text, rounded, weighted_mean
from network_portal.common.errors import RuleError


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("", Cell()),
        ("  ", Cell()),
        ("2", Cell(2)),
        ("5", Cell(5)),
        ("н", Cell(None, AttendanceCode.ABSENT)),
        ("Н", Cell(None, AttendanceCode.ABSENT)),
        ("б", Cell(None, AttendanceCode.ILL)),
        ("у", Cell(None, AttendanceCode.EXCUSED)),
        ("уп", Cell(None, AttendanceCode.EXCUSED)),
        ("нп", Cell(None, AttendanceCode.UNEXCUSED)),
        ("оп", Cell(None, AttendanceCode.LATE)),
        ("о", Cell(None, AttendanceCode.LATE)),
        ("5оп", Cell(5, AttendanceCode.LATE)),
        ("оп 5", Cell(5, AttendanceCode.LATE)),
        ("4/н", Cell(4, AttendanceCode.ABSENT)),
    ],
)
def test_cell_means_what_was_typed(typed: str, cell: Cell) -> None:
    assert parse_cell(typed) == cell


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1", "Отметки «1» нет"),
        ("6", "Отметки «6» нет"),
        ("55", "«55» ввести нельзя"),
        ("5 5", "одна отметка"),
        ("нб", "Обозначения «НБ» нет"),
        ("н б", "одна отметка"),
        ("H", "латинские буквы"),
        ("🙂", "Такой знак"),
        ("5+", "Такой знак"),
        ("²", "Такой знак"),
        ("٥", "Отметки «٥» нет"),
        ("5" * 10000, "Слишком длинное"),
        ("<script>", "латинские буквы"),
    ],
)
def test_cell_refuses_nonsense_with_words(typed: str, words: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_cell(typed)
    assert words in refused.value.message


@given(st.sampled_from([None, 2, 3, 4, 5]), st.sampled_from([None, *AttendanceCode]))
def test_cell_reads_back_what_it_writes(mark: int | None, code: AttendanceCode | None) -> None:
    cell = Cell(mark, code)
    assert parse_cell(cell.text) == cell


@given(st.text(max_size=12))
def test_cell_is_understood_or_refused(typed: str) -> None:
    try:
        cell = parse_cell(typed)
    except RuleError:
        return
    assert parse_cell(cell.text) == cell


def test_every_code_has_letters() -> None:
    assert set(ATTENDANCE_LETTERS) == set(AttendanceCode)


def test_weighted_mean_of_the_requirements() -> None:
    assert mean_text(weighted_mean([(4, 1), (5, 2), (3, 3)])) == "3,83"
    assert mean_text(weighted_mean([(4, 1), (5, 1), (3, 1)])) == "4,00"


def test_mean_without_marks_is_a_dash() -> None:
    assert (weighted_mean([]), mean_text(None)) == (None, "–")


def test_mean_is_rounded_half_up() -> None:
    assert (rounded(Decimal("3.645")), rounded(Decimal("2.675")), rounded(Decimal("3.649"))) == (
        Decimal("3.65"),
        Decimal("2.68"),
        Decimal("3.65"),
    )


@given(st.lists(st.tuples(st.integers(2, 5), st.sampled_from([1, 2, 3])), min_size=1, max_size=60))
def test_weighted_mean_equals_the_fraction(marks: list[tuple[int, int]]) -> None:
    exact = Fraction(sum(value * weight for value, weight in marks), sum(weight for _, weight in marks))
    mean = weighted_mean(marks)
    assert mean is not None
    assert abs(Fraction(mean) - exact) < Fraction(1, 10**20)
    assert 2 <= mean <= 5
    shown = rounded(mean)
    assert shown is not None
    assert int(shown * 100) == (exact * 100 + Fraction(1, 2)).__floor__()
