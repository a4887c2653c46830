"""Russian text: cases of names, order with Ё after Е, plurals, words by gender, non-breaking spaces (5.1, I-11)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from typing import Any, Protocol

from petrovich.main import Petrovich

NBSP = "\u00a0"
MALE, FEMALE = "m", "f"


class Case(IntEnum):
    """Grammatical cases; the value is the place of the case in a rule of the declension tables."""

    GENITIVE = 0
    DATIVE = 1
    ACCUSATIVE = 2
    INSTRUMENTAL = 3


class Named(Protocol):
    """Whoever has a Russian personal name; `gender` is "m", "f" or "" (then it is guessed)."""

    @property
    def last_name(self) -> str: ...
    @property
    def first_name(self) -> str: ...
    @property
    def patronymic(self) -> str: ...
    @property
    def gender(self) -> str: ...


# --- whole names ------------------------------------------------------------------------------------------------


def fio(last: str, first: str, patronymic: str = "") -> str:
    """Return «Петров Иван Алексеевич»."""
    return " ".join(part for part in (last, first, patronymic) if part)


def fio_short(last: str, first: str, patronymic: str = "") -> str:
    """Return «Петров И. А.» with non-breaking spaces: the form for addressees and lists."""
    return NBSP.join(part for part in (last, _initials(first, patronymic)) if part)


def initials_first(last: str, first: str, patronymic: str = "") -> str:
    """Return «И. А. Петров» with non-breaking spaces: the form beside a signature."""
    return NBSP.join(part for part in (_initials(first, patronymic), last) if part)


def _initials(*names: str) -> str:
    return NBSP.join(f"{name[0].upper()}." for name in names if name)


# --- cases ------------------------------------------------------------------------------------------------------


def genitive(person: Named, *, short: bool = False) -> str:
    """Return the name in the genitive: «Петрова Ивана Алексеевича», short «Петрова И. А.»."""
    return in_case(person, Case.GENITIVE, short=short)


def dative(person: Named, *, short: bool = False) -> str:
    """Return the name in the dative: «Петрову Ивану Алексеевичу», short «Петрову И. А.»."""
    return in_case(person, Case.DATIVE, short=short)


def accusative(person: Named, *, short: bool = False) -> str:
    """Return the name in the accusative: «Петрова Ивана Алексеевича», short «Петрова И. А.»."""
    return in_case(person, Case.ACCUSATIVE, short=short)


def instrumental(person: Named, *, short: bool = False) -> str:
    """Return the name in the instrumental: «Петровым Иваном Алексеевичем», short «Петровым И. А.»."""
    return in_case(person, Case.INSTRUMENTAL, short=short)


def in_case(person: Named, case: Case, *, short: bool = False) -> str:
    """Return the whole name of `person` in `case`, or surname and initials.

    A name whose gender is neither stated nor guessable stays in the nominative: an uninflected name is clumsy, a
    wrongly inflected one is another person's.
    """
    gender = person.gender or guess_gender(person.first_name, person.patronymic)
    if gender is None:
        return (fio_short if short else fio)(person.last_name, person.first_name, person.patronymic)
    last = decline("lastname", person.last_name, case, gender)
    if short:
        return fio_short(last, person.first_name, person.patronymic)
    first = decline("firstname", person.first_name, case, gender)
    return fio(last, first, decline("middlename", person.patronymic, case, gender))


def decline(part: str, value: str, case: Case, gender: str) -> str:
    """Return one part of a name in `case`.

    Args:
        part: "lastname", "firstname" or "middlename".
        value: the part in the nominative; each side of a hyphen or space is declined by itself.
        case: the case wanted.
        gender: "m" or "f".
    """
    if not value:
        return ""
    words = re.split(r"([- ])", value)
    sex = {MALE: "male", FEMALE: "female"}[gender]
    # Words such as «Бонч» or «Мелик» stand still only in front of a hyphen.
    return "".join(
        getattr(_tables(leading=place == 0 and len(words) > 1), part)(word, case, sex) if word.strip("- ") else word
        for place, word in enumerate(words)
    )


def guess_gender(first: str, patronymic: str = "") -> str | None:
    """Return "m" or "f" by the patronymic, else by the given name; None when neither tells."""
    ending = patronymic.lower()
    if ending.endswith(("ич", "оглы", "оглу", "улы", "уулу")):
        return MALE
    if ending.endswith(("на", "кызы", "гызы", "кизи")):
        return FEMALE
    name = first.lower()
    if name in _EITHER or not name:
        return None
    if name in _MEN:
        return MALE
    if name in _WOMEN or name.endswith(("а", "я")):
        return FEMALE
    return MALE if re.search("[бвгджзйклмнпрстфхцчшщ]$", name) else None


_EITHER = {"саша", "женя", "валя", "слава", "шура"}
_MEN = {
    "илья", "никита", "фома", "лука", "кузьма", "савва", "данила", "гаврила", "добрыня", "иона", "илия", "муса",
    "иса", "мустафа", "никола", "сила", "вавила", "ерёма", "зия", "мирза", "шота", "фока", "яша", "миша", "паша",
    "игорь", "лазарь", "цезарь", "отто", "гиви", "серго",
}  # fmt: skip
_WOMEN = {
    "любовь", "нинель", "эсфирь", "руфь", "юдифь", "адель", "николь", "рашель", "асель", "айгуль", "гюзель", "жизель",
    "изабель", "мишель", "даниэль", "габриэль", "этель", "нелли", "мари", "лилит", "элен", "айгюль", "гульназ",
    "кармен", "ирэн", "маргарет", "эдит",
}  # fmt: skip


@cache
def _tables(*, leading: bool) -> Petrovich:
    """Return the library's declension tables, mended.

    The library passes over rules marked androgynous once a gender is given, goes on searching after the rule «stays
    as it is», and knows nothing of words that stand still only in front of a hyphen. All three are mended in the data.
    """
    tables = Petrovich()
    for part, added in _ADDED.items():
        for group in ("exceptions", "suffixes"):
            rules = [*added.get(group, ()), *tables.data[part].get(group, ())]
            kept = [rule for rule in rules if leading or "first_word" not in rule.get("tags", ())]
            tables.data[part][group] = list(_by_gender(kept))
    return tables


def _by_gender(rules: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for rule in rules:
        mods = ["" if mod == "." else mod for mod in rule["mods"]]
        for gender in ("male", "female") if rule["gender"] == "androgynous" else (rule["gender"],):
            yield {"gender": gender, "test": rule["test"], "mods": mods}


def _rule(gender: str, endings: str, mods: str) -> dict[str, Any]:
    return {"gender": gender, "test": endings.split(), "mods": mods.split()}


# What the tables lack: genitive, dative, accusative, instrumental, prepositional; each hyphen takes one letter off.
_ADDED: dict[str, dict[str, list[dict[str, Any]]]] = {
    "lastname": {
        "exceptions": [
            _rule("male", "швец жнец кузнец чернец кок рок ток сок", "а у а ом е"),
            _rule("male", "бой прибой рой ной", "-я -ю -я -ем -е"),
            _rule("female", "цой вий сой хой", ". . . . ."),
            _rule("male", "орёл орел козёл козел котёл котел", "--ла --лу --ла --лом --ле"),
            _rule("androgynous", "сова голова", "-ы -е -у -ой -е"),
        ],
        "suffixes": [
            _rule("male", "иец", "--йца --йцу --йца --йцем --йце"),
            _rule("male", "лец", "--ьца --ьцу --ьца --ьцом --ьце"),
            _rule("male", "хой шой жой чой щой", "-го -му -го --им -м"),
        ],
    },
    "firstname": {
        "exceptions": [_rule("male", "илья", "-и -е -ю -ёй -е")],
        "suffixes": [
            _rule("male", "ша", "-и -е -у -ей -е"),
            _rule("male", "ка га ха", "-и -е -у -ой -е"),
        ],
    },
    "middlename": {
        "exceptions": [_rule("male", "ильич лукич фомич кузьмич", "а у а ом е")],
        "suffixes": [_rule("male", "ыч", "а у а ем е")],
    },
}


# --- order, numbers, words --------------------------------------------------------------------------------------


def sort_key(text: str) -> str:
    """Return the key that sorts `text` in the Russian order: case aside, Ё as Е, and after Е when all else is equal.

    Елисеев, Ёлкин, Жуков; Елкин before Ёлкин (I-11).
    """
    folded = unicodedata.normalize("NFC", text).casefold().strip()
    marks = "".join("1" if letter == "ё" else "0" for letter in folded if letter in "её").rstrip("0")
    key = folded.replace("ё", "е")
    return f"{key}\u001f{marks}" if marks else key


def plural(count: int, forms: str) -> str:
    """Return the word that fits `count`, without the number itself.

    Args:
        count: how many.
        forms: three forms with commas: "ученик,ученика,учеников".
    """
    one, few, many = forms.split(",")
    tens, units = abs(count) % 100, abs(count) % 10
    if units == 1 and tens != 11:
        return one.strip()
    if units in (2, 3, 4) and tens not in (12, 13, 14):
        return few.strip()
    return many.strip()


def by_gender(gender: str, male: str, female: str) -> str:
    """Return `male` or `female` for the gender "m" or "f": by_gender(g, "зачислен", "зачислена")."""
    return {MALE: male, FEMALE: female}[gender]


_UNITS = (
    "ч|мин|г|гг|руб|коп|чел|шт|мм|см|м|км|%|класс[а-я]*|час[а-я]*|минут[а-я]*|человек[а-я]*|дн[а-я]+|день|урок[а-я]*|"
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)
_STICKS = [
    (re.compile(r"№ ?(?=[\dA-Za-zА-ЯЁа-яё])"), "№" + NBSP),
    (re.compile(r"\b([А-ЯЁ]\.) ?(?=[А-ЯЁ]\.)"), r"\1" + NBSP),
    (re.compile(r"\b([А-ЯЁ]\.) (?=[А-ЯЁ][а-яё])"), r"\1" + NBSP),
    (re.compile(r"\b([А-ЯЁ][а-яё]+) (?=[А-ЯЁ]\.)"), r"\1" + NBSP),
    (re.compile(r"(?<=\d) (?=«)"), NBSP),
    (re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?![а-яё\w]))"), NBSP),
    (re.compile(r"\b(п|ст|ч|г|ул|д|каб|стр|рис|табл) ?\. (?=[\dА-ЯЁ])"), r"\1." + NBSP),
]


def nbsp(text: str) -> str:
    """Return `text` with non-breaking spaces after №, between initials and surname, in 10 «А», and before units."""
    for pattern, replacement in _STICKS:
        text = pattern.sub(replacement, text)
    return text
