"""The order of the Russian alphabet, the same on every database (I-11)."""

from __future__ import annotations

import unicodedata

#: Follows the Е of a Ё in a sort key: it is greater than every letter, so Ё comes after Е and before Ж.
YO = "\uf8ff"


def sort_key(text: str) -> str:
    """Return the key that sorts `text` in the order of the alphabet, where Ё is a letter of its own after Е.

    Елисеев, Ефимов, Ёлкин, Жуков; capitals do not matter (I-11).
    """
    return _plain(text).replace("ё", "е" + YO)


def fold(text: str) -> str:
    """Return `text` as it is searched and compared: without capitals, Ё as Е; `sort_key` without `YO`."""
    return _plain(text).replace("ё", "е")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().strip()
