"""Files that a teacher gives out: scans and papers of office programs, looked at before the portal keeps them.

An office paper is a ZIP whose members say what it is and what it would do when it is opened; nothing is unpacked to
disk, and only so much is read as an honest paper has.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from network_portal.common.errors import RuleError
from network_portal.documents.uploads import MEGABYTE, MOST_SCAN_BYTES, SCANS, Upload, check_scan, ending_of

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
OFFICE = {
    ".docx": f"{_OPEN_XML}wordprocessingml.document",
    ".xlsx": f"{_OPEN_XML}spreadsheetml.sheet",
    ".pptx": f"{_OPEN_XML}presentationml.presentation",
    ".odt": f"{_OPEN_DOCUMENT}text",
    ".ods": f"{_OPEN_DOCUMENT}spreadsheet",
    ".odp": f"{_OPEN_DOCUMENT}presentation",
}
HANDOUTS = SCANS | OFFICE
KINDS = "PDF, JPEG, PNG, DOCX, XLSX, PPTX, ODT, ODS или ODP"
AGAIN = "Приложите другой файл, лучше всего PDF."
RESAVE = "Сохраните его как DOCX, XLSX, PPTX или PDF и приложите снова."

MOST_MEMBERS = 2000
MOST_UNPACKED = 100 * MEGABYTE
#: A paper may hold papers, as a text holds the table of its chart; those hold no more.
DEEPEST = 1
CHUNK = 64 * 1024
ENCRYPTED = 0x1
#: What Word, Excel and PowerPoint wrote before 2007, and what they write with a password today.
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
OLD = {".doc", ".xls", ".ppt", ".rtf"}
WITH_MACROS = re.compile(r"macroenabled|vbaproject", re.IGNORECASE)
#: Where OpenDocument keeps the scripts of a paper.
SCRIPTS = ("basic/", "scripts/")
#: Where OpenDocument names pictures, tables and scripts by their addresses.
WITH_LINKS = ("content.xml", "styles.xml")
HREF = "{http://www.w3.org/1999/xlink}href"
#: A part that a program fetches from elsewhere when the paper is opened; a link is followed only when it is clicked.
ELSEWHERE = re.compile(r"(?!file:///?[a-z]:)([a-z][a-z0-9+.-]+:|//|\\\\)", re.IGNORECASE)


class _Refusal(Exception):
    """What is wrong with the file, in words."""


@dataclass
class _Left:
    """How much may still be read."""

    members: int = MOST_MEMBERS
    size: int = MOST_UNPACKED


def check_handout(name: str, content: bytes, *, field: str = "file") -> Upload:
    """Return a file to be given out after a look at what it really is.

    Args:
        name: the name of the file as the browser told it.
        content: its bytes.
        field: the form's field that a refusal belongs to.

    Raises:
        RuleError: it is none of `HANDOUTS`, is not what its name says, cannot be read, is larger than 10 MB or unpacks
            to more than an honest paper has, is locked by a password, has scripts, or parts that are fetched from
            elsewhere.
    """
    ending = ending_of(name, content, most=MOST_SCAN_BYTES, field=field, again=AGAIN)
    if ending in SCANS:
        return check_scan(name, content, field=field, again=AGAIN)
    if ending in OLD or (ending in OFFICE and content.startswith(COMPOUND)):
        raise RuleError(f"Файл «{name}» старого вида или закрыт паролем. {RESAVE}", field=field)
    if ending not in OFFICE:
        raise RuleError(f"Файл «{name}» не подходит: нужен {KINDS}. {AGAIN}", field=field)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _read(archive, _Left(), DEEPEST)
            if OFFICE[ending] not in _kinds(archive):
                raise _Refusal(f"на самом деле не {ending[1:].upper()}: содержимое не такое, как говорит имя. {AGAIN}")
            _refuse_active(archive)
    except _Refusal as refusal:
        raise RuleError(f"Файл «{name}» {refusal}", field=field) from refusal
    except Exception as error:
        raise RuleError(f"Файл «{name}» не читается: он повреждён. {AGAIN}", field=field) from error
    return Upload(name, OFFICE[ending], content)


def _read(archive: zipfile.ZipFile, left: _Left, deeper: int) -> None:
    """Read every member, and what is packed in it, within what is `left`."""
    members = archive.infolist()
    left.members -= len(members)
    left.size -= sum(member.file_size for member in members)
    if left.members < 0 or left.size < 0:
        raise _Refusal(f"в распакованном виде слишком велик. {AGAIN}")
    for member in members:
        if member.flag_bits & ENCRYPTED:
            raise _Refusal(f"закрыт паролем, прочесть его нельзя. {AGAIN}")
        if WITH_MACROS.search(member.filename):
            raise _Refusal(f"содержит макросы. {RESAVE}")
        with archive.open(member) as part:
            first = part.read(CHUNK)
            if first.startswith(b"PK\x03\x04"):
                if not deeper:
                    raise _Refusal(f"содержит архив в архиве. {AGAIN}")
                with zipfile.ZipFile(io.BytesIO(first + part.read())) as inner:
                    _read(inner, left, deeper - 1)
            while part.read(CHUNK):  # to the end, where its sum is checked
                pass


def _kinds(archive: zipfile.ZipFile) -> set[str]:
    """Return what the members say that the paper is."""
    names = set(archive.namelist())
    if "mimetype" in names:
        return {archive.read("mimetype").decode("ascii", "replace")} if "content.xml" in names else set()
    if not names >= {"[Content_Types].xml", "_rels/.rels"}:
        return set()
    types = [one.get("ContentType", "") for one in _xml(archive, "[Content_Types].xml")]
    if any(map(WITH_MACROS.search, types)):
        raise _Refusal(f"содержит макросы. {RESAVE}")
    return {kind.removesuffix(".main+xml") for kind in types if kind.endswith(".main+xml")}


def _refuse_active(archive: zipfile.ZipFile) -> None:
    """Refuse what runs, is locked or fetches something when the paper is opened."""
    names = archive.namelist()
    if any(name.lower().startswith(SCRIPTS) for name in names):
        raise _Refusal(f"содержит макросы. {RESAVE}")
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise _Refusal(f"закрыт паролем, прочесть его нельзя. {AGAIN}")
    for name in names:
        relations = PurePosixPath(name).suffix.lower() == ".rels" and any(map(_fetches, _xml(archive, name)))
        if relations or (PurePosixPath(name).name in WITH_LINKS and _leads_elsewhere(archive, name)):
            raise _Refusal(f"при открытии загружает что-то из интернета. Вставьте это в сам файл. {AGAIN}")


def _fetches(relation: Element) -> bool:
    """Tell whether a part of the paper stands elsewhere and is fetched without a click."""
    return (
        relation.get("TargetMode", "").lower() == "external"
        and not relation.get("Type", "").lower().endswith("/hyperlink")
        and ELSEWHERE.match(relation.get("Target", "").strip()) is not None
    )


def _leads_elsewhere(archive: zipfile.ZipFile, name: str) -> bool:
    """Tell whether a part of OpenDocument names something elsewhere; a link (`a`) is followed by a click alone."""
    with archive.open(name) as part:
        for _, element in ElementTree.iterparse(part):
            if not element.tag.endswith("}a") and ELSEWHERE.match(element.get(HREF, "").strip()):
                return True
            element.clear()
    return False


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    root: Element = ElementTree.fromstring(archive.read(name))
    return root
