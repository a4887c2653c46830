"""Finding the header and the meaning of its columns by synonyms; what the portal does not need is not taken in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from network_portal.common.errors import RuleError
from schools.imports.reading import Line, Table

#: Fields of a pupil; those of a parent have a second part, `parent.1` to `parent.father`.
FULL_NAME, LAST, FIRST, PATRONYMIC = "full_name", "last_name", "first_name", "patronymic"
BIRTH, CLASS, GRADE, LETTER, GENDER = "birth_date", "class", "grade", "letter", "gender"
PARENT, EMAIL, PHONE = "parent", "email", "phone"

SYNONYMS = {
    FULL_NAME: "фио|фамилия имя отчество|фамилия имя|ученик|обучающийся|учащийся|ребенок|фио ученика|"
    "фио обучающегося|фио учащегося|фио ребенка|фамилия имя отчество ученика|фамилия имя отчество обучающегося|"
    "фамилия имя отчество ребенка|воспитанник",
    LAST: "фамилия|фамилия ученика|фамилия обучающегося|фамилия ребенка",
    FIRST: "имя|имя ученика|имя обучающегося|имя ребенка",
    PATRONYMIC: "отчество|отчество при наличии|отчество ученика|отчество обучающегося|отчество ребенка",
    BIRTH: "дата рождения|д р|др|день рождения|дата рожд|дата рождения ученика|дата рождения обучающегося|"
    "дата рождения ребенка|рождение|родился",
    CLASS: "класс|класс литера|класс с литерой|класс обучения|класс группа",
    GRADE: "параллель|номер класса|год обучения",
    LETTER: "литера|буква|литер|буква класса|литера класса",
    GENDER: "пол|пол ученика|пол обучающегося",
}
MEANING = {name: field for field, names in SYNONYMS.items() for name in names.split("|")}
OF_PARENT = re.compile(r"родител|представител|\b(?:мать|матери|мама|мамы|отец|отца|папа|папы|опекун)")
OF_PUPIL = re.compile(r"учени|обучающ|учащ|ребен")
MAIL = re.compile(r"почт|mail|емейл|имейл")
SLOTS = ((re.compile(r"\b(?:мат|мам)"), "mother"), (re.compile(r"\b(?:отец|отца|пап)"), "father"))
NOT_A_NAME = re.compile(r"адрес|паспорт|работ|родств|документ|дата|снилс|должност|приходится")
HEADER_LINES = 20
FEWEST = 2
NEEDED = "Нужны столбцы «ФИО» (или «Фамилия», «Имя», «Отчество»), «Дата рождения» и «Класс»."


@dataclass(frozen=True)
class Columns:
    """What the header says.

    Attributes:
        number: the row of the file in which it stands.
        fields: the place of each field that is taken in.
        titles: the words of the columns that are taken in, in their order.
        ignored: the words of those that are not.
    """

    number: int
    fields: Mapping[str, int]
    titles: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]


def find_columns(table: Table) -> Columns:
    """Find the header among the first rows of a file.

    Raises:
        RuleError: there is none, it lacks a column, has one twice, nothing stands under it, or cells are merged.
    """
    if not table.lines:
        raise RuleError("В файле нет ни одной заполненной строки.")
    head = max(table.lines[:HEADER_LINES], key=lambda line: len(_meanings(line)))
    found = _meanings(head)
    if len({field for _, field in found}) < FEWEST:
        raise RuleError(f"В файле не нашлось ни одного знакомого столбца. {NEEDED}")
    fields: dict[str, int] = {}
    for place, field in found:
        if field in fields:
            raise RuleError(
                f"Столбец «{head.cells[fields[field]]}» и столбец «{head.cells[place]}» значат одно и то же. "
                "Оставьте один из них."
            )
        fields[field] = place
    _refuse_gaps(fields)
    merged = [ref for row, ref in table.merged if row >= head.number]
    if merged:
        raise RuleError(
            f"В таблице есть объединённые ячейки: {', '.join(merged[:3])}. "
            "Отмените объединение и заполните каждую строку."
        )
    if not any(line.number > head.number for line in table.lines):
        raise RuleError("В файле только заголовок таблицы, под ним нет ни одной строки.")
    known = set(fields.values())
    return Columns(
        number=head.number,
        fields=fields,
        titles=tuple((field, head.cells[place]) for place, field in found),
        ignored=tuple(cell for place, cell in enumerate(head.cells) if cell and place not in known),
    )


def meaning_of(title: str) -> str | None:
    """Return the field that a column with this title holds; None for one that is not taken in."""
    words = " ".join(re.sub(r"[^a-zа-я0-9]+", " ", title.casefold().replace("ё", "е")).split())
    words = re.sub(r"^ф и о\b", "фио", words)
    if words in MEANING:
        return MEANING[words]
    if OF_PUPIL.search(words) and not OF_PARENT.search(words):
        return None
    slot = _slot(words)
    if NOT_A_NAME.search(words) and not MAIL.search(words):
        return None
    if MAIL.search(words):
        return f"{EMAIL}.{slot}"
    if re.search(r"\bтел", words):
        return f"{PHONE}.{slot}"
    if OF_PARENT.search(words) and not re.search(r"\b(?:имя|отчество)\b", words.replace("фамилия имя отчество", "")):
        return f"{PARENT}.{slot}"
    return None


def _slot(words: str) -> str:
    for pattern, slot in SLOTS:
        if pattern.search(words):
            return slot
    digit = re.search(r"\b([1-9])\b", words)
    return digit.group(1) if digit else "1"


def _meanings(line: Line) -> list[tuple[int, str]]:
    found = ((place, meaning_of(cell)) for place, cell in enumerate(line.cells) if cell)
    return [(place, field) for place, field in found if field]


def _refuse_gaps(fields: Mapping[str, int]) -> None:
    missing = []
    if FULL_NAME not in fields and not {LAST, FIRST} <= fields.keys():
        missing.append("«ФИО»")
    if BIRTH not in fields:
        missing.append("«Дата рождения»")
    if CLASS not in fields and not {GRADE, LETTER} <= fields.keys():
        missing.append("«Класс»")
    if missing:
        raise RuleError(f"В таблице не хватает: {', '.join(missing)}. {NEEDED}")
