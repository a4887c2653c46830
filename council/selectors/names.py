"""Names of pupils in a text of the council: an extract leaves them out (T19)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from council.models import Council
from schools.models import Membership, Student

#: «Иванову Петру Сергеевичу», «Иванову П. С.», «Петру Иванову», «П. С. Иванову».
WORD, INITIAL = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?", r"[А-ЯЁ]\."
NAME = re.compile(
    rf"(?P<last>{WORD})[ \u00a0]"
    rf"(?:(?P<first>{WORD})(?:[ \u00a0]{WORD})?|(?P<initial>{INITIAL})(?:[ \u00a0]?{INITIAL})?)"
    rf"|(?P<initial2>{INITIAL})(?:[ \u00a0]?{INITIAL})?[ \u00a0](?P<last2>{WORD})"
)
LEFT_OUT = "обучающийся (имя не приводится)"
#: How many letters an ending may have: «Иванов» – «Ивановыми», «Пётр» – «Петру».
ENDING = 3


@dataclass(frozen=True)
class Pupils:
    """Whose names are left out, as pairs of last and first name."""

    names: frozenset[tuple[str, str]]

    def left_out_of(self, text: str) -> str:
        """Return the text without these pupils' names, in whatever case they stand."""
        return NAME.sub(self._one, text)

    def _one(self, found: re.Match[str]) -> str:
        last = found["last"] or found["last2"]
        first = found["first"] or (found["initial"] or found["initial2"]).rstrip(".")
        short = not found["first"]
        pairs = [(last, first)] if short else [(last, first), (first, last)]
        known = any(
            _alike(word, known_last)
            and (_plain(known_first).startswith(_plain(other)) if short else _alike(other, known_first))
            for word, other in pairs
            for known_last, known_first in self.names
        )
        return LEFT_OUT if known else found.group()


def pupils_of(council: Council) -> Pupils:
    """Return the pupils of the schools that are or were in the network."""
    schools = Membership.objects.filter(network=council.network).values("organisation")
    names = Student.objects.filter(home_school__in=schools).values_list("last_name", "first_name")
    return Pupils(frozenset(names))


def _alike(word: str, name: str) -> bool:
    """Tell whether `word` may be the name in another case: they part only in the last letters."""
    word, name = _plain(word), _plain(name)
    stem = name[: max(2, len(name) - 2)] if name[-1] in "аяйьоеы" or len(name) > 4 else name[: max(2, len(name) - 1)]
    return word == name or (word.startswith(stem) and len(word) <= len(name) + ENDING)


def _plain(word: str) -> str:
    return word.lower().replace("ё", "е")
