"""The public check page and the answer with a file."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.urls import reverse

from network_portal.documents import rendering
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version, next_slot, normal_code, signature_slots
from network_portal.documents.services import document_cancel, document_issue
from tests.factories.documents import AT, ON, SAMPLE, TWO_SLOTS, draft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def registered(school, monkeypatch) -> Document:
    monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(html.encode(), 1))
    return document_issue(actor=None, organisation=school, paper=SAMPLE, on=ON, at=AT)


def test_check_page_confirms_a_paper_without_personal_data(client, registered):
    page = client.get(reverse("document_check", args=[registered.check_code]))
    html = page.content.decode().replace("\u00a0", " ")
    assert page.status_code == 200
    for shown in (
        "Пробный документ",
        "№ 1 от 2 сентября 2026 г.",
        registered.organisation.full_name,
        "Документ зарегистрирован и действует",
        registered.pdf.sha256,
        current_version(registered).sha256[:16],
    ):
        assert shown in html
    assert "Ёлкин" not in html
    assert "Жуков" not in html


def test_check_page_tells_that_a_paper_is_cancelled(client, registered):
    document_cancel(document=registered, actor=None, reason="Издан по ошибке", at=AT)
    html = client.get(reverse("document_check", args=[registered.check_code])).content.decode()
    assert "Документ больше не действует: аннулирован" in html
    assert "Издан по ошибке" not in html


@pytest.mark.parametrize("code", ["0000-0000-0000-0000", "nonsense", "ы" * 16, "-"])
def test_unknown_code_is_not_found(client, db, code):
    page = client.get(reverse("document_check", args=[code]))
    assert page.status_code == 404
    assert "Документ с таким кодом не найден" in page.content.decode()


def test_draft_cannot_be_checked(client, school):
    document = draft(school)
    assert client.get(reverse("document_check", args=[document.check_code])).status_code == 404


def test_form_leads_to_the_paper_however_the_code_is_typed(client, registered):
    typed = registered.check_code.replace("-", " ").lower()
    page = client.get(reverse("document_check_form"), {"code": typed})
    assert page["Location"] == reverse("document_check", args=[registered.check_code])
    assert client.get(reverse("document_check_form")).status_code == 200
    assert client.get(reverse("document_check_form"), {"code": ""}).status_code == 422


def test_code_with_cyrillic_look_alikes_is_understood():
    assert normal_code("АВСЕ нкмр 0123 тхОI") == "ABCE-HKMP-0123-TX01"
    assert normal_code("ABC") is None


def test_sixty_first_check_of_a_minute_is_refused(client, registered, monkeypatch):
    monkeypatch.setattr("network_portal.documents.views.CHECKS_A_MINUTE", 3)
    address = reverse("document_check", args=[registered.check_code])
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    answers = [client.get(address).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_file_is_private_and_has_a_name_without_personal_data(registered):
    response = document_response(registered)
    assert response.content == bytes(registered.pdf.content)
    assert {name: response[name] for name in ("Content-Type", "Content-Disposition", "Cache-Control")} == {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'inline; filename="TEST-2026-000001.pdf"',
        "Cache-Control": "private, no-store",
    }
    assert response["X-Content-Type-Options"] == "nosniff"


def test_sign_form_component_shows_slots_consequence_and_version(school, rf):
    from django.template.loader import render_to_string

    document = draft(school, signers=TWO_SLOTS)
    html = render_to_string(
        "ui/sign_form.html",
        {
            "form": SignForm.of(document),
            "slots": signature_slots(document),
            "slot": next_slot(document),
            "action": "/sign/",
            "preview_url": "/preview/",
            "consequence": "Договор вступит в силу.",
        },
        rf.get("/"),
    )
    assert current_version(document).sha256 in html
    assert "Директор МАОУ СОШ №\u00a07:\n" in html
    assert html.count("ждёт вашей подписи") == 1
    assert "Договор вступит в силу." in html
    assert "Подписать</button>" in html
    assert 'autocomplete="current-password"' in html
