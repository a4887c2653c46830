"""Non-breaking spaces and quotation marks as Russian papers have them (5.1)."""

from __future__ import annotations

import re

NBSP = "\u00a0"

_UNITS = (
    "ч|мин|г|гг|руб|коп|чел|шт|экз|мм|см|м|км|кг|л|стр|%|тыс|млн|класс[а-я]*|час[а-я]*|минут[а-я]*|человек[а-я]*|"
    "дн[а-я]+|день|недел[а-я]*|год[а-я]*|лет|урок[а-я]*|балл[а-я]*|мест[а-я]*|рубл[а-я]+|"
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)
_STICKS = [
    (re.compile(r"№ ?(?=[\dA-Za-zА-ЯЁа-яё])"), "№" + NBSP),
    (re.compile(r"\b([А-ЯЁ]\.) ?(?=[А-ЯЁ]\.)"), r"\1" + NBSP),
    (re.compile(r"\b([А-ЯЁ]\.) (?=[А-ЯЁ][а-яё])"), r"\1" + NBSP),
    (re.compile(r"\b([А-ЯЁ][а-яё]+) (?=[А-ЯЁ]\.)"), r"\1" + NBSP),
    (re.compile(r"(?<=\d) (?=[«\"])"), NBSP),
    (re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?![а-яё\w]))"), NBSP),
    (re.compile(r"\b(п|ст|ч|г|ул|д|каб|стр|рис|табл) ?\. (?=[\dА-ЯЁ])"), r"\1." + NBSP),
]
_QUOTE = re.compile(r"[\"«»„“”]")
_ALWAYS_OPEN, _ALWAYS_CLOSE = "«„", "»"
_BEFORE_OPENING = re.compile(r"[\s(\[{/–—-]")
_AFTER_CLOSING = re.compile(r"[\s.,;:!?…)\]}/–—\"»“”-]")
_LEVELS = (("«", "»"), ("„", "“"))
# Text outside tags; style sheets and comments are no text.
_PIECES = re.compile(r"(<style\b.*?</style>|<!--.*?-->|<[^>]*>)", re.DOTALL)


def nbsp(text: str) -> str:
    """Return `text` with non-breaking spaces after №, between initials and surname, in 10 «А», and before units."""
    for pattern, replacement in _STICKS:
        text = pattern.sub(replacement, text)
    return text


def quotes(text: str) -> str:
    """Return `text` with «ёлочки» for every pair of quotation marks, and „лапки“ for pairs inside them.

    A mark without its pair stays as it was typed: it may be an inch.
    """
    opened: list[int] = []
    pairs: dict[int, int] = {}
    after_opening = -1
    for found in _QUOTE.finditer(text):
        place, mark = found.start(), found.group()
        before, behind = text[place - 1 : place] or " ", text[place + 1 : place + 2] or " "
        begins = mark not in _ALWAYS_CLOSE and not behind.isspace()
        if mark in _ALWAYS_OPEN or (begins and (place == after_opening or _BEFORE_OPENING.match(before))):
            opened.append(place)
            after_opening = place + 1
        elif opened and (mark in _ALWAYS_CLOSE or _AFTER_CLOSING.match(behind)):
            pairs[opened.pop()] = place
    letters = list(text)
    ends: list[int] = []
    for start in sorted(pairs):
        ends = [end for end in ends if end > start]
        left, right = _LEVELS[min(len(ends), 1)]
        letters[start], letters[pairs[start]] = left, right
        ends.append(pairs[start])
    return "".join(letters)


def printed(text: str) -> str:
    """Return `text` as papers have it: quotation marks and non-breaking spaces."""
    return nbsp(quotes(text))


def printed_html(html: str) -> str:
    """Return an HTML page with the text between its tags as papers have it; tags and style sheets stay."""
    pieces = _PIECES.split(html)
    pieces[::2] = [printed(piece.replace("&quot;", '"')).replace('"', "&quot;") for piece in pieces[::2]]
    return "".join(pieces)
