"""Papers are laid out in earnest only where a test looks at the file; nothing is pushed to anybody."""

from __future__ import annotations

import pytest

from network_portal.documents import rendering
from network_portal.outbox import sender

BLANK = rendering.Pdf(b"%PDF-1.7 blank", 1)


@pytest.fixture(autouse=True)
def _blank_paper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_paper" not in request.fixturenames:
        monkeypatch.setattr(rendering, "render", lambda html: BLANK)


@pytest.fixture
def real_paper() -> None:
    """Ask for this where the PDF itself matters."""


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes, dict[str, str]]]:
    """Take what is pushed instead of sending it; an exception put into `answers` is what the receiver does."""
    taken: list[tuple[str, bytes, dict[str, str]]] = []
    monkeypatch.setattr(sender, "post", lambda url, body, headers: taken.append((url, body, headers)))
    return taken
