"""What may be typed into a cell, and the arithmetic of means."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.enums import Scale
from gradebook.cells import Cell, cell_of, parse_cell
from gradebook.enums import ATTENDANCE_LETTERS, AttendanceCode
from gradebook.means import mean_text, rounded, weighted_mean
from network_portal.common.errors import RuleError


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("", Cell()),
        ("  ", Cell()),
        ("2", Cell((2,))),
        ("5", Cell((5,))),
        ("н", Cell((), AttendanceCode.ABSENT)),
        ("Н", Cell((), AttendanceCode.ABSENT)),
        ("б", Cell((), AttendanceCode.ILL)),
        ("у", Cell((), AttendanceCode.EXCUSED)),
        ("уп", Cell((), AttendanceCode.EXCUSED)),
        ("нп", Cell((), AttendanceCode.UNEXCUSED)),
        ("оп", Cell((), AttendanceCode.LATE)),
        ("о", Cell((), AttendanceCode.LATE)),
        ("5оп", Cell((5,), AttendanceCode.LATE)),
        ("5 оп", Cell((5,), AttendanceCode.LATE)),
        ("оп5", Cell((), AttendanceCode.LATE, 5)),
        ("оп 10", Cell((), AttendanceCode.LATE, 10)),
        ("4/5 ОП10", Cell((4, 5), AttendanceCode.LATE, 10)),
        ("4,5 оп 5", Cell((4, 5), AttendanceCode.LATE, 5)),
        ("4 5", Cell((4, 5))),
        ("–/5", Cell((None, 5))),
        ("- / 5", Cell((None, 5))),
        ("/5", Cell((None, 5))),
        ("4/", Cell((4,))),
        ("–", Cell()),
        ("4/н", Cell((4,), AttendanceCode.ABSENT)),
        ("осв", Cell((), AttendanceCode.EXEMPT)),
        ("5 дот", Cell((5,), AttendanceCode.REMOTE)),
        ("д", Cell((), AttendanceCode.REMOTE)),
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
        ("5/4/3/2/5", "не больше 4"),
        ("зач", "не ставятся"),
        ("оп 5", "двояко"),
        ("н10", "только при опоздании"),
        ("оп91", "от 1 до 90"),
        ("нб", "Обозначения «НБ» нет"),
        ("н б", "одна запись о посещаемости"),
        ("H", "латинские буквы"),
        ("🙂", "Такой знак"),
        ("5+", "Такой знак"),
        ("²", "Такой знак"),
        ("٥", "Такой знак"),
        ("5" * 10000, "Слишком длинное"),
        ("<script>", "латинские буквы"),
    ],
)
def test_cell_refuses_nonsense_with_words(typed: str, words: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_cell(typed)
    assert words in refused.value.message


@given(
    st.lists(st.sampled_from([None, 2, 3, 4, 5]), max_size=4),
    st.sampled_from([None, *AttendanceCode]),
    st.sampled_from([None, 1, 5, 10, 90]),
)
def test_cell_reads_back_what_it_writes(
    marks: list[int | None], code: AttendanceCode | None, minutes: int | None
) -> None:
    cell = cell_of(tuple(marks), code, minutes if code == AttendanceCode.LATE else None)
    assert parse_cell(cell.text) == cell


@pytest.mark.parametrize(
    ("typed", "marks", "text"),
    [("зач", (11,), "зач"), ("Зачёт", (11,), "зач"), ("незачет/зач", (10, 11), "нзч/зач"), ("нзч н", (10,), "нзч Н")],
)
def test_cell_of_a_pass_or_fail_course(typed: str, marks: tuple[int, ...], text: str) -> None:
    cell = parse_cell(typed, Scale.PASS_FAIL)
    assert (cell.marks, cell.text, parse_cell(cell.text, Scale.PASS_FAIL)) == (marks, text, cell)
    with pytest.raises(RuleError, match="не ставятся"):
        parse_cell("5", Scale.PASS_FAIL)


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
