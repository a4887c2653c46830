"""What a cell of the journal may hold, as people type it and as it is written: marks, a code, minutes (6.1, 6.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

from courses.enums import Scale
from gradebook.enums import (
    ATTENDANCE_LETTERS,
    LATEST_MINUTES,
    MARK_TEXTS,
    MOST_WORKS,
    SCALE_VALUES,
    AttendanceCode,
    MarkValue,
)
from network_portal.common.errors import RuleError

LONGEST = 24
NO_MARK = "–"

#: A single letter is enough where it is unambiguous.
SHORT = {"Н": "Н", "Б": "Б", "У": "УП", "О": "ОП", "Д": "ДОТ"}
CODES = {letters: code for code, letters in ATTENDANCE_LETTERS.items()}
CODES |= {short: CODES[letters] for short, letters in SHORT.items() if short not in CODES}
WORDS = dict.fromkeys(("ЗАЧ", "ЗАЧЕТ", "ЗАЧЁТ"), MarkValue.PASS)
WORDS |= dict.fromkeys(("НЗЧ", "НЗ", "НЕЗАЧ", "НЕЗАЧЕТ", "НЕЗАЧЁТ"), MarkValue.FAIL)
DIGITS = {str(value.value): value for value in SCALE_VALUES[Scale.FIVE]}

LETTERS = ", ".join(letters.lower() for letters in ATTENDANCE_LETTERS.values())
ALLOWED = {
    Scale.FIVE: f"Можно ввести отметки 2, 3, 4, 5 (несколько через «/») и посещаемость: {LETTERS}.",
    Scale.PASS_FAIL: f"Можно ввести «зач» или «нзч» (несколько через «/») и посещаемость: {LETTERS}.",
}

_BETWEEN = re.compile(r"\s*[/,]\s*|\s+")
_PIECE = re.compile(r"([0-9]*)([А-ЯЁ]*)([0-9]*)")
_DASHES = frozenset("-–—")


@dataclass(frozen=True)
class Cell:
    """The marks of a lesson's works in their order, a code of attendance, and the minutes of a lateness.

    `marks` is as long as the last work that has a mark; None stands for a work without one.
    """

    marks: tuple[int | None, ...] = ()
    code: AttendanceCode | None = None
    minutes: int | None = None

    @cached_property
    def text(self) -> str:
        """The one way in which the value is written: «5», «Н», «4/5 ОП10», «–/5», «зач»."""
        marks = "/".join(mark_text(mark) for mark in self.marks)
        code = f"{ATTENDANCE_LETTERS[self.code]}{self.minutes or ''}" if self.code else ""
        return f"{marks} {code}".strip()

    def mark(self, no: int) -> int | None:
        """Return the mark for the work number `no`, which counts from 1."""
        return self.marks[no - 1] if no <= len(self.marks) else None


def mark_text(value: int | None) -> str:
    """Return how a mark is written: «5», «зач»; «–» where there is none."""
    return NO_MARK if value is None else MARK_TEXTS.get(value) or str(value)


@cache
def cell_of(marks: tuple[int | None, ...], code: str | None, minutes: int | None = None) -> Cell:
    """Return the cell of stored values; a grid has a thousand cells and thirty different ones."""
    return Cell(trimmed(marks), AttendanceCode(code) if code else None, minutes)


def trimmed(marks: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Return `marks` without the empty places at the end."""
    while marks and marks[-1] is None:
        marks = marks[:-1]
    return marks


def parse_cell(typed: str, scale: Scale = Scale.FIVE) -> Cell:
    """Return what `typed` means on the scale of the programme.

    Marks, letters and minutes may be parted by a slash, a comma or blanks, in any order: «4/5», «5оп», «оп 10».

    Raises:
        RuleError: it means nothing or more than one thing, with the reason and what may be typed.
    """
    text = typed.strip().upper()
    if not text:
        return Cell()
    if len(text) > LONGEST:
        raise RuleError(f"Слишком длинное значение. {ALLOWED[scale]}")
    if re.search(r"[A-Z]", text):
        raise RuleError(f"«{text}» – латинские буквы: переключите раскладку. {ALLOWED[scale]}")
    reader = _Reader(scale)
    for piece in _BETWEEN.split(text):
        reader.take(piece)
    return reader.cell()


class _Reader:
    """Takes the pieces of what was typed one after another."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.marks: list[int | None] = []
        self.code: AttendanceCode | None = None
        self.minutes: int | None = None
        self.awaits_minutes = False

    def take(self, piece: str) -> None:
        if not piece or piece in _DASHES:
            self.marks.append(None)
            return
        match = _PIECE.fullmatch(piece)
        if match is None:
            raise RuleError(f"Такой знак ввести нельзя. {ALLOWED[self.scale]}")
        before, letters, after = match.groups()
        if before:
            self._number(before)
        if letters in WORDS and not before and not after:
            self._mark(WORDS[letters])
        elif letters:
            self._code(letters)
            if after:
                self._minutes(after)

    def cell(self) -> Cell:
        marks = trimmed(tuple(self.marks))
        if len(marks) > MOST_WORKS:
            raise RuleError(f"На одном занятии не больше {MOST_WORKS} отметок.")
        return Cell(marks, self.code, self.minutes)

    def _number(self, text: str) -> None:
        """Take a mark, or the minutes that stand apart from «ОП»."""
        if self.awaits_minutes and text in DIGITS and not any(self.marks):
            raise RuleError(
                f"«ОП {text}» можно понять двояко. Отметка {text} и опоздание – «{text} оп», "
                f"опоздание на {text} мин. – «оп{text}»."
            )
        if self.awaits_minutes:
            self._minutes(text)
        elif text in DIGITS:
            self._mark(DIGITS[text])
        elif len(text) > 1:
            raise RuleError(f"«{text}» ввести нельзя: несколько отметок разделяются чертой, например «4/5».")
        else:
            raise RuleError(f"Отметки «{text}» нет. {ALLOWED[self.scale]}")

    def _mark(self, value: MarkValue) -> None:
        if value not in SCALE_VALUES[self.scale]:
            raise RuleError(f"Отметки «{mark_text(value)}» на этом курсе не ставятся. {ALLOWED[self.scale]}")
        self.marks.append(value.value)

    def _code(self, letters: str) -> None:
        code = CODES.get(letters)
        if code is None:
            raise RuleError(f"Обозначения «{letters}» нет. {ALLOWED[self.scale]}")
        if self.code is not None:
            raise RuleError("На одном занятии одна запись о посещаемости.")
        self.code = code
        self.awaits_minutes = code == AttendanceCode.LATE

    def _minutes(self, text: str) -> None:
        if self.code != AttendanceCode.LATE:
            raise RuleError("Минуты пишутся только при опоздании, например «оп10».")
        if not 1 <= int(text) <= LATEST_MINUTES:
            raise RuleError(f"Опоздание: от 1 до {LATEST_MINUTES} минут.")
        self.minutes = int(text)
        self.awaits_minutes = False
