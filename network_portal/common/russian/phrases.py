"""Cases of posts and of organisations' names: the head and what agrees with it change, the rest stays."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from network_portal.common.russian.cases import Case

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_GRAMMEMES = {
    Case.GENITIVE: "gent",
    Case.DATIVE: "datv",
    Case.ACCUSATIVE: "accs",
    Case.INSTRUMENTAL: "ablt",
    Case.PREPOSITIONAL: "loct",
}
_GENDERS = {"masc": "m", "femn": "f", "neut": "n"}
# What a name of its own begins with; from here on nothing changes: «Эврика», № 40, 12, им. Пушкина, И. И.
_TAIL = re.compile(r"[«»\"„“”№\d,;:/]|[А-ЯЁа-яё]+\.")
_WORD = re.compile(r"[А-ЯЁа-яё]+(?:-[А-ЯЁа-яё]+)*")
_JOINS = {"и", "или"}
# The place is meant, «в детском саду», not «о детском саде».
_PLACES = {("сад", Case.PREPOSITIONAL): "саду"}
# A word that the dictionary does not know is a person's by its ending: «тьютор».
_PERSON = re.compile(r"(?:тор|ист|лог|вед)$")
_lock = threading.RLock()


@dataclass(frozen=True)
class _Reading:
    """A word in the nominative as its group reads it; `parts` are those of a compound such as «учитель-куратор»."""

    start: int
    end: int
    parts: tuple[Any, ...]
    #: The grammatical number, gender and animacy that the case is formed with.
    number: str
    gender: str | None
    animacy: str | None
    is_adjective: bool

    def text(self, written: str, case: Case) -> str:
        words = written.split("-") if len(self.parts) > 1 else [written]
        return "-".join(self._inflected(*pair, case) for pair in zip(self.parts, words, strict=True))

    def _inflected(self, parse: Any, written: str, case: Case) -> str:
        if place := _PLACES.get((parse.normal_form, case)):
            return _like(written, place)
        wanted = {_GRAMMEMES[case], self.number}
        if self.is_adjective:
            wanted |= {self.gender} if self.gender and self.number == "sing" else set()
            if case == Case.ACCUSATIVE and (self.number == "plur" or self.gender == "masc"):
                wanted.add(self.animacy or "inan")
        if case == Case.ACCUSATIVE and not parse.is_known and _PERSON.search(written):
            wanted = wanted - {"accs"} | {"gent"}
        inflected = parse.inflect(wanted)
        if inflected is None:
            return written
        word: str = inflected.word
        return _like(written, word.replace("ё", "е") if "ё" in parse.word and "ё" not in written.lower() else word)


@lru_cache(maxsize=10_000)
def phrase_in_case(text: str, case: Case) -> str:
    """Return a post or an organisation's name in `case`: «МАОУ гимназии № 40», «заместителя директора по …».

    The head noun changes with the words that agree with it, and so does a second noun in the nominative beside it
    («учреждения средней общеобразовательной школы»). Abbreviations, names in quotation marks, numbers and what
    depends on the head stay. What cannot be read stays whole.

    Args:
        text: the phrase in the nominative.
        case: the case wanted; the prepositional is that of a place, «в детском саду».
    """
    pieces, last = [], 0
    for reading in _readings(text):
        pieces += [text[last : reading.start], reading.text(text[reading.start : reading.end], case)]
        last = reading.end
    return "".join([*pieces, text[last:]])


@lru_cache(maxsize=10_000)
def phrase_gender(text: str) -> str:
    """Return "m", "f" or "n" by the head of a phrase, for words that agree with it; an institution is neuter."""
    first = _WORD.search(text)
    if first is None or _is_abbreviation(first.group(), text):
        return "n"
    nouns = [reading for reading in _readings(text) if not reading.is_adjective]
    return _GENDERS.get(nouns[0].gender or "", "n") if nouns else "n"


def _readings(text: str) -> list[_Reading]:
    with _lock:
        return list(_groups(text))


def _groups(text: str) -> Iterator[_Reading]:
    """Yield the words that change, group by group: adjectives with their noun, until something depends on them."""
    tail = _TAIL.search(text)
    words = list(_WORD.finditer(text, 0, tail.start() if tail else len(text)))
    adjectives: list[re.Match[str]] = []
    any_group = False
    for found, following in zip_longest(words, words[1:]):
        word = found.group()
        if word.lower() in _JOINS or _is_abbreviation(word, text):
            continue
        noun = _noun(found, adjectives, alone=not any_group)
        # A word may be both, «заведующий», «военный»: it is an adjective when a noun that agrees follows.
        ahead = following and _adjective_parses(word) and _noun(following, [*adjectives, found], alone=not any_group)
        if noun is not None and not ahead:
            yield from (_adjective(place, noun) for place in adjectives)
            yield noun
            adjectives, any_group = [], True
        elif _adjective_parses(word):
            adjectives.append(found)
        else:
            break
    if adjectives and not any_group:  # «исполняющий обязанности», «ответственный за …»: no noun, a person is meant
        yield from (_adjective(place, None) for place in adjectives)


def _noun(found: re.Match[str], adjectives: list[re.Match[str]], *, alone: bool) -> _Reading | None:
    """Return the word as a noun in the nominative with which `adjectives` agree.

    After the first group only a singular common noun counts: «директора» and «школы» look like nominatives of the
    plural, «мировой» of «мировой культуры» like a judge.
    """
    parts = found.group().split("-")
    is_adjective = not alone and bool(_adjective_parses(found.group()))
    compound = len(parts) > 1 and all(_nominatives(part, "NOUN") for part in parts)
    for parse in _nominatives(parts[0] if compound else found.group(), "NOUN"):
        tag = parse.tag
        if not alone and (tag.number != "sing" or {"Surn", "Name", "Geox"} & tag.grammemes or is_adjective):
            continue
        if all(_agreeing(place.group(), tag) for place in adjectives):
            others = [_nominatives(part, "NOUN")[0] for part in parts[1:]] if compound else []
            return _Reading(
                found.start(), found.end(), (parse, *others), tag.number, tag.gender, tag.animacy, is_adjective=False
            )
    return None


def _adjective(found: re.Match[str], noun: _Reading | None) -> _Reading:
    forms: tuple[str, str | None, str | None]
    if noun is None:
        parse = _adjective_parses(found.group())[0]
        forms = (parse.tag.number, parse.tag.gender, "anim")
    else:
        parse = _agreeing(found.group(), noun.parts[0].tag)
        forms = (noun.number, noun.gender, noun.animacy)
    return _Reading(found.start(), found.end(), (parse,), *forms, is_adjective=True)


def _agreeing(word: str, noun: Any) -> Any:
    """Return the reading of `word` as an adjective that agrees with the tag of a noun, or None."""
    for parse in _adjective_parses(word):
        if parse.tag.number == noun.number and (noun.number == "plur" or parse.tag.gender == noun.gender):
            return parse
    return None


def _adjective_parses(word: str) -> list[Any]:
    return [*_nominatives(word, "ADJF"), *_nominatives(word, "PRTF")]


@lru_cache(maxsize=5_000)
def _nominatives(word: str, part_of_speech: str) -> tuple[Any, ...]:
    """Return the readings of a word as that part of speech in the nominative; each word is looked up many times."""
    parses = _analyzer().parse(word.lower())
    return tuple(parse for parse in parses if part_of_speech == parse.tag.POS and "nomn" in parse.tag)


def _is_abbreviation(word: str, text: str) -> bool:
    """Tell МАОУ and СОШ from words; where all is written in capitals, by the dictionary."""
    if not word.isupper() or len(word) == 1:
        return False
    if not text.isupper():
        return True
    parses = _analyzer().parse(word.lower())
    return len(word) < 4 or not parses[0].is_known or {"Abbr", "Fixd"} & parses[0].tag.grammemes != set()


def _like(written: str, word: str) -> str:
    if written.isupper() and len(written) > 1:
        return word.upper()
    return word[0].upper() + word[1:] if written[0].isupper() else word


_loaded: MorphAnalyzer | None = None


def _analyzer() -> MorphAnalyzer:
    """Return the analyzer of the process; loading takes a fifth of a second and 15 MB, so it waits for a paper."""
    global _loaded
    with _lock:
        if _loaded is None:
            from pymorphy3 import MorphAnalyzer

            _loaded = MorphAnalyzer()
        return _loaded
