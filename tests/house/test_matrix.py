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


def test_every_address_answers_everyone_as_declared(world: World) -> None:
    guest = Client()
    everyone = {name: sign_in(Client(), acting) for name, acting in world.people.items()}
    wrong = []
    for name, row in MATRIX.items():
        url = reverse(name, kwargs=world.pks[row.thing])
        expected = {"guest": "may" if row.public else "sign in"} | {who: row.verdict(who) for who in everyone}
        given = {who: verdict(ask(client, row, url)) for who, client in {"guest": guest, **everyone}.items()}
        wrong += [
            f"{name}, {who}: {given[who]}, not {expected[who]}" for who in expected if given[who] != expected[who]
        ]
    assert wrong == []


STRANGERS = ("director12", "deputy12", "responsible12", "curator12", "teacher12", "class12", "parent12", "admin")


def test_no_page_shows_a_stranger_a_pupil_of_another_school(world: World) -> None:
    """The strangers' own pupils study in the same group as the others, so there is much that could leak."""
    others = {
        name
        for key, students in world.cast.students.items()
        for student in students
        if key != "12"
        for name in (student.full_name, student.short_name, f"{student.last_name} {student.first_name}")
    }
    leaks, pages = [], 0
    for who in STRANGERS:
        client = sign_in(Client(), world.people[who])
        for name, row in MATRIX.items():
            if row.method != "get":
                continue
            response = ask(client, row, reverse(name, kwargs=world.pks[row.thing]))
            if response.status_code != 200 or response["Content-Type"] == "application/pdf":
                continue
            pages += 1
            text = unescape(response.text).replace("\N{NO-BREAK SPACE}", " ")
            leaks += [f"{name}, {who}: {pupil}" for pupil in others if pupil.replace("\N{NO-BREAK SPACE}", " ") in text]
    assert leaks == []
    assert pages > 100


def test_the_search_for_names_finds_those_who_may_be_seen(world: World) -> None:
    """What the test above relies on: the host's teacher sees both schools' pupils in the journal."""
    client = sign_in(Client(), world.people["teacher40"])
    text = unescape(client.get(reverse("journal", kwargs=world.pks["journal"])).text)
    first = {key: world.cast.students[key][0].short_name for key in ("7", "12")}
    assert {key: name in text for key, name in first.items()} == {"7": True, "12": True}
