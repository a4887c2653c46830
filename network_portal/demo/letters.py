"""The letters of the demonstration: without a mail server each one is a file, and its addressee may read it here."""

from __future__ import annotations

import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from schools.acting import ActingRequest

MOST_FILES, MOST_LETTERS = 300, 20
#: What Django writes after each letter of a file.
RULE = b"\n" + b"-" * 79


@dataclass(frozen=True)
class Letter:
    """A letter as its addressee reads it."""

    subject: str
    sent_at: datetime | None
    text: str


def letters_to(address: str) -> list[Letter]:
    """Return the last letters to `address`, the newest first."""
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or settings.VAR_DIR / "mail")
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)[:MOST_FILES]
    found: list[Letter] = []
    for path in files:
        found += [_letter(one) for one in _messages(path) if address.lower() in str(one["To"]).lower()]
        if len(found) >= MOST_LETTERS:
            break
    return found[:MOST_LETTERS]


def _messages(path: Path) -> Iterator[EmailMessage]:
    parser = BytesParser(policy=email.policy.default)
    for part in path.read_bytes().split(RULE):
        if part.strip():
            yield parser.parsebytes(part.lstrip())


def _letter(message: EmailMessage) -> Letter:
    body = message.get_body(("plain",))
    date = message["Date"]
    return Letter(str(message["Subject"]), date.datetime if date else None, body.get_content() if body else "")


@require_safe
def demo_letters(request: ActingRequest) -> HttpResponse:
    """Show the letters to the person who is signed in; there is no such page outside the demonstration."""
    if not settings.DEMO:
        raise Http404
    return render(request, "account/demo_letters.html", {"letters": letters_to(request.user.email)})
