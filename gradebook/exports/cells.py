"""Text that a spreadsheet must show and never run."""

from __future__ import annotations

import re

#: Signs with which a spreadsheet begins to compute, their full-width forms included.
COMPUTING = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def clean(text: str) -> str:
    """Return `text` without control characters, which no table may hold."""
    return _CONTROL.sub("", text)


def inert(text: str) -> str:
    """Return `text` for a CSV file: what would be computed begins with an apostrophe."""
    text = clean(text)
    return f"'{text}" if text.startswith(COMPUTING) else text
