"""Files that come from outside, looked at before the portal keeps them: scans and detached signatures.

Nothing here is trusted by its name: what a file is, its first bytes and a full reading of it tell.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pikepdf
import puremagic
from PIL import Image

from network_portal.common.errors import RuleError

MEGABYTE = 1024 * 1024
MOST_SCAN_BYTES = 10 * MEGABYTE
MOST_SIGNATURE_BYTES = MEGABYTE
MOST_PIXELS = 100_000_000
LONGEST_NAME = 120
PDF = "application/pdf"
SCANS = {".pdf": PDF, ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
SIGNATURES = {".sig", ".p7s"}
CMS = "application/pkcs7-signature"
#: pkcs7-signedData, 1.2.840.113549.1.7.2, as DER writes it.
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
#: What a PDF may do when it is opened or clicked; a scan does nothing.
ACTIVE = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition"})
ACTIVE_KEYS = ("/JS", "/AA", "/EF", "/XFA", "/RichMediaContent")
RESCAN = "Отсканируйте бумагу ещё раз и приложите файл PDF, JPEG или PNG."


@dataclass(frozen=True)
class Upload:
    """A file that was looked at and may be kept."""

    name: str
    media_type: str
    content: bytes


def check_scan(name: str, content: bytes, *, field: str = "file", again: str = RESCAN) -> Upload:
    """Return a scan of a paper after a look at what it really is.

    Args:
        name: the name of the file as the browser told it.
        content: its bytes.
        field: the form's field that a refusal belongs to.
        again: what a refusal asks the person to do.

    Raises:
        RuleError: it is empty, over 10 MB, has a strange name, is no PDF, JPEG or PNG, is not what its name says,
            cannot be read, or is a PDF with scripts, actions, attachments or a password.
    """
    ending = ending_of(name, content, most=MOST_SCAN_BYTES, field=field, again=again)
    if ending not in SCANS:
        raise RuleError(f"Файл «{name}» не подходит: нужен PDF, JPEG или PNG. {again}", field=field)
    wanted = SCANS[ending]
    if _really(content) != wanted:
        raise RuleError(
            f"Файл «{name}» на самом деле не {ending[1:].upper()}: содержимое не такое, как говорит имя. {again}",
            field=field,
        )
    try:
        _read_pdf(content, field, again) if wanted == PDF else _read_image(content, field)
    except RuleError:
        raise
    except Exception as error:
        raise RuleError(f"Файл «{name}» не читается: он повреждён. {again}", field=field) from error
    return Upload(name, wanted, content)


def check_detached_signature(name: str, content: bytes, *, field: str = "file") -> Upload:
    """Return a detached signature after a look at its outer structure; whose it is and whether it holds is not checked.

    Raises:
        RuleError: it is empty, over 1 MB, has a strange name, or is no CMS of signed data in DER or base64.
    """
    ending = ending_of(name, content, most=MOST_SIGNATURE_BYTES, field=field)
    if ending not in SIGNATURES or not _is_signed_data(_der(content)):
        raise RuleError(
            f"Файл «{name}» не похож на файл электронной подписи. Приложите отсоединённую подпись: файл с окончанием "
            ".sig или .p7s, который создала программа подписания.",
            field=field,
        )
    return Upload(name, CMS, content)


def ending_of(name: str, content: bytes, *, most: int, field: str, again: str = RESCAN) -> str:
    """Return the ending of a file's name, in small letters with its dot.

    Raises:
        RuleError: the file is empty, has more than `most` bytes or a strange name.
    """
    if not content:
        raise RuleError(f"Файл пуст. {again}", field=field)
    if len(content) > most:
        raise RuleError(
            f"Файл больше {most // MEGABYTE}\u00a0МБ. Уменьшите его (для скана хватает 200–300 точек на дюйм) и "
            "приложите снова.",
            field=field,
        )
    if re.search(r"[/\\<>:\"|?*\x00-\x1f]", name) or name.startswith(".") or not name.isprintable():
        raise RuleError("В имени файла есть недопустимые знаки. Переименуйте файл, например: скан.pdf.", field=field)
    if len(name) > LONGEST_NAME:
        raise RuleError(f"Имя файла длиннее {LONGEST_NAME}\u00a0знаков. Переименуйте файл короче.", field=field)
    return PurePosixPath(name).suffix.lower()


def _really(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return PDF
    try:
        return str(puremagic.from_string(content, mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def _read_pdf(content: bytes, field: str, again: str) -> None:
    try:
        pdf = pikepdf.open(io.BytesIO(content))
    except pikepdf.PasswordError as error:
        raise RuleError(f"PDF закрыт паролем, прочесть его нельзя. {again}", field=field) from error
    with pdf:
        if pdf.is_encrypted:
            raise RuleError(f"PDF зашифрован, прочесть его нельзя. {again}", field=field)
        if not len(pdf.pages):
            raise RuleError(f"В PDF нет ни одной страницы. {again}", field=field)
        if any(_is_active(node) for node in _dictionaries(pdf)):
            raise RuleError(
                f"В PDF есть сценарии, вложения или действия, которых здесь быть не может. {again}", field=field
            )


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Yield every dictionary of a PDF, also those that stand inside another object."""
    waiting: list[Any] = [*pdf.objects, pdf.trailer]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += [item for item in node if _is_direct(item)]
        elif isinstance(node, (pikepdf.Dictionary, pikepdf.Stream)):
            yield node
            waiting += [item for _, item in node.items() if _is_direct(item)]


def _is_direct(node: Any) -> bool:
    return isinstance(node, (pikepdf.Array, pikepdf.Dictionary)) and not node.is_indirect


def _is_active(node: Any) -> bool:
    if any(key in node for key in ACTIVE_KEYS) or str(node.get("/S", "")) in ACTIVE:
        return True
    return str(node.get("/Type", "")) == "/EmbeddedFile" or "/EmbeddedFiles" in node or "/JavaScript" in node


def _read_image(content: bytes, field: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise RuleError(
                    "Изображение слишком большое. Уменьшите его разрешение и приложите файл снова.", field=field
                )
            image.verify()
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
            image.load()


def _der(content: bytes) -> bytes:
    """Return the binary form of a signature that may be written as text."""
    if content.startswith(b"\x30"):
        return content
    text = b"".join(line for line in content.splitlines() if not line.startswith(b"-----"))
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_signed_data(der: bytes) -> bool:
    """Tell whether `der` is one SEQUENCE that says of itself to be signed data and ends where it says it ends."""
    if len(der) < 16 or der[0] != 0x30:
        return False
    if der[1] == 0x80:
        return der[2:13] == SIGNED_DATA and der.endswith(b"\0\0")
    if der[1] < 0x80:
        head, length = 2, der[1]
    else:
        head = 2 + (der[1] & 0x7F)
        length = int.from_bytes(der[2:head])
    return head + length == len(der) and der[head : head + len(SIGNED_DATA)] == SIGNED_DATA
