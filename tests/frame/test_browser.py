"""The frame in a real browser: accessible, silent console, nothing from foreign hosts, and its small script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from network_portal.notices.models import Notice
from schools.enums import DutyKind
from tests.factories.accounts import PASSWORD
from tests.factories.schools import DutyFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = [(1366, 768), (390, 844)]


@pytest.fixture
def quiet_page(page: Page, live_server: LiveServer) -> Iterator[Page]:
    """A page that fails the test when something is said in the console or asked of another host."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url.startswith(live_server.url) or said.append(request.url))
    page.said = said
    yield page
    assert said == []


def audit(page: Page) -> None:
    """Fail on a violation of the accessibility rules; what axe itself makes the browser say does not count."""
    before = list(page.said)
    violations = Axe().run(page).response["violations"]
    page.said[:] = before
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") is True


def sign_in(page: Page, live_server: LiveServer) -> None:
    duty = DutyFactory(kind=DutyKind.DEPUTY, user__email="deputy@school.example")
    EmailAddress.objects.create(user=duty.user, email=duty.user.email, verified=True, primary=True)
    Notice.objects.create(user=duty.user, text="Заявление принято", url="/", at=timezone.now() - timedelta(hours=1))
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_label("Адрес электронной почты").fill("deputy@school.example")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Войти").click()
    expect(page).to_have_url(live_server.url + reverse("home"))


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", ["index", "account_login", "account_signup"])
def test_guest_page_is_accessible(
    quiet_page: Page, live_server: LiveServer, name: str, width: int, height: int
) -> None:
    quiet_page.set_viewport_size({"width": width, "height": height})
    quiet_page.goto(live_server.url + reverse(name))
    audit(quiet_page)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_home_is_accessible(quiet_page: Page, live_server: LiveServer, width: int, height: int) -> None:
    quiet_page.set_viewport_size({"width": width, "height": height})
    sign_in(quiet_page, live_server)
    audit(quiet_page)
    shown = [quiet_page.locator(".side").is_visible(), quiet_page.locator(".bottom").is_visible()]
    assert shown == [width > 1000, width < 1000]


def test_accessible_version_keeps_what_is_typed(quiet_page: Page, live_server: LiveServer) -> None:
    quiet_page.goto(live_server.url + reverse("account_login"))
    quiet_page.get_by_label("Адрес электронной почты").fill("half@")
    quiet_page.get_by_role("button", name="Версия для слабовидящих").click()
    expect(quiet_page.locator("html")).to_have_class("low-vision")
    expect(quiet_page.get_by_label("Адрес электронной почты")).to_have_value("half@")
    audit(quiet_page)
    quiet_page.reload()
    expect(quiet_page.locator("html")).to_have_class("low-vision")


def test_menu_opens_and_closes_by_keyboard(quiet_page: Page, live_server: LiveServer) -> None:
    sign_in(quiet_page, live_server)
    quiet_page.locator(".menu-right summary").press("Enter")
    expect(quiet_page.get_by_role("link", name="Сменить пароль")).to_be_visible()
    quiet_page.keyboard.press("Escape")
    expect(quiet_page.get_by_role("link", name="Сменить пароль")).to_be_hidden()


def test_form_with_a_question_is_sent_only_after_yes(quiet_page: Page, live_server: LiveServer) -> None:
    sign_in(quiet_page, live_server)
    quiet_page.goto(live_server.url + reverse("notice_list"))
    quiet_page.evaluate("document.querySelector('main form').dataset.confirm = 'Отметить?'")
    button = quiet_page.locator("main").get_by_role("button", name="Отметить все прочитанными")
    button.click()
    quiet_page.get_by_role("dialog").get_by_role("button", name="Не сейчас").click()
    expect(button).to_be_focused()
    assert Notice.objects.get().read_at is None
    button.click()
    quiet_page.get_by_role("dialog").get_by_role("button", name="Отметить все прочитанными").click()
    expect(quiet_page.get_by_text("новое")).to_have_count(0)
    assert Notice.objects.get().read_at is not None


def test_second_click_sends_nothing(quiet_page: Page, live_server: LiveServer) -> None:
    sign_in(quiet_page, live_server)
    quiet_page.goto(live_server.url + reverse("notice_list"))
    sent = quiet_page.evaluate(
        """() => {
            const form = document.querySelector("main form");
            let sent = 0;
            addEventListener("submit", (event) => { sent += !event.defaultPrevented; event.preventDefault(); });
            form.requestSubmit();
            form.requestSubmit();
            return sent;
        }"""
    )
    assert sent == 1
