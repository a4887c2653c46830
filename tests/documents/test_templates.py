"""Every kind of paper: its text, its file, its required fields. A kind without a sample fails here.

Each kind is rendered once: the text of the PDF equals `golden/<code>.txt`, and the same bytes are checked as PDF/A.
"""

from __future__ import annotations

import dataclasses
import io
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa

from network_portal.common.errors import RuleError
from network_portal.documents import kinds, rendering
from network_portal.documents.models import Document, DocumentVersion
from schools.models import Organisation
from tests.documents.samples import SAMPLES, Sample

GOLDEN = Path(__file__).parent / "golden"
KINDS = [kind for kind in kinds.all_kinds() if not kind.code.startswith("TEST")]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)


@pytest.fixture(autouse=True)
def portal(settings: Any) -> None:
    settings.PUBLIC_URL = "https://portal.example"


def sample_of(kind: kinds.Kind) -> Sample:
    if kind.code not in SAMPLES:
        pytest.fail(f"add a complete paper of the kind {kind.code} to tests/documents/samples.py, with its golden text")
    return SAMPLES[kind.code]


def registered(kind: kinds.Kind) -> tuple[Document, DocumentVersion]:
    """Return a registered paper and its version that no table holds: rendering reads nothing else."""
    sample = sample_of(kind)
    organisation = Organisation(
        full_name="Муниципальное автономное общеобразовательное учреждение «Гимназия № 40» г. Перми",
        short_name="МАОУ гимназия № 40",
        city="Пермь",
    )
    document = Document(
        kind=kind.code,
        title=kind.title,
        organisation=organisation,
        state="in_force",
        number=118,
        year=2026,
        registered_on=date(2026, 9, 2),
        check_code="ABCD-EFGH-JKMN-PQRS",
    )
    version = DocumentVersion(
        document=document,
        no=1,
        content=kinds.content_of(sample.paper),
        sha256="0" * 64,
        signers=[{"key": key, "capacity": capacity} for key, capacity in sample.signers],
        template_version=kind.version,
        created_at=datetime(2026, 9, 2, 9, 0, tzinfo=UTC),
    )
    return document, version


@cache
def rendered(code: str) -> bytes:
    """Return the file of the sample of a kind without marks of signatures; those have tests of their own."""
    document, version = registered(kinds.kind_by_code(code))
    patch = pytest.MonkeyPatch()
    with patch.context() as unsigned:
        unsigned.setattr(
            rendering,
            "_marks",
            lambda version: [
                rendering.SignatureMark(key=slot["key"], capacity=slot["capacity"], name="", text="")
                for slot in version.signers
            ],
        )
        return rendering.render(rendering.page_of(document, version)).content


def printed(code: str) -> str:
    done = subprocess.run(["pdftotext", "-", "-"], input=rendered(code), capture_output=True, check=True)
    lines = (re.sub(r"[\s\u00a0\u202f]+", " ", line).strip() for line in done.stdout.decode().splitlines())
    return "\n".join(line for line in lines if line) + "\n"


# --- what a kind declares -----------------------------------------------------------------------------------------


@every_kind
def test_kind_says_who_signs_and_how_long_it_is_kept(kind):
    assert kind.signers is not None, "declare signers={…} in their order, {} where nobody signs"
    assert [key for key, _ in sample_of(kind).signers if key in kind.signers] == list(kind.signers)
    assert kind.keep_years is None or kind.keep_years > 0
    names = {item.name for item in dataclasses.fields(kind.content)}
    assert {kind.effective_from, kind.effective_to} - {""} <= names


@every_kind
def test_kind_with_data_of_pupils_or_parents_is_never_published(kind):
    assert kind.may_be_published == (kind.personal_data != "full")


# --- text and layout ----------------------------------------------------------------------------------------------


@every_kind
def test_text_of_the_file_is_the_expected_one(kind):
    golden = GOLDEN / f"{kind.code}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(printed(kind.code), encoding="utf-8")
    assert golden.exists(), f"make {golden.name} with UPDATE_GOLDEN=1, then read it"
    assert printed(kind.code).split() == golden.read_text(encoding="utf-8").split()


@every_kind
def test_registered_paper_prints_no_blank_and_no_none(kind):
    text = printed(kind.code)
    assert [bad for bad in ("None", "__", "{{", "{%", "ПРОЕКТ", "[]", "()") if bad in text] == []


@every_kind
def test_file_is_tagged_pdf_a_with_a_title_and_a_language(kind):
    with pikepdf.open(io.BytesIO(rendered(kind.code))) as pdf:
        report = pdfa.check(pdf, "2b")
        violations = [str(finding) for finding in report.findings if finding.kind == "violation"]
        root = pdf.Root
        with pdf.open_metadata() as metadata:
            claimed = (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["dc:title"])
        facts = {
            "lang": str(root.Lang),
            "tagged": bool(root.MarkInfo.Marked),
            "tree": "/StructTreeRoot" in root,
            "intent": len(root.OutputIntents),
            "scripts": "/JavaScript" in root.get("/Names", {}) or "/OpenAction" in root,
            "encrypted": pdf.is_encrypted,
            "fonts": fonts_of(pdf) and all(fonts_of(pdf).values()),
            "margins": {tuple(float(side) for side in page.mediabox) for page in pdf.pages},
        }
    landscape = (0.0, 0.0, 841.8898, 595.2756)
    portrait = (0.0, 0.0, 595.2756, 841.8898)
    page = landscape if kind.landscape else portrait
    assert violations == []
    assert claimed == ("2", "B", f"{kind.title} №\u00a0118 от 02.09.2026")
    assert {tuple(round(side) for side in box) for box in facts.pop("margins")} == {tuple(round(s) for s in page)}
    assert facts == {
        "lang": "ru",
        "tagged": True,
        "tree": True,
        "intent": 1,
        "scripts": False,
        "encrypted": False,
        "fonts": True,
    }


def fonts_of(pdf: pikepdf.Pdf) -> dict[str, bool]:
    """Return the name of each font and whether its glyphs are embedded."""
    fonts = {}
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor":
            embedded = any(key in thing for key in ("/FontFile", "/FontFile2", "/FontFile3"))
            fonts[str(thing.FontName)] = embedded and "+PT-" in str(thing.FontName)
    return fonts


# --- required fields ----------------------------------------------------------------------------------------------


def blanked(content: Any) -> Iterator[tuple[str, Any]]:
    """Yield the label of each required text, list or row of a paper and the paper with that alone empty."""
    for item in dataclasses.fields(content):
        value = getattr(content, item.name)
        if kinds._is_required(type(content), item):
            empty = () if isinstance(value, tuple) else " " if isinstance(value, str) else None
            yield item.metadata["label"], dataclasses.replace(content, **{item.name: empty})
        if dataclasses.is_dataclass(value):
            for label, inner in blanked(value):
                yield label, dataclasses.replace(content, **{item.name: inner})
        if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            for label, inner in blanked(value[0]):
                yield label, dataclasses.replace(content, **{item.name: (inner, *value[1:])})


@every_kind
def test_each_empty_required_field_refuses_and_is_named(kind):
    refused = 0
    for label, paper in blanked(sample_of(kind).paper):
        with pytest.raises(RuleError) as error:
            kinds.content_of(paper)
        assert f"«{label}»" in error.value.message
        refused += 1
    assert refused > 0


# --- versions of templates ----------------------------------------------------------------------------------------


def test_standard_is_chosen_by_the_date():
    days = [date(2025, 8, 17), date(2025, 8, 18), date(2026, 9, 2)]
    assert [kinds.standard_on(day).label for day in days] == [
        "ГОСТ Р 7.0.97-2016",
        "ГОСТ Р 7.0.97-2025",
        "ГОСТ Р 7.0.97-2025",
    ]


@pytest.mark.parametrize(("day", "standard"), [(date(2025, 8, 17), "gost-2016"), (date(2025, 8, 18), "gost-2025")])
def test_page_is_laid_out_by_the_standard_of_its_date(day, standard, monkeypatch):
    monkeypatch.setattr(rendering, "_marks", lambda version: [])
    document, version = registered(kinds.kind_by_code("T24"))
    document.registered_on = day
    assert f'<body class="{standard}">' in rendering.page_of(document, version)


def test_version_prepared_for_a_kept_template_prints_by_it(settings, tmp_path):
    (tmp_path / "t24.v1.html").write_text("прежний образец", encoding="utf-8")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    kind = dataclasses.replace(kinds.kind_by_code("T24"), template="t24.html", version=2)
    assert kind.template_of(1) == "t24.v1.html"
    assert kind.template_of(2) == "t24.html"


def test_version_prepared_for_a_template_that_is_gone_is_refused_in_words():
    kind = dataclasses.replace(kinds.kind_by_code("T24"), version=7)
    with pytest.raises(kinds.TemplateGoneError, match="Подготовьте новую редакцию"):
        kind.template_of(6)
