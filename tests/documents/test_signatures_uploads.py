"""Scans and detached signatures: what is kept, and what each strange file is told (bad input of papers)."""

from __future__ import annotations

import base64
import io

import pikepdf
import pytest
from PIL import Image

from network_portal.common.errors import RuleError
from network_portal.documents.uploads import (
    MOST_SCAN_BYTES,
    SIGNED_DATA,
    check_detached_signature,
    check_scan,
)


def pdf(change=None, **options) -> bytes:
    """Return a PDF of one empty page after `change` was done to it."""
    made = pikepdf.new()
    made.add_blank_page()
    if change:
        change(made)
    target = io.BytesIO()
    made.save(target, **options)
    return target.getvalue()


def picture(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(target, kind)
    return target.getvalue()


def cms(body: bytes = b"\x30\x03\x02\x01\x01") -> bytes:
    inside = SIGNED_DATA + b"\xa0" + bytes([len(body)]) + body
    return b"\x30" + bytes([len(inside)]) + inside


def _script(made):
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _launch(made):
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")


def _named_script(made):
    inner = pikepdf.Dictionary(Names=pikepdf.Array(["x", pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")]))
    made.Root.Names = pikepdf.Dictionary(JavaScript=inner)


def _attachment(made):
    made.attachments["virus.exe"] = b"MZ"


def _page_action(made):
    made.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://x"))


def _xfa(made):
    made.Root.AcroForm = pikepdf.Dictionary(XFA="x")


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("скан.pdf", pdf(), "application/pdf"),
        ("Скан 1.JPG", picture("JPEG"), "image/jpeg"),
        ("скан.png", picture("PNG"), "image/png"),
    ],
)
def test_plain_scan_is_taken_as_it_is(name, content, media_type):
    upload = check_scan(name, content)
    assert (upload.name, upload.media_type, upload.content) == (name, media_type, content)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("скан.pdf", b"", "Файл пуст"),
        ("скан.pdf", b"%PDF-1.7" + b"0" * MOST_SCAN_BYTES, "Файл больше 10\u00a0МБ"),
        ("скан.docx", b"PK\x03\x04", "нужен PDF, JPEG или PNG"),
        ("скан.png", pdf(), "на самом деле не PNG"),
        ("скан.pdf", picture("PNG"), "на самом деле не PDF"),
        ("скан.jpg", b"<html><script>alert(1)</script>", "на самом деле не JPG"),
        ("скан.pdf", b"%PDF-1.7 nothing more", "повреждён"),
        ("скан.png", picture("PNG")[:40], "повреждён"),
        ("../../etc/скан.pdf", pdf(), "недопустимые знаки"),
        ("C:\\скан.pdf", pdf(), "недопустимые знаки"),
        ("<b>скан</b>.pdf", pdf(), "недопустимые знаки"),
        ("скан\x00.pdf", pdf(), "недопустимые знаки"),
        ("скан\u202e.pdf", pdf(), "недопустимые знаки"),
        (".pdf", pdf(), "недопустимые знаки"),
        ("с" * 120 + ".pdf", pdf(), "длиннее"),
        ("скан.pdf", pdf(_script), "сценарии"),
        ("скан.pdf", pdf(_launch), "сценарии"),
        ("скан.pdf", pdf(_named_script), "сценарии"),
        ("скан.pdf", pdf(_attachment), "сценарии"),
        ("скан.pdf", pdf(_page_action), "сценарии"),
        ("скан.pdf", pdf(_xfa), "сценарии"),
        ("скан.pdf", pdf(_script, object_stream_mode=pikepdf.ObjectStreamMode.generate), "сценарии"),
        ("скан.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "паролем"),
        ("скан.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="")), "зашифрован"),
        ("скан.pdf", pdf(lambda made: made.pages.__delitem__(0)), "ни одной страницы"),
    ],
)
def test_strange_scan_is_refused_with_words_that_help(name, content, words):
    with pytest.raises(RuleError, match=words) as refusal:
        check_scan(name, content)
    assert refusal.value.field == "file"


@pytest.mark.parametrize(
    "content", [cms(), base64.b64encode(cms()), b"-----BEGIN CMS-----\n" + base64.b64encode(cms())]
)
def test_detached_signature_is_known_by_its_outer_structure(content):
    upload = check_detached_signature("договор.pdf.sig", content)
    assert (upload.media_type, upload.content) == ("application/pkcs7-signature", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("подпись.sig", b"hello, this is no signature"),
        ("подпись.sig", cms() + b"more"),
        ("подпись.sig", cms()[:-1]),
        ("подпись.p7s", pdf()),
        ("подпись.exe", cms()),
        ("подпись.sig", b"\x30\x80"),
        ("подпись.sig", b"\x30\x8f" + b"\xff" * 20),
    ],
)
def test_something_else_is_no_signature(name, content):
    with pytest.raises(RuleError, match="не похож на файл электронной подписи"):
        check_detached_signature(name, content)
