"""Declension of one part of a name: the tables of petrovich, mended and with what they lack."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from petrovich.main import Petrovich

from network_portal.common.russian.cases import FEMALE, MALE, Case

_VOWELS = re.compile("[аеёиоуыэюя]", re.IGNORECASE)


@lru_cache(maxsize=10_000)
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
        word
        if word in "- " or (part == "firstname" and words[place + 1 : place + 2] == [" "] and _is_syllable(word))
        else getattr(_tables(leading=place == 0 and len(words) > 1), part)(word, case, sex)
        for place, word in enumerate(words)
    )


def _is_syllable(word: str) -> bool:
    """Tell whether `word` has one vowel: of an Eastern name, «Ван Тан» or «Чан Ук», the last syllable alone changes."""
    return len(_VOWELS.findall(word)) <= 1


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
            _rule("androgynous", "кара бен аль эль ибн", ". . . . .") | {"tags": ["first_word"]},
            _rule("male", "швец жнец кузнец чернец кок рок ток сок", "а у а ом е"),
            _rule("male", "бой прибой рой ной", "-я -ю -я -ем -е"),
            _rule("female", "цой вий сой хой", ". . . . ."),
            # Vowels that go.
            _rule("male", "орёл орел козёл козел котёл котел осёл осел дятел", "--ла --лу --ла --лом --ле"),
            _rule("male", "соловей воробей муравей репей", "--ья --ью --ья --ьём --ье"),
            _rule("male", "заяц", "--йца --йцу --йца --йцем --йце"),
            _rule("male", "боец", "--йца --йцу --йца --йцом --йце"),
            # Vowels that stay.
            _rule("male", "блок бок брок док клок шок бек век гек", "а у а ом е"),
            _rule("androgynous", "золя", ". . . . ."),
            # The tables leave these as they are.
            _rule("male", "гусь камень", "-я -ю -я -ем -е"),
            _rule("male", "миних рерих дитрих эрлих ульрих фрейндлих", "а у а ом е"),
            # Stressed endings.
            _rule("male", "король", "-я -ю -я -ём -е"),
            _rule("male", "сыч лещ хрущ клещ кирпич", "а у а ом е"),
            _rule("male", "перец", "--ца --цу --ца --цем --це"),
            _rule("androgynous", "груша каша туча дача чаша ноша", "-и -е -у -ей -е"),
            _rule("female", "большая чужая", "--ой --ой --ую --ой --ой"),
            # Foreign, whatever the ending looks like.
            _rule("male", "дарвин чаплин франклин грин кронин вирхов бюлов", "а у а ом е"),
            # Nouns that look like a woman's surname in -ова, -ина.
            _rule(
                "androgynous",
                "сова голова ворона корона сосна весна луна струна война корова подкова половина щербина дубина "
                "перепелица",
                "-ы -е -у -ой -е",
            ),
        ],
        "suffixes": [
            _rule("male", "иец", "--йца --йцу --йца --йцем --йце"),
            _rule("male", "лец", "--ьца --ьцу --ьца --ьцом --ьце"),
            _rule("male", "бец", "--ца --цу --ца --цом --це"),
            _rule("male", "хой шой жой чой щой", "-го -му -го --им -м"),
            _rule("male", "бёк вёк дёк зёк лёк мёк нёк пёк рёк сёк тёк", "--ька --ьку --ька --ьком --ьке"),
            _rule("male", "шь жь чь щь", "-а -у -а -ем -е"),
            _rule("male", "ач", "а у а ом е"),
            _rule("female", "жая шая чая щая цая", "--ей --ей --ую --ей --ей"),
        ],
    },
    "firstname": {
        "exceptions": [
            _rule("male", "илья", "-и -е -ю -ёй -е"),
            _rule("female", "нинель", "-и -и . ю -и"),
            # A stem of one syllable: the ending is not -ии.
            _rule("female", "ия лия мия вия", "-и -е -ю -ей -е"),
        ],
        "suffixes": [
            _rule("androgynous", "оа уа эа", ". . . . ."),
            _rule("male", "ша", "-и -е -у -ей -е"),
            _rule("male", "ка га ха", "-и -е -у -ой -е"),
        ],
    },
    "middlename": {
        "exceptions": [_rule("male", "ильич лукич фомич кузьмич", "а у а ом е")],
        "suffixes": [_rule("male", "ыч", "а у а ем е")],
    },
}
