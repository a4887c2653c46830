"""Every address against everyone, and no pupil of another school on any page a stranger may open (2.3, 2.4)."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from network_portal.documents import rendering
from tests.factories.schools import sign_in
from tests.house.matrix import MATRIX, Row
from tests.house.world import World, build_world

pytestmark = pytest.mark.django_db
#: Addresses of libraries: they are the same for everyone and have tests of their own in `tests/frame`.
FOREIGN = ("account_", "admin:")


def names_of(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_of(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(rendering, "render", lambda page: rendering.Pdf(b"%PDF-1.7", 1))
    return build_world(timezone.now())


def ask(client: Client, row: Row, url: str) -> HttpResponse:
    """Send the row's request and undo what it did."""
    point = transaction.savepoint()
    try:
        return client.get(url) if row.method == "get" else client.post(url, {})
    finally:
        transaction.savepoint_rollback(point)


def verdict(response: HttpResponse) -> str:
    if response.status_code == 302 and response.url.startswith(reverse(settings.LOGIN_URL)):
        return "sign in"
    return {403: "refused", 404: "hidden", 405: "wrong method"}.get(response.status_code, "may")


def test_every_address_has_a_row() -> None:
    found = {name for name in names_of(get_resolver().url_patterns) if not name.startswith(FOREIGN)}
    assert found == set(MATRIX)


STRANGERS = ("director12", "deputy12", "responsible12", "curator12", "teacher12", "class12", "parent12", "admin")


def plain(text: str) -> str:
    return unescape(text).replace("\N{NO-BREAK SPACE}", " ")


def names_seen(response: HttpResponse, names: set[str]) -> set[str]:
    """Return which of `names` a page shows; papers have tests of their own."""
    if response.status_code != 200 or response["Content-Type"] == "application/pdf":
        return set()
    text = plain(response.text)
    return {name for name in names if name in text}


def test_every_address_answers_everyone_as_declared_and_tells_strangers_no_name(world: World) -> None:
    """The strangers' own pupils study in the same group as the others, so there is much that could leak."""
    pupils = {
        key: {plain(name) for one in students for name in (one.full_name, one.short_name)}
        for key, students in world.cast.students.items()
    }
    clients = {"guest": Client()} | {name: sign_in(Client(), acting) for name, acting in world.people.items()}
    wrong, leaks = [], []
    for name, row in MATRIX.items():
        url = reverse(name, kwargs=world.pks[row.thing])
        for who, client in clients.items():
            response = ask(client, row, url)
            given = verdict(response)
            expected = row.verdict(who) if who != "guest" else "may" if row.public else "sign in"
            if given != expected:
                wrong.append(f"{name}, {who}: {given}, not {expected}")
            if who in STRANGERS or row.public:
                leaks += [f"{name}, {who}: {pupil}" for pupil in names_seen(response, pupils["7"] | pupils["40"])]
    assert (wrong, leaks) == ([], [])
    journal = clients["teacher40"].get(reverse("journal", kwargs=world.pks["journal"]))
    seen = names_seen(journal, pupils["7"] | pupils["12"])
    assert {key: bool(seen & pupils[key]) for key in ("7", "12")} == {"7": True, "12": True}  # the search does find
