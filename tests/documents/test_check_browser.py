"""The public check of a file in the browser: what is dropped on the page is compared there, only its hash leaves it."""

from __future__ import annotations

import base64

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from network_portal.documents.services import document_issue
from tests.documents.samples import SAMPLES
from tests.factories.documents import AT, ON
from tests.factories.schools import OrganisationFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """(body) => {
  const files = new DataTransfer();
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  files.items.add(new File([bytes], "договор.pdf", { type: "application/pdf" }));
  document.querySelector("[data-check-file]").dispatchEvent(
    new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


def test_dropped_file_is_compared_without_leaving_the_device(page: Page, live_server: LiveServer) -> None:
    """Nobody signs in: a stranger who holds the published agreement drops it, then a copy with one byte more."""
    cache.clear()
    document = document_issue(actor=None, organisation=OrganisationFactory(), paper=SAMPLES["T06P"].paper, on=ON, at=AT)
    sent: list[str] = []
    faults: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.post_data or "")

    page.on("request", note)
    page.on("console", lambda message: faults.append(message.text))
    page.goto(live_server.url + reverse("document_check", args=[document.check_code]))
    verdict = page.locator("#file-verdict")
    same = bytes(document.pdf.content)
    for content, words in (
        (same, "Файл совпадает с зарегистрированным документом."),
        (same + b"\n", "Файл изменён: он выдан по этому документу, но его содержимое другое."),
    ):
        page.evaluate(DROP, base64.b64encode(content).decode())
        expect(verdict).to_contain_text(words)
    assert (len(sent), [body for body in sent if "%PDF" in body], faults) == (2, [], [])
