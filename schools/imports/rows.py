"""From the text of a row to a pupil with parents, or to the reasons for which it is not taken in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from network_portal.accounts.enums import Gender
from network_portal.accounts.forms import name_validator, phone_validator
from network_portal.common.russian import fio, fold, guess_gender
from schools.imports import columns as c
from schools.imports.columns import Columns
from schools.imports.reading import FORMULA, Line

YOUNGEST, OLDEST = 5, 21
#: Day 0 of the dates that spreadsheets keep as numbers.
SERIAL_EPOCH = date(1899, 12, 30)
LATIN_LETTERS = str.maketrans("ABEKMHOPCTX", "АВЕКМНОРСТХ")
GENDERS = {
    "м": Gender.MALE, "муж": Gender.MALE, "мужской": Gender.MALE, "мальчик": Gender.MALE, "1": Gender.MALE,
    "ж": Gender.FEMALE, "жен": Gender.FEMALE, "женский": Gender.FEMALE, "девочка": Gender.FEMALE, "2": Gender.FEMALE,
}  # fmt: skip
LONGEST_PART, LONGEST_LETTER, LONGEST_EMAIL = 100, 15, 254


@dataclass(frozen=True)
class Parent:
    """A parent as the school's list has it; gives no rights by itself."""

    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Pupil:
    """A pupil as a row has it."""

    last_name: str
    first_name: str
    patronymic: str
    gender: str
    birth_date: date
    grade: int
    letter: str
    parents: tuple[Parent, ...] = ()

    @property
    def full_name(self) -> str:
        return fio(self.last_name, self.first_name, self.patronymic)

    @property
    def class_name(self) -> str:
        return f"{self.grade}\N{NO-BREAK SPACE}«{self.letter}»"


@dataclass(frozen=True)
class Row:
    """A row of the file: a pupil, or why there is none; `cells` are the values that were taken in."""

    number: int
    cells: Mapping[str, str]
    pupil: Pupil | None = None
    reasons: tuple[str, ...] = ()


@dataclass
class _Reader:
    """Takes values out of one row and gathers what is wrong with them."""

    cells: Mapping[str, str]
    reasons: list[str] = field(default_factory=list)

    def wrong(self, reason: str) -> None:
        self.reasons.append(reason)


def cells_of(line: Line, columns: Columns) -> dict[str, str]:
    """Return the values of the columns that are taken in, without the empty ones."""
    found = {name: line.cells[place] for name, place in columns.fields.items() if place < len(line.cells)}
    return {name: value for name, value in found.items() if value}


def read_row(number: int, cells: Mapping[str, str], on: date) -> Row:
    """Return the pupil of a row, or all the reasons against it.

    Args:
        number: the row as a person counts it.
        cells: its values by field.
        on: the day on which the age is looked at.
    """
    formulas = [name for name, value in cells.items() if value.startswith(FORMULA)]
    if formulas:
        return Row(number, cells, reasons=("В ячейке формула. Замените её значением: «Вставить как значения».",))
    reader = _Reader(cells)
    last, first, patronymic = _name(reader)
    birth = _birth_date(reader, on)
    grade, letter = _class(reader)
    gender = _gender(reader, first, patronymic)
    parents = _parents(reader)
    if reader.reasons or birth is None:
        return Row(number, cells, reasons=tuple(reader.reasons))
    return Row(number, cells, Pupil(last, first, patronymic, gender, birth, grade, letter, parents))


def person_key(name: str) -> str:
    """Return what two spellings of one name have in common: letter case, spaces and Ё aside."""
    return fold(" ".join(name.split()))


def parse_day(text: str) -> date:
    """Return the day that a cell holds: «02.09.2012», «2012-09-02», or the number that a spreadsheet keeps.

    Raises:
        ValueError: with a Russian reason.
    """
    if dotted := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{2}|\d{4})(?:\s*г\.?)?", text):
        day, month, year = dotted.groups()
        if len(year) == 2:
            raise ValueError(f"«{text}»: год из двух цифр. Напишите его полностью, например 02.09.2012.")
        parts = int(year), int(month), int(day)
    elif iso := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?", text):
        parts = int(iso[1]), int(iso[2]), int(iso[3])
    elif re.fullmatch(r"\d{5}", text):
        return SERIAL_EPOCH + timedelta(days=int(text))
    else:
        raise ValueError(f"«{text}»: это не дата. Напишите её так: 02.09.2012.")
    try:
        return date(*parts)
    except ValueError as error:
        raise ValueError(f"«{text}»: такого дня в календаре нет.") from error


# --- parts of a row -----------------------------------------------------------------------------------------------


def _name(reader: _Reader) -> tuple[str, str, str]:
    if c.FULL_NAME in reader.cells or (c.LAST not in reader.cells and c.FIRST not in reader.cells):
        words = reader.cells.get(c.FULL_NAME, "").split()
        parts = [*words[:2], " ".join(words[2:])] if len(words) > 2 else [*words, "", "", ""][:3]
    else:
        parts = [reader.cells.get(name, "") for name in (c.LAST, c.FIRST, c.PATRONYMIC)]
    last, first, patronymic = (_cased(part) for part in parts)
    if not last or not first:
        reader.wrong("Не указаны фамилия и имя.")
    elif not all(_is_name(part) for part in (last, first, patronymic) if part):
        reader.wrong(f"«{fio(last, first, patronymic)}»: имя пишут русскими буквами, можно через дефис.")
    return last, first, patronymic


def _cased(part: str) -> str:
    """Return a part of a name that was typed in capitals, or in small letters, as names are written."""
    if (part.isupper() and len(part) > 1) or (part.islower() and not part.endswith(("оглы", "кызы"))):
        return "-".join(piece[:1].upper() + piece[1:].lower() for piece in part.split("-"))
    return part


def _is_name(part: str) -> bool:
    try:
        name_validator(part)
    except ValidationError:
        return False
    return len(part) <= LONGEST_PART


def _birth_date(reader: _Reader, on: date) -> date | None:
    text = reader.cells.get(c.BIRTH, "")
    if not text:
        reader.wrong("Не указана дата рождения.")
        return None
    try:
        born = parse_day(text)
    except ValueError as error:
        reader.wrong(f"Дата рождения {error}")
        return None
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if not YOUNGEST <= age <= OLDEST:
        reader.wrong(f"Проверьте дату рождения {born:%d.%m.%Y}: в школе учатся с {YOUNGEST} до {OLDEST} лет.")
        return None
    return born


def _class(reader: _Reader) -> tuple[int, str]:
    text = reader.cells.get(c.CLASS) or f"{reader.cells.get(c.GRADE, '')} {reader.cells.get(c.LETTER, '')}"
    found = re.fullmatch(r"(\d{1,2})(?!\d)\s*(?:класс)?\s*[-–—.]?\s*[«\"']?([^«»\"']{1,40})[»\"']?", text.strip())
    letter = " ".join(found[2].split()).upper().translate(LATIN_LETTERS) if found else ""
    if found is None or not 1 <= int(found[1]) <= 11 or not re.fullmatch(r"[А-ЯЁ0-9][А-ЯЁ0-9 .-]*", letter):
        reader.wrong(
            f"Класс «{text.strip()}» не понят. Напишите, например: 10 А." if text.strip() else "Не указан класс."
        )
        return 0, ""
    if len(letter) > LONGEST_LETTER:
        reader.wrong(f"Литера класса длиннее {LONGEST_LETTER} знаков: «{letter}».")
    return int(found[1]), letter


def _gender(reader: _Reader, first: str, patronymic: str) -> str:
    text = reader.cells.get(c.GENDER, "").lower().rstrip(".")
    if text:
        if text in GENDERS:
            return GENDERS[text]
        reader.wrong(f"Пол «{text}» не понят. Напишите «м» или «ж».")
        return ""
    return guess_gender(first, patronymic) or ""


def _parents(reader: _Reader) -> tuple[Parent, ...]:
    slots = sorted({name.partition(".")[2] for name in reader.cells if "." in name})
    parents = []
    for slot in slots:
        name = " ".join(_cased(word) for word in reader.cells.get(f"{c.PARENT}.{slot}", "").split())
        email = reader.cells.get(f"{c.EMAIL}.{slot}", "").lower()
        phone = reader.cells.get(f"{c.PHONE}.{slot}", "")
        if not name:
            continue  # an address without a name says nothing about whose it is
        if not _is_name(name) or " " not in name:
            reader.wrong(f"Родитель «{name}»: нужны фамилия и имя русскими буквами.")
        if (email and not _passes(validate_email, email)) or len(email) > LONGEST_EMAIL:
            reader.wrong(f"Адрес «{email}» не похож на электронную почту.")
        if phone and not _passes(phone_validator, phone):
            reader.wrong(f"Телефон «{phone}» не понят. Напишите один номер цифрами.")
        parents.append(Parent(name, email, phone))
    unique = {person_key(parent.name): parent for parent in reversed(parents)}
    return tuple(reversed(unique.values()))


def _passes(validator: Callable[[str], None], value: str) -> bool:
    try:
        validator(value)
    except ValidationError:
        return False
    return True
