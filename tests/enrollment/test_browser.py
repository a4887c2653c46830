"""The wishes in a real browser: moved without leaving the page, refusals said in words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse

from courses.enums import CourseState
from tests.enrollment.network import World
from tests.factories.documents import may_sign
from tests.factories.schools import sign_in

SERIOUS = ("serious", "critical")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_wishes_are_moved_in_place_and_a_refusal_is_said(world: World, live_server: Any, page: Any) -> None:
    chemistry = world.course_of_host(programme__title="Химия")
    closed = world.course_of_host(programme__title="Биология")
    application, parent = world.drafted(world.course, chemistry)
    client = sign_in(Client(), parent)
    page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": live_server.url}])
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + reverse("application_courses", args=[application.pk]))
    assert page.locator(".wish strong").all_inner_texts() == ["Физика вокруг нас", "Химия"]
    page.evaluate("window.stayed = true")

    page.get_by_role("button", name=re.compile("Выше.*Химия")).click()
    page.get_by_role("button", name=re.compile("Ниже.*Химия")).wait_for()
    assert page.locator(".wish strong").all_inner_texts() == ["Химия", "Физика вокруг нас"]

    closed.state = CourseState.CLOSED
    closed.save(update_fields=["state"])
    page.get_by_role("button", name=re.compile("Выбрать.*Биология")).click()
    page.get_by_text("На этот курс подать заявление нельзя").wait_for()
    assert page.get_by_role("button", name=re.compile("Выбрать.*Биология")).count() == 0
    assert page.evaluate("window.stayed") is True
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []


def test_steps_of_an_application_on_a_phone_can_be_read_by_everyone(world: World, live_server: Any, page: Any) -> None:
    application, parent = world.prepared()
    may_sign(parent.user, world.home.organisation)
    client = sign_in(Client(), parent)
    page.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    steps = (
        "application_courses", "application_form", "application_waitlist", "application_check",
        "application_consents", "application_sign", "application",
    )  # fmt: skip
    found = []
    for name in steps:
        page.goto(live_server.url + reverse(name, args=[application.pk]))
        violations = Axe().run(page).response["violations"]
        found += [(name, one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in SERIOUS]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append((name, "wider than the screen", ""))
    assert found == []
