"""Whole names of people: forms, cases with what was written by hand, words by gender."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Protocol

from network_portal.common.russian.cases import FEMALE, MALE, Case
from network_portal.common.russian.declension import decline
from network_portal.common.russian.typography import NBSP


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

    What was written by hand (`name_genitive`, `name_dative`, `name_accusative` of a stored person) wins. A name whose
    gender is neither stated nor guessable stays in the nominative: an uninflected name is clumsy, a wrongly inflected
    one is another person's.
    """
    by_hand: str = getattr(person, f"name_{case.name.lower()}", "")
    if by_hand:
        # A surname of two words takes two words in every case.
        surname = " ".join(by_hand.split()[: len(person.last_name.split())])
        return fio_short(surname, person.first_name, person.patronymic) if short else by_hand
    gender = person.gender or guess_gender(person.first_name, person.patronymic)
    if gender is None:
        return (fio_short if short else fio)(person.last_name, person.first_name, person.patronymic)
    last = decline("lastname", person.last_name, case, gender)
    if short:
        return fio_short(last, person.first_name, person.patronymic)
    first = decline("firstname", person.first_name, case, gender)
    return fio(last, first, decline("middlename", person.patronymic, case, gender))


def by_gender(gender: str, male: str, female: str) -> str:
    """Return the words for the gender "m" or "f"; for an unknown one both.

    by_gender("f", "зачислен", "зачислена") is «зачислена», by_gender("", …) «зачислен(а)»; words that differ in more
    than an added ending stand in brackets: «моего сына (моей дочери)».
    """
    if gender:
        return {MALE: male, FEMALE: female}[gender]
    pairs = list(zip_longest(male.split(), female.split(), fillvalue=""))
    both = [one if one == other else _with_ending(one, other) for one, other in pairs]
    return " ".join(both) if all(both) else f"{male} ({female})"


def _with_ending(male: str, female: str) -> str:
    alike = female.replace("ё", "е").startswith(male.replace("ё", "е"))
    return f"{male}({female[len(male) :]})" if alike and male else ""


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
    "игорь", "лазарь", "цезарь", "отто", "гиви", "серго", "эмиль", "рамиль", "камиль", "шамиль", "равиль", "наиль",
    "марсель", "рафаэль", "габриель", "жюль", "али", "гаджи",
}  # fmt: skip
_WOMEN = {
    "любовь", "нинель", "эсфирь", "руфь", "юдифь", "адель", "николь", "рашель", "асель", "айгуль", "гюзель", "жизель",
    "изабель", "мишель", "даниэль", "габриэль", "этель", "нелли", "мари", "лилит", "элен", "айгюль", "гульназ",
    "кармен", "ирэн", "маргарет", "эдит", "рахиль", "гузель", "айтен", "ануш", "суламифь",
}  # fmt: skip
