"""People at browsers of their own; every page that they see is checked."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect

from network_portal.accounts.models import User
from network_portal.demo.accounts import DOMAIN, PASSWORD
from network_portal.documents.services import signing_code_keep
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from tests.factories.documents import CODE
from tests.frame.reading import english_words

DESK, PHONE = (1366, 768), (390, 844)
#: What may stand on a page in Latin letters: a format, a standard, names of keys and of a browser, addresses, secrets
#: and hashes, whole or shortened.
LATIN = re.compile(
    r"\b(JSON|JPEG|PNG|SHA-256|Standard Webhooks|OpenAPI|Enter|Tab|Delete|Esc|Ctrl|Home|End)\b"
    r"|\.(?:sig|pdf)\b|Mozilla/[^<]*|https?://[\w.:/?=-]+|whsec_[\w+/=]+|\b[0-9a-f]{16}(?:[0-9a-f]{48})?\b"
)
_screenshots = count(1)


def _pattern(text: str) -> str:
    """Return the text as a regular expression that takes any space for a space."""
    return r"\s+".join(re.escape(word) for word in text.split())


class Person:
    """Someone in front of the portal: opens pages, presses buttons, reads.

    After each step the page is read: no word in English, nothing in the console, no request to another host, no
    answer of 400 and above unless it was expected, nothing wider than the screen of a phone. E2E_SCREENSHOTS names a
    folder for a picture of each page.
    """

    def __init__(self, browser: Browser, base: str, login: str = "", size: tuple[int, int] = DESK) -> None:
        width, height = size
        self.base, self.login, self.narrow = base, login, size == PHONE
        self.context = browser.new_context(
            base_url=base, viewport={"width": width, "height": height}, locale="ru-RU", timezone_id="Europe/Moscow"
        )
        self.faults: list[str] = []
        self.expected: set[int] = set()
        self.page = self.tab()
        if login:
            self.sign_in()

    def tab(self) -> Page:
        """Open one more tab."""
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._request)
        page.on("response", self._response)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        pictured = "E2E_SCREENSHOTS" in os.environ and message.text.startswith("Applying inline style")
        refused = self.expected and message.text.startswith("Failed to load resource")
        if not pictured and not refused:  # taking a picture now and then styles the page by itself
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", "data:")):
            self.faults.append(f"foreign: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status}: {response.url}")

    # --- steps ----------------------------------------------------------------------------------------------------

    def sign_in(self) -> None:
        self.open("/accounts/login/")
        self.fill({"Адрес электронной почты": f"{self.login}@{DOMAIN}", "Пароль": PASSWORD})
        self.press("Войти")
        expect(self.heading).to_have_text("Что ждёт меня")

    def open(self, address: str) -> None:
        self.page.goto(address, wait_until="domcontentloaded")
        self.read()

    def follow(self, name: str, where: Locator | None = None) -> None:
        """Click a link by its words; the first one when the page has it twice."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            (where or self.page).get_by_role("link", name=name, exact=True).first.click()
        self.read()

    def menu(self, name: str) -> None:
        self.follow(name, self.page.get_by_role("navigation", name="Разделы", exact=not self.narrow))

    def take(self, task: str) -> None:
        """Go from the page «Что ждёт меня» to what waits there."""
        self.open("/home/")
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.locator(".task", has_text=task).get_by_role("link").first.click()
        self.read()

    def press(self, name: str, where: Locator | None = None, *, sure: bool = False) -> None:
        """Press a button that leads to another page; `sure` answers yes to its question."""
        whole = re.compile(rf"^{_pattern(name)}( ?: .+)?$")  # of many alike each says to a screen reader for what it is
        button = (where or self.main).get_by_role("button", name=whole)
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            button.click()
            if sure:
                self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
        self.read()

    def fill(self, values: dict[str, Any], where: Locator | None = None) -> None:
        """Fill fields by their labels; a set is a choice of a list by its words, True ticks."""
        for label, value in values.items():
            field = self.field(label, where)
            if isinstance(value, bool):
                field.set_checked(value)
            elif isinstance(value, set):
                field.select_option(label=list(value))
            else:
                field.fill(str(value))

    def has(self, values: dict[str, Any]) -> None:
        """Fail unless the fields hold these values."""
        for label, value in values.items():
            expect(self.field(label)).to_have_value(str(value))

    def field(self, label: str, where: Locator | None = None) -> Locator:
        return (where or self.main).get_by_label(re.compile(rf"^\s*{_pattern(label)}\s*\*?\s*$"))

    def sign(self) -> None:
        """Sign the paper on the page with the password and the code of a letter."""
        section = self.page.get_by_role("region", name="Подписание")
        version = section.locator("[name=version_sha256]").first.input_value()
        signer = User.objects.get(email=f"{self.login}@{DOMAIN}")
        signing_code_keep(user=signer, version_sha256=version, code=CODE, at=timezone.now())
        self.fill({"Ваш пароль": PASSWORD, "Код из письма": CODE}, section)
        self.press("Подписать", section)

    def sign_by_letter(self) -> None:
        """Sign as people do: ask for a code, read the letter, type both; the page keeps the typed password."""
        section = self.page.get_by_role("region", name="Подписание")
        self.fill({"Ваш пароль": PASSWORD}, section)
        section.get_by_role("button", name="Получить код").click()
        expect(section.get_by_role("status")).to_contain_text("Код отправл")
        for event in OutboxEvent.objects.filter(topic="documents.signing_code").open():
            deliver(event_id=event.pk, at=timezone.now())
        letter = next(one for one in reversed(mail.outbox) if one.to == [f"{self.login}@{DOMAIN}"])
        code = re.search(r"\b\d{6}\b", letter.body)
        assert code is not None
        expect(section.get_by_role("status")).to_contain_text("действует до")
        self.has({"Ваш пароль": PASSWORD})
        self.fill({"Код из письма": code[0]}, section)
        self.press("Подписать", section)

    def act_as(self, duty: str) -> None:
        """Switch the duty in the header."""
        self.page.locator(".menu-acting summary").click()
        self.press(duty, self.page.locator(".menu-acting"))

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Let answers with these statuses pass."""
        self.expected = set(statuses)
        yield
        self.expected = set()

    # --- reading --------------------------------------------------------------------------------------------------

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def heading(self) -> Locator:
        return self.page.locator("h1")

    def sees(self, *words: str) -> None:
        """Fail unless the page says all this."""
        for text in words:
            expect(self.main).to_contain_text(text)

    def sees_not(self, *words: str) -> None:
        for text in words:
            expect(self.main).not_to_contain_text(text)

    def row(self, text: str) -> Locator:
        """Return the row of a table, or the line of a list, with this text."""
        return self.main.locator("tbody tr, li, article").filter(has_text=text).first

    def read(self) -> None:
        if folder := os.environ.get("E2E_SCREENSHOTS"):
            name = f"{next(_screenshots):03}-{self.login or 'guest'}.png"
            self.page.screenshot(path=Path(folder) / name, full_page=True)
        found = [*self.faults, *english_words(LATIN.sub(" ", self.page.content()))]
        if self.narrow and self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append("wider than the screen")
        assert found == [], f"{self.page.url}: {found}"

    def fetch(self, address: str) -> bytes:
        """Return a file as the browser itself gets it, with the person's session."""
        answer = self.page.evaluate(
            """async (address) => {
                const response = await fetch(address);
                const bytes = new Uint8Array(await response.arrayBuffer());
                return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
            }""",
            address,
        )
        assert self.faults == []
        return base64.b64decode(answer)

    def paper(self, name: str) -> str:
        """Return the text of the PDF behind a link in one line, words that the paper breaks put together."""
        address = self.main.get_by_role("link", name=name, exact=True).first.get_attribute("href")
        pdf = self.fetch(str(address))
        done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
        return re.sub(r"(?<=[а-яё])- (?=[а-яё])", "", " ".join(done.stdout.decode().split()))


Visit = Callable[..., Person]
