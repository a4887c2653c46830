"""Files of homework: papers of office programs are known by what is in them, and what is not one is told why."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook

from network_portal.common.errors import RuleError
from network_portal.documents import handouts
from network_portal.documents.handouts import OFFICE, check_handout

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = OFFICE[".docx"]


def packed(members: dict[str, bytes | str], *, deflated: bool = True) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def types_of(main: str) -> str:
    return f'<Types xmlns="{TYPES}"><Override PartName="/word/document.xml" ContentType="{main}"/></Types>'


def relation(kind: str, target: str) -> str:
    one = f'<Relationship Id="r" Type="{OFFICE_RELATIONS}/{kind}" Target="{target}" TargetMode="External"/>'
    return f'<Relationships xmlns="{RELATIONS}">{one}</Relationships>'


def docx(more: dict[str, bytes | str] | None = None, *, main: str = f"{WORD}.main+xml") -> bytes:
    """Return a text with further members."""
    members = {"[Content_Types].xml": types_of(main), "_rels/.rels": "<r/>", "word/document.xml": "<d/>"}
    return packed({**members, **(more or {})})


def linked(kind: str, target: str) -> bytes:
    return docx({"word/_rels/document.xml.rels": relation(kind, target)})


def odt(more: dict[str, bytes | str] | None = None) -> bytes:
    return packed({"mimetype": OFFICE[".odt"], "content.xml": "<c/>", **(more or {})})


def picture(tag: str, target: str) -> bytes:
    """Return a text of OpenDocument with an element that names an address."""
    spaces = 'xmlns:d="urn:oasis:draw" xmlns:x="http://www.w3.org/1999/xlink"'
    return odt({"content.xml": f'<c {spaces}><d:{tag} x:href="{target}"/></c>'})


def xlsx() -> bytes:
    target = io.BytesIO()
    book = Workbook()
    book.active["A1"] = "=2+2"
    book.save(target)
    return target.getvalue()


def words_of(value: str | bytes) -> str:
    """Return how a case is called: by its words, not by its bytes."""
    return value if isinstance(value, str) else "file"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Задание.DOCX", docx()),
        ("таблица.xlsx", xlsx()),
        ("показ.pptx", docx(main=f"{OFFICE['.pptx']}.main+xml")),
        ("текст.odt", odt()),
        ("с рисунком.odt", picture("image", "Pictures/1.png")),
        ("со ссылкой.odt", picture("a", "https://example.org/")),
        ("с диаграммой.docx", docx({"word/embeddings/sheet.xlsx": xlsx()})),
        ("со ссылкой.docx", linked("hyperlink", "https://example.org/")),
        ("по своему образцу.docx", linked("attachedTemplate", "file:///C:\\Users\\Учитель\\образец.dotx")),
    ],
    ids=words_of,
)
def test_office_paper_is_known_by_what_is_in_it(name: str, content: bytes) -> None:
    upload = check_handout(name, content)
    assert (upload.name, upload.media_type, upload.content) == (name, OFFICE[f".{name.split('.')[1].lower()}"], content)


MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
ENTITIES = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
BROKEN = docx()[:-30]
PLAIN = packed({"задание.txt": "Решить № 5"})
LOCKED = bytearray(docx())
LOCKED[LOCKED.index(b"PK\x01\x02") + 8] |= 1
SPOILT = bytearray(packed({"[Content_Types].xml": types_of(f"{WORD}.main+xml")}, deflated=False))
SPOILT[60] ^= 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("задание.docx", PLAIN, "на самом деле не DOCX"),
        ("задание.docx", xlsx(), "на самом деле не DOCX"),
        ("задание.odt", docx(), "на самом деле не ODT"),
        ("задание.docx", b"PK\x03\x04 and no more", "не читается"),
        ("задание.docx", BROKEN, "не читается"),
        ("задание.docx", bytes(SPOILT), "не читается"),
        ("задание.docx", docx({"word/x.rels": ENTITIES}), "не читается"),
        ("задание.docx", bytes(LOCKED), "закрыт паролем"),
        ("задание.docx", handouts.COMPOUND + b"x" * 600, "старого вида или закрыт паролем"),
        ("задание.doc", handouts.COMPOUND + b"x" * 600, "Сохраните его как DOCX"),
        ("задание.odt", odt({"META-INF/manifest.xml": "<a:encryption-data/>"}), "закрыт паролем"),
        ("задание.docm", docx(main=MACROS), "не подходит"),
        ("задание.docx", docx(main=MACROS), "содержит макросы"),
        ("задание.docx", docx({"word/vbaProject.bin": b"x"}), "содержит макросы"),
        ("задание.docx", docx({"word/1.docx": docx({"word/vbaProject.bin": b"x"})}), "содержит макросы"),
        ("задание.odt", odt({"Basic/Standard/Module1.xml": "<a/>"}), "содержит макросы"),
        ("задание.docx", linked("attachedTemplate", "https://example.org/t.dotm"), "загружает что-то из интернета"),
        ("задание.docx", linked("image", "\\\\server\\share\\1.png"), "загружает что-то из интернета"),
        ("задание.odt", picture("image", "https://example.org/1.png"), "загружает что-то из интернета"),
        ("задание.odt", picture("event-listener", "vnd.sun.star.script:a"), "загружает что-то из интернета"),
        ("задание.docx", docx({"word/1.bin": docx({"word/2.bin": docx()})}), "архив в архиве"),
        ("задание.zip", PLAIN, "нужен PDF, JPEG, PNG, DOCX"),
        ("задание.docx", b"", "Файл пуст"),
    ],
    ids=words_of,
)  # fmt: skip
def test_what_is_no_honest_paper_is_told_why(name: str, content: bytes, words: str) -> None:
    with pytest.raises(RuleError, match=words) as refused:
        check_handout(name, content)
    assert refused.value.field == "file"


def swollen(content: bytes) -> bytes:
    """Return an archive whose first member says that it unpacks to 200 MB."""
    place = content.index(b"PK\x01\x02") + 24
    return content[:place] + (200 * 2**20).to_bytes(4, "little") + content[place + 4 :]


@pytest.mark.parametrize(
    "content",
    [
        swollen(docx()),
        packed({"[Content_Types].xml": "", "word/sheet.xlsx": swollen(xlsx())}),
        packed({f"{no}.xml": "" for no in range(handouts.MOST_MEMBERS + 1)}, deflated=False),
    ],
    ids=["a member", "what is packed in it", "many members"],
)
def test_what_unpacks_to_more_than_a_paper_has_is_refused_unread(content: bytes) -> None:
    with pytest.raises(RuleError, match="в распакованном виде слишком велик"):
        check_handout("задание.docx", content)
