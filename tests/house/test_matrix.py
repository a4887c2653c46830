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

from tests.factories.schools import sign_in
from tests.house.matrix import EVERYONE, MATRIX, Row
from tests.house.world import World

pytestmark = pytest.mark.django_db
#: Addresses of libraries: they are the same for everyone and have tests of their own in `tests/frame`.
FOREIGN = ("account_", "admin:")


def names_of(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_of(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}"


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
    if response.status_code != 200 or response["Content-Type"].startswith("application/"):
        return set()
    text = plain(response.text)
    return {name for name in names if name in text}


def names_of_pupils(world: World, *schools: str) -> set[str]:
    students = [student for key in schools for student in world.cast.students[key]]
    return {plain(name) for one in students for name in (one.full_name, one.short_name)}


@pytest.mark.parametrize("who", ["guest", *EVERYONE.split()])
def test_every_address_answers_as_declared_and_tells_strangers_no_name(world: World, who: str) -> None:
    """The strangers' own pupils study in the same group as the others, so there is much that could leak."""
    client = Client() if who == "guest" else sign_in(Client(), world.people[who])
    theirs = names_of_pupils(world, "7", "40")
    if who == "pupil":  # whose own name stands in the header of every page
        theirs -= {plain(name) for name in (world.people[who].user.full_name, world.people[who].user.short_name)}
    wrong, leaks = [], []
    for name, row in MATRIX.items():
        response = ask(client, row, reverse(name, kwargs=world.pks[row.thing]))
        given = verdict(response)
        expected = row.verdict(who) if who != "guest" else "may" if row.public else "sign in"
        if given != expected:
            wrong.append(f"{name}: {given}, not {expected}")
        if who in (*STRANGERS, "pupil") or row.public:
            leaks += [f"{name}: {pupil}" for pupil in names_seen(response, theirs)]
    assert (wrong, leaks) == ([], [])


def test_matrix_asks_everyone(world: World) -> None:
    assert set(world.people) == set(EVERYONE.split())


def test_search_for_names_finds_them_where_they_are(world: World) -> None:
    client = sign_in(Client(), world.people["teacher40"])
    journal = client.get(reverse("journal", kwargs=world.pks["journal"]))
    assert [bool(names_seen(journal, names_of_pupils(world, key))) for key in ("7", "12")] == [True, True]
