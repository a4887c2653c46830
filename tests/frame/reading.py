"""What a person reads on a page, for the rule that no English word is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

SPOKEN = ("placeholder", "aria-label", "title", "alt", "data-confirm", "value")
SILENT = {"script", "style", "template"}
ALLOWED = re.compile(
    r"[\w.+-]+@[\w.-]+|\b(PDF|QR|XLSX|DOCX|PPTX|ODT|ODS|ODP|http://testserver\S*|testserver)\b", re.ASCII
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.silent = 0
        self.heard: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        named = dict(attrs)
        hidden = (
            named.get("type") in {"hidden", "radio", "checkbox"} or "hidden" in named or tag in {"option", "button"}
        )
        self.heard += [text for name, text in attrs if text and name in SPOKEN and not (name == "value" and hidden)]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.heard.append(data)


def english_words(html: str) -> list[str]:
    """Return the words in Latin letters that the page shows or reads aloud."""
    reader = _Reader()
    reader.feed(html)
    return re.findall(r"[A-Za-z]{2,}", ALLOWED.sub(" ", "\n".join(reader.heard)))
