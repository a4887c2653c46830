"""Names of pupils in a text of the council: an extract leaves them out (T19)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from council.models import Council
from schools.models import Membership, Student

#: «Иванову Петру Сергеевичу», «Иванову П. С.», «Петру Иванову», «П. С. Иванову».
WORD, INITIAL = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?", r"[А-ЯЁ]\."
PATRONYMIC = r"[А-ЯЁ][а-яё]+(?:вич|вн|ич|ичн)[а-яё]{0,3}"
NAME = re.compile(
    rf"(?P<last>{WORD})[ \u00a0]"
    rf"(?:(?P<first>{WORD})(?:[ \u00a0]{PATRONYMIC}\b)?|(?P<initial>{INITIAL})(?:[ \u00a0]?{INITIAL})?)"
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
        told, rest = "", 0
        while found := NAME.search(text, rest):
            if self._is_one(found):
                told += text[rest : found.start()] + LEFT_OUT
                rest = found.end()
            else:  # the second word may begin a name of its own
                step = found.start() + len(re.split(r"[ \u00a0]", found.group())[0])
                told += text[rest:step]
                rest = step
        return told + text[rest:]

    def _is_one(self, found: re.Match[str]) -> bool:
        last = found["last"] or found["last2"]
        if not found["first"]:
            initial = _plain((found["initial"] or found["initial2"]).rstrip("."))
            return any(_alike(last, name) and _plain(first).startswith(initial) for name, first in self.names)
        pairs = [(last, found["first"]), (found["first"], last)]
        return any(_alike(word, name) and _alike(other, first) for word, other in pairs for name, first in self.names)


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
