"""The public check page: by code, by number and date, by file; what it never tells, and how often it answers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from network_portal.documents import rendering
from network_portal.documents.enums import Effect
from network_portal.documents.forms.check import CheckFileForm
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version, normal_code
from network_portal.documents.services import (
    document_cancel,
    document_draft,
    document_issue,
    document_register,
    documents_keep,
)
from tests.factories.documents import AT, ON, SAMPLE, draft

pytestmark = pytest.mark.django_db

UNKNOWN_NUMBER = "Документ с такими данными не найден."


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(html.encode(), 1))


@pytest.fixture
def registered(school) -> Document:
    return document_issue(actor=None, organisation=school, paper=SAMPLE, on=ON, at=AT)


def text_of(page) -> str:
    return " ".join(unescape(page.content.decode()).split())


def check(client, document) -> str:
    return text_of(client.get(reverse("document_check", args=[document.check_code])))


def changed(document, effect, **changes) -> Document:
    """Return a later paper that changes `document`."""
    paper = replace(SAMPLE, hours=35, **changes)
    later = document_draft(
        actor=None, organisation=document.organisation, paper=paper, replaces=document, effect=effect, at=AT
    )
    return document_register(document=later, on=ON, at=AT)


# --- by code ------------------------------------------------------------------------------------------------------


def test_check_page_confirms_a_paper_without_personal_data(client, registered):
    page = client.get(reverse("document_check", args=[registered.check_code]))
    html = text_of(page)
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


def test_answers_are_kept_nowhere(client, registered):
    page = client.get(reverse("document_check", args=[registered.check_code]))
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex"


def test_title_with_a_name_is_not_shown(client, school):
    document = Document.objects.create(
        kind="TEST", title="Справка Ёлкина Петра", organisation=school, created_at=AT, state="draft"
    )
    document.versions.create(no=1, content='{"paper":{}}', sha256="0" * 64, template_version=1, created_at=AT)
    document = document_register(document=document, on=ON, at=AT, pdf_later=True)
    html = check(client, document)
    assert "Пробный документ № 1" in html
    assert "Ёлкина" not in html


def test_check_page_tells_that_a_paper_is_cancelled_but_not_why(client, registered):
    document_cancel(document=registered, actor=None, reason="Издан по ошибке", at=AT)
    html = check(client, registered)
    assert "Документ больше не действует: он аннулирован." in html
    assert "Издан по ошибке" not in html


@pytest.mark.parametrize(
    ("effect", "verdict", "link"),
    [
        (Effect.REPLACES, "Документ больше не действует: он заменён другим.", "Заменён документом"),
        (Effect.AMENDS, "Документ действует с изменениями.", "Изменён документом"),
        (Effect.CANCELS, "Документ больше не действует: он аннулирован.", "Отменён документом"),
    ],
)
def test_check_page_names_the_paper_that_changed_it(client, registered, effect, verdict, link):
    changed(registered, effect)
    html = check(client, registered)
    assert verdict in html
    assert f"{link} «Пробный документ» № 2 от 2 сентября 2026 г." in html


def test_archived_paper_is_genuine_still(client, registered):
    documents_keep(on=date(2028, 1, 1), at=AT)
    assert "Документ подлинный, его действие закончено; он сдан в архив." in check(client, registered)


def test_paper_whose_file_is_being_made_says_so(client, school):
    document = document_issue(actor=None, organisation=school, paper=SAMPLE, on=ON, at=AT, pdf_later=True)
    html = check(client, document)
    assert "Файл документа ещё готовится" in html
    assert "Содержание документа уже закреплено" in html
    assert "Контрольная сумма файла" not in html
    assert "data-check-file" not in html


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


# --- by number and date -------------------------------------------------------------------------------------------

KNOWN = {"kind": "TEST", "number": "1", "on": "2026-09-02", "organisation": "МАОУ СОШ № 7"}


@pytest.mark.parametrize(
    "name",
    [
        "МАОУ СОШ № 7",
        "маоу сош №7",
        'Муниципальное автономное общеобразовательное учреждение "Средняя школа N 7"'.replace("N", "№"),
    ],
)
def test_paper_is_found_by_number_date_kind_and_organisation(client, registered, name):
    page = client.get(reverse("document_check_number"), KNOWN | {"organisation": name})
    assert page["Location"] == reverse("document_check", args=[registered.check_code])


@pytest.mark.parametrize(
    "wrong", [{"number": "2"}, {"on": "2026-09-03"}, {"organisation": "МАОУ СОШ № 40"}, {"organisation": "СОШ"}]
)
def test_whatever_is_wrong_gets_the_same_answer(client, registered, wrong):
    page = client.get(reverse("document_check_number"), KNOWN | wrong)
    assert page.status_code == 404
    assert UNKNOWN_NUMBER in text_of(page)
    assert registered.check_code not in text_of(page)


def test_search_without_all_marks_is_asked_again(client, registered):
    page = client.get(reverse("document_check_number"), {"kind": "TEST", "number": "1"})
    assert page.status_code == 422
    assert client.get(reverse("document_check_number")).status_code == 302


def test_eleventh_search_of_a_minute_is_refused_whatever_it_asks(client, registered, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    address = reverse("document_check_number")
    answers = [client.get(address, KNOWN | {"number": str(number)}).status_code for number in range(2, 13)]
    assert answers == [404] * 10 + [429]


def test_every_path_counts_together_and_the_limit_says_when_to_return(client, registered, monkeypatch):
    monkeypatch.setattr("network_portal.documents.views.check.CHECKS_A_MINUTE", 3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    page = reverse("document_check", args=[registered.check_code])
    answers = [
        client.get(page),
        client.get(reverse("document_check_form")),
        client.post(reverse("document_check_file", args=[registered.check_code]), {"sha256": "0" * 64}),
        client.get(page),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[3]["Retry-After"], "no-store" in answers[3]["Cache-Control"]) == ("60", True)


# --- by file ------------------------------------------------------------------------------------------------------


def verdict_on(client, document, **sent) -> str:
    page = client.post(reverse("document_check_file", args=[document.check_code]), sent, headers={"HX-Request": "true"})
    assert page.status_code == 200
    return text_of(page)


def test_file_that_matches(client, registered):
    assert "Файл совпадает с зарегистрированным документом." in verdict_on(
        client, registered, sha256=registered.pdf.sha256
    )


def test_file_that_was_changed_is_told_from_a_strange_one(client, registered):
    sent = {"sha256": "0" * 64}
    assert "Файл изменён" in verdict_on(client, registered, **sent, printed_code=registered.check_code)
    assert "портал такого файла не выдавал" in verdict_on(client, registered, **sent)


def test_file_of_another_paper_is_named_without_people(client, registered, other_school):
    other = document_issue(actor=None, organisation=other_school, paper=replace(SAMPLE, subject="Химия"), on=ON, at=AT)
    html = verdict_on(client, registered, sha256=other.pdf.sha256)
    assert "Это файл другого документа портала." in html
    assert "«Пробный документ» № 1 от 2 сентября 2026 г., МАОУ СОШ № 40" in html


def test_file_of_the_paper_that_this_one_replaced_is_an_earlier_one(client, registered):
    second = changed(registered, Effect.REPLACES)
    third = changed(second, Effect.REPLACES, subject="Химия")
    html = verdict_on(client, third, sha256=registered.pdf.sha256)
    assert "Это файл более раннего документа" in html
    assert "№ 1 от 2 сентября 2026 г." in html


def test_uploaded_file_is_compared_and_forgotten(client, registered):
    address = reverse("document_check_file", args=[registered.check_code])
    content = bytes(registered.pdf.content)
    for sent, said in (
        (content, "Файл совпадает"),
        (content + b" ", "Файл изменён"),
        (b"%PDF-1.7 nothing", "портал такого файла не выдавал"),
    ):
        page = client.post(address, {"file": SimpleUploadedFile("x.pdf", sent)})
        assert said in text_of(page)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM documents_keptfile")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("sent", [{}, {"sha256": "xyz"}, {"file": SimpleUploadedFile("x.pdf", b"")}])
def test_nothing_to_compare_is_asked_again(client, registered, sent):
    page = client.post(reverse("document_check_file", args=[registered.check_code]), sent)
    assert page.status_code == 422


def test_too_large_file_is_refused(client, registered, monkeypatch):
    monkeypatch.setattr(CheckFileForm, "FILE_LIMIT", 3)
    address = reverse("document_check_file", args=[registered.check_code])
    page = client.post(address, {"file": SimpleUploadedFile("x.pdf", b"1234")})
    assert (page.status_code, "Файл больше 10 МБ" in text_of(page)) == (422, True)


def test_file_cannot_be_compared_with_an_unknown_paper(client, db):
    sent = {"sha256": hashlib.sha256(b"").hexdigest()}
    assert client.post(reverse("document_check_file", args=["0000-0000-0000-0000"]), sent).status_code == 404
