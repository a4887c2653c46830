"""Opening the council's pages as its people."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.factories.council import AT, Hall
from tests.factories.schools import sign_in

TODAY = AT.date()


def page(client: Client, name: str, *args: int) -> str:
    """Return the text of a page that opens."""
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def secretary(client: Client, council: Hall) -> Client:
    return sign_in(client, council.secretary.duty)


def member(client: Client, council: Hall, number: int = 0) -> Client:
    return sign_in(client, council.members[number].duty)
