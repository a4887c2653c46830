"""The answer with a file, and the part of a page where one signs."""

from __future__ import annotations

import pytest

from network_portal.documents import rendering
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version, next_slot, signature_slots
from network_portal.documents.services import document_issue
from tests.factories.accounts import UserFactory
from tests.factories.documents import AT, ON, SAMPLE, TWO_SLOTS, draft, may_sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered(school, monkeypatch) -> Document:
    monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(html.encode(), 1))
    return document_issue(actor=None, organisation=school, paper=SAMPLE, on=ON, at=AT)


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
    request = rf.get("/")
    request.user = UserFactory()
    may_sign(request.user, school)
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
        request,
    )
    assert current_version(document).sha256 in html
    assert "Директор МАОУ СОШ №\u00a07:\n" in html
    assert html.count("ждёт вашей подписи") == 1
    assert "Договор вступит в силу." in html
    assert "Подписать</button>" in html
    assert 'autocomplete="current-password"' in html
