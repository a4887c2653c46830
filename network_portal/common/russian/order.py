"""The order of the Russian alphabet, the same on every database (I-11)."""

from __future__ import annotations

import unicodedata

#: Follows the Е of a Ё in a sort key: it is greater than every letter, so Ё comes after Е and before Ж.
YO = "\uf8ff"
#: Parts the order from the folded text behind it, by which a search finds Ёлкин as Елкин too.
FOLDED = "\u001f"


def sort_key(text: str) -> str:
    """Return the key that sorts `text` in the order of the alphabet, where Ё is a letter of its own after Е.

    Елисеев, Ефимов, Ёлкин, Жуков; capitals do not matter (I-11). The key of a text with Ё ends with `FOLDED` and the
    folded text, so that a key contains every part of `fold(text)`.
    """
    plain = _plain(text)
    return plain.replace("ё", "е" + YO) + FOLDED + fold(plain) if "ё" in plain else plain


def fold(text: str) -> str:
    """Return `text` as it is searched and compared: without capitals, Ё as Е."""
    return _plain(text).replace("ё", "е")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().strip()
