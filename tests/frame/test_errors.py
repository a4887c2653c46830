"""Error pages say what happened and what to do, in Russian."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.views import defaults
from django.views.csrf import csrf_failure

from network_portal import home
from schools.enums import Role
from tests.factories.accounts import UserFactory
from tests.factories.schools import sign_in
from tests.frame.reading import english_words


@pytest.fixture
def request_of_guest(client: Client, db: None) -> HttpRequest:
    return client.get(reverse("account_login")).wsgi_request


def test_403(request_of_guest: HttpRequest) -> None:
    response = defaults.permission_denied(request_of_guest, PermissionDenied())
    assert response.status_code == 403
    assert english_words(response.text) == []


def test_403_of_a_lost_form(request_of_guest: HttpRequest) -> None:
    response = csrf_failure(request_of_guest)
    assert response.status_code == 403
    assert "обновите страницу" in response.text
    assert english_words(response.text) == []


@pytest.mark.django_db
def test_404(client: Client) -> None:
    response = sign_in(client, UserFactory(), Role.NOBODY).get("/no-such-page/")
    assert response.status_code == 404
    assert english_words(response.text) == []


@pytest.mark.parametrize("template", ["400.html", "409.html", "429.html"])
def test_page_of(request_of_guest: HttpRequest, template: str) -> None:
    assert english_words(render_to_string(template, {}, request_of_guest)) == []


@pytest.mark.django_db
def test_500(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(home, "recent_notices", broken)
    client.raise_request_exception = False
    response = sign_in(client, UserFactory(), Role.NOBODY).get(reverse("home"))
    assert response.status_code == 500
    assert "Портал не смог выполнить действие" in response.text
    assert english_words(response.text) == []
