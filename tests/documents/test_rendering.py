"""What the PDF of a paper shows, what it is made of, and what its renderer refuses to read."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import replace

import pikepdf
import pytest
from pikepdf import pdfa
from weasyprint.urls import URLFetcher

from network_portal.common.errors import RuleError
from network_portal.documents import engine, kinds, rendering
from network_portal.documents.models import Document
from network_portal.documents.selectors import code_inside, current_version, document_preview_pdf
from network_portal.documents.services import document_issue, document_pdf, document_register, document_sign
from tests.factories.documents import AT, ON, SAMPLE, TWO_SLOTS, Line, draft, proof_of

pytestmark = pytest.mark.django_db


def text_of(pdf: bytes) -> str:
    """Return the text of a PDF as a reader copies it, with plain single spaces."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"[\s\u00a0]+", " ", done.stdout.decode())


@pytest.fixture
def signed(school, director, other_director) -> Document:
    document = draft(school, actor=director, signers=TWO_SLOTS)
    sha256 = current_version(document).sha256
    for slot, signer in (("home", director), ("host", other_director)):
        proof = proof_of(signer, document, at=AT)
        document_sign(document=document, version_sha256=sha256, slot=slot, signer=signer, proof=proof, at=AT)
    return document_register(document=document, on=ON, at=AT)


def test_registered_paper_shows_number_date_content_and_marks(signed):
    text = text_of(document_pdf(signed))
    sha16 = current_version(signed).sha256[:16]
    expected = [
        "Муниципальное автономное общеобразовательное учреждение «Средняя школа № 7»",
        "(МАОУ СОШ № 7)",
        "ПРОБНЫЙ ДОКУМЕНТ",
        "2 сентября 2026 г. Пермь № 1",
        "О предмете «Обучение по курсу „Физика вокруг нас“»",
        "Начало занятий 7 сентября 2026 г., всего 34 часа.",
        "1 Ёлкин Пётр Ильич 5, 4",
        "2 Жуков Иван Олегович",
        "Директор МАОУ СОШ № 7",
        "О. Л. Белых",
        "Директор МАОУ гимназии № 40",
        "П. И. Ёлкин",
        f"https://portal.example/check/{signed.check_code}/",
    ]
    joined = text.replace(" ", "")
    assert [line for line in expected if line.replace(" ", "") not in joined] == []
    mark = (
        "Подписано простой электронной подписью: Белых Ольга Львовна, директор МАОУ СОШ № 7, "
        "02.09.2026 16:45 (UTC+3), "
        "ключ: учётная запись director7@school.example, соглашение № 1 от 02.09.2026, "
        f"контрольная сумма документа {sha16}"
    )
    assert mark.replace(" ", "") in joined
    assert "ПРОЕКТ" not in text
    assert "None" not in text


def test_file_carries_its_check_code_for_those_who_compare_it(signed):
    assert code_inside(document_pdf(signed)) == signed.check_code


def test_preview_says_draft_and_has_no_number(school):
    document = draft(school, signers=TWO_SLOTS)
    text = text_of(document_preview_pdf(document))
    assert "ПРОЕКТ" in text
    assert "№ 1 " not in text.split("О предмете")[0].replace("№ 7", "")
    assert document.check_code not in text
    assert "check" not in text


def test_registered_file_is_pdf_a(signed):
    with pikepdf.open(io.BytesIO(document_pdf(signed))) as pdf:
        report = pdfa.check(pdf, "2b")
    assert [str(finding) for finding in report.findings if finding.kind == "violation"] == []


def test_stored_bytes_never_follow_a_newer_template(signed, monkeypatch):
    before = document_pdf(signed)
    monkeypatch.setattr(rendering, "page_of", lambda *_: "<p>другое</p>")
    assert document_pdf(Document.objects.get(pk=signed.pk)) == before


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"subject": " "}, "Предмет договора"),
        ({"lines": ()}, "Строки"),
        ({"lines": (Line(name="", marks=None),)}, "Фамилия, имя, отчество"),
    ],
)
def test_empty_required_field_refuses_and_names_the_label(school, changes, label):
    with pytest.raises(RuleError) as refused:
        document_issue(actor=None, organisation=school, paper=replace(SAMPLE, **changes), on=ON, at=AT)
    assert refused.value.message == f"Документ не готов: не заполнено «{label}». Заполните и повторите."
    assert Document.objects.count() == 0


def test_unknown_field_in_a_template_stops_it():
    with pytest.raises(kinds.MissingFieldError):
        kinds.parse('{"kind":"TEST","paper":{"a":1}}')["b"]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:8000/",
        "https://example.org/x.png",
        "ftp://127.0.0.1/x",
        "static:../network_portal/settings.py",
        "font:pt-serif/../../fontpkg_pt_serif/__init__.py",
        "font:other/x.ttf",
    ],
)
def test_fetcher_refuses(url, monkeypatch):
    monkeypatch.setattr(URLFetcher, "open", lambda *_: pytest.fail("opened"))
    with pytest.raises((ValueError, KeyError)):
        engine.LocalOnly().fetch(url)


def test_hostile_content_is_text_and_reads_nothing(school):
    document = draft(school, subject='<img src="file:///etc/passwd"><link rel=attachment href="file:///etc/passwd">')
    pdf = document_preview_pdf(document)
    assert '<img src="file:///etc/passwd">' in text_of(pdf).replace("« ", "«")
    assert b"root:x" not in pdf


def test_pages_are_numbered_from_the_second(school):
    lines = tuple(Line(name=f"Ученик {place}", marks="5") for place in range(90))
    document = document_issue(actor=None, organisation=school, paper=replace(SAMPLE, lines=lines), on=ON, at=AT)
    assert document.pdf.pages == 3
    pages = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=document_pdf(document), capture_output=True, check=True
    )
    first, second, third = pages.stdout.decode().split("\f")[:3]
    assert [page.strip().splitlines()[0].strip() for page in (second, third)] == ["2", "3"]
    assert "Муниципальное" in first.strip().splitlines()[0]
    assert "код проверки" not in second
