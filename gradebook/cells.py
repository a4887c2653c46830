"""What a cell of the journal may hold, as a person types it: a mark, a letter of attendance, or both (6.1, 6.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

from gradebook.enums import ATTENDANCE_LETTERS, AttendanceCode, MarkValue
from network_portal.common.errors import RuleError

LONGEST = 8
#: A single letter is enough where it is unambiguous.
SHORT = {"Н": "Н", "Б": "Б", "У": "УП", "О": "ОП"}
CODES = {letters: code for code, letters in ATTENDANCE_LETTERS.items()} | {
    short: code for short, full in SHORT.items() for code, letters in ATTENDANCE_LETTERS.items() if letters == full
}
PARTS = re.compile(r"\d+|[А-ЯЁ]+")
ALLOWED = "Можно ввести отметку 2, 3, 4, 5 и посещаемость: н, б, уп, нп, оп."


@dataclass(frozen=True)
class Cell:
    """A mark and a code of attendance; either may be missing."""

    mark: int | None = None
    code: AttendanceCode | None = None

    @cached_property
    def text(self) -> str:
        """The one way in which the value is written: «5», «Н», «4 ОП»."""
        parts = (str(self.mark) if self.mark else "", ATTENDANCE_LETTERS[self.code] if self.code else "")
        return " ".join(part for part in parts if part)


@cache
def cell_of(mark: int | None, code: str | None) -> Cell:
    """Return the cell with a stored mark and code; a grid has a thousand cells and thirty different ones."""
    return Cell(mark or None, AttendanceCode(code) if code else None)


def parse_cell(typed: str) -> Cell:
    """Return what `typed` means.

    Raises:
        RuleError: it means nothing, with the reason and what may be typed.
    """
    text = typed.strip().upper()
    if not text:
        return Cell()
    if len(text) > LONGEST:
        raise RuleError(f"Слишком длинное значение. {ALLOWED}")
    if re.search(r"[A-Z]", text):
        raise RuleError(f"«{text}» – латинские буквы: переключите раскладку. {ALLOWED}")
    if re.sub(r"[\s/,.]", "", text) != "".join(parts := PARTS.findall(text)):
        raise RuleError(f"Такой знак ввести нельзя. {ALLOWED}")
    marks = [part for part in parts if part.isdigit()]
    codes = [part for part in parts if not part.isdigit()]
    if len(marks) > 1 or len(codes) > 1:
        raise RuleError("На одном занятии одна отметка и одна запись о посещаемости.")
    return Cell(_mark(marks[0]) if marks else None, _code(codes[0]) if codes else None)


def _mark(text: str) -> int:
    if text in {str(value) for value in MarkValue.values}:
        return int(text)
    if len(text) > 1:
        raise RuleError(f"На одном занятии одна отметка, от 2 до 5: «{text}» ввести нельзя.")
    raise RuleError(f"Отметки «{text}» нет: ставятся 2, 3, 4, 5.")


def _code(text: str) -> AttendanceCode:
    if code := CODES.get(text):
        return code
    raise RuleError(f"Обозначения «{text}» нет. {ALLOWED}")
