"""The portal as it runs: a server, a worker over the broker, a receiver, people at browsers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from network_portal.demo.base import Cast, build_base
from network_portal.outbox import doorbell
from tests.e2e.people import Person, Visit
from tests.factories.gradebook import KEY
from tests.services import Receiver, kill, running_receiver, start_worker


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The schools, families and council members of the demonstration; no papers yet."""
    return build_base(timezone.localdate())


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """Return a function that seats somebody, by the login, at a browser of their own."""
    cache.clear()  # it counts how often an address signs in, and outlives a test
    seated: list[Person] = []

    def seat(*who: Any) -> Person:
        person = Person(browser, live_server.url, *who)
        seated.append(person)
        return person

    yield seat
    for person in seated:
        person.context.close()
    assert [person.faults for person in seated if person.faults] == []


@pytest.fixture
def worker(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run a worker on the tests' database."""
    monkeypatch.setattr(settings, "PUSH_ALLOWED_NETWORKS", ["127.0.0.0/8"])
    monkeypatch.setattr(doorbell, "_closed_until", 0.0)
    process = start_worker(settings.OUTBOX_LEASE_SECONDS)
    yield
    kill(process)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with running_receiver(tmp_path, KEY) as running:
        yield running
