"""Papers are laid out in earnest only where a test looks at the file; nothing is pushed to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from network_portal.outbox import sender
from schools.acting import Acting
from tests.factories.schools import sign_in
from tests.gradebook.acts import Open


@pytest.fixture(autouse=True)
def _quick_papers(quick_papers: None) -> None:
    """Lay papers out only where a test asks for `real_papers`."""


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes, dict[str, str]]]:
    """Take what is pushed instead of sending it; an exception put into `answers` is what the receiver does."""
    taken: list[tuple[str, bytes, dict[str, str]]] = []
    monkeypatch.setattr(sender, "post", lambda url, body, headers: taken.append((url, body, headers)))
    return taken


@pytest.fixture
def opened(live_server: Any, page: Page, settings: Any) -> Iterator[Open]:
    """Return a function that opens a page as somebody; errors of scripts fail the test."""
    errors: list[str] = []

    def open_page(who: Acting, path: str) -> Page:
        cookie = sign_in(Client(), who).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + path)
        return page

    page.on("pageerror", lambda error: errors.append(str(error)))
    yield open_page
    assert errors == []
