"""From a version of a paper to its page and its PDF/A: template, marks of the signatures, QR code (5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from network_portal.common import dates, russian
from network_portal.documents import kinds
from network_portal.documents.enums import SignatureKind
from network_portal.documents.models import Document, DocumentVersion, Signature


@dataclass(frozen=True)
class Pdf:
    """A rendered paper."""

    content: bytes
    pages: int


@dataclass(frozen=True)
class Imprint:
    """What a template may print of the paper itself, as `document`: a draft has neither number nor date nor QR code."""

    title: str
    organisation: object
    number: int | None
    date: date | None
    draft: bool
    landscape: bool
    standard: str
    check_code: str
    check_url: str
    edition: int
    sum16: str


@dataclass(frozen=True)
class SignatureMark:
    """A place for a signature as it prints: `text` is the mark of the electronic signature, empty while it waits."""

    key: str
    capacity: str
    name: str
    text: str


def page_of(document: Document, version: DocumentVersion, *, fields: kinds.Fields | None = None) -> str:
    """Return the paper as HTML: with number, date, marks and QR code once it is registered, else as a draft.

    Args:
        document: the paper.
        version: the version to print.
        fields: what to print instead of its content, for a sheet that shows more than may be kept.

    Raises:
        TemplateGoneError: the version was prepared for a template that has changed since and was not kept.
    """
    kind = kinds.kind_by_code(document.kind)
    draft = not document.is_registered
    check_url = settings.PUBLIC_URL.rstrip("/") + reverse("document_check", args=[document.check_code])
    html = render_to_string(
        kind.template_of(version.template_version),
        {
            "document": Imprint(
                title=document.title,
                organisation=document.organisation,
                number=document.number,
                date=document.registered_on,
                draft=draft,
                landscape=kind.landscape,
                standard=kinds.standard_on(document.registered_on or timezone.localdate(version.created_at)),
                check_code="" if draft else document.check_code,
                check_url="" if draft else check_url,
                edition=version.no,
                sum16=version.sha256[:16],
            ),
            "paper": fields or kinds.parse(version.content),
            "signatures": _marks(version),
            "qr": "" if draft else qr_code(check_url),
        },
    )
    return russian.printed_html(html)


def _marks(version: DocumentVersion) -> list[SignatureMark]:
    signed = {signature.slot: signature for signature in version.signatures.select_related("signer")}
    marks = []
    for slot in version.signers:
        signature = signed.get(slot["key"])
        marks.append(
            SignatureMark(
                key=slot["key"],
                capacity=slot["capacity"],
                name=signature.evidence["signs_as"] if signature else "",
                text=mark_text(signature, version) if signature else "",
            )
        )
    return marks


def mark_text(signature: Signature, version: DocumentVersion) -> str:
    """Return the words beside a signature: what it is, whose, when, and what ties it to this paper (5.1, L-10)."""
    return russian.nbsp(MARKS[SignatureKind(signature.kind)](signature, version.sha256[:16]))


def _who(signature: Signature) -> str:
    return ", ".join(part for part in (signature.signer_name, signature.capacity, signature.basis) if part)


def _moment(signature: Signature) -> str:
    return f"{dates.ru_moment(signature.signed_at)} ({dates.zone_label(signature.signed_at)})"


def _mark_simple(signature: Signature, sum16: str) -> str:
    """A simple electronic signature has no certificate to name."""
    evidence = signature.evidence
    agreement = f"соглашение № {evidence['agreement']} от {evidence['agreement_date']}, " * ("agreement" in evidence)
    return (
        f"Подписано простой электронной подписью: {_who(signature)}, {_moment(signature)}, "
        f"ключ: учётная запись {evidence['login']}, {agreement}контрольная сумма документа {sum16}"
    )


def _mark_by_hand(signature: Signature, sum16: str) -> str:
    return (
        f"Подписано собственноручно: {_who(signature)}, {dates.ru_day(signature.signed_on)}, "
        f"скан зарегистрирован {_moment(signature)}, контрольная сумма документа {sum16}"
    )


def _mark_qualified(signature: Signature, sum16: str) -> str:
    return (
        f"Подписано вне портала усиленной квалифицированной электронной подписью: {_who(signature)}, "
        f"{dates.ru_day(signature.signed_on)}, файл подписи приложен {_moment(signature)} и не проверялся порталом, "
        f"контрольная сумма документа {sum16}"
    )


MARKS = {
    SignatureKind.SES: _mark_simple,
    SignatureKind.HAND: _mark_by_hand,
    SignatureKind.QUALIFIED: _mark_qualified,
}


def qr_code(text: str) -> str:
    """Return a QR code for `text` as a data URI."""
    return segno.make(text, error="m", micro=False).svg_data_uri(border=0)


def render(html: str) -> Pdf:
    """Return `html` as a tagged PDF/A-2b with embedded fonts; only one paper is rendered at a time in a process."""
    # Seconds of import that only the processes pay which render papers.
    from network_portal.documents import engine

    return Pdf(*engine.pdf_of(html))
