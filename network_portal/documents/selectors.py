"""Reading papers: the version in force, who has signed and who is next, the files.

Nothing here asks who is reading: the app that owns the paper has passed its own gate first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from network_portal.accounts.models import User
from network_portal.documents import rendering
from network_portal.documents.enums import DocumentState
from network_portal.documents.models import CODE_LETTERS, Document, DocumentVersion, Refusal, SigningAgreement


@dataclass(frozen=True)
class SlotState:
    """A place for a signature under the current version; `signer` is None while it waits."""

    key: str
    capacity: str
    signer: User | None
    signer_name: str
    signed_at: datetime | None

    @property
    def signed(self) -> bool:
        return self.signer is not None


def current_version(document: Document) -> DocumentVersion:
    """Return the latest version; it is the only one that can be signed or registered."""
    return document.versions.latest("no")


def signature_slots(document: Document) -> list[SlotState]:
    """Return the places for signatures under the current version in their order."""
    version = current_version(document)
    signed = {signature.slot: signature for signature in version.signatures.select_related("signer")}
    slots = []
    for slot in version.signers:
        signature = signed.get(slot["key"])
        slots.append(
            SlotState(
                key=slot["key"],
                capacity=slot["capacity"],
                signer=signature.signer if signature else None,
                signer_name=signature.signer_name if signature else "",
                signed_at=signature.signed_at if signature else None,
            )
        )
    return slots


def next_slot(document: Document) -> SlotState | None:
    """Return the place whose turn it is to be signed; None when all are signed, none is asked for, or one refused."""
    if refusal_of(document):
        return None
    return next((slot for slot in signature_slots(document) if not slot.signed), None)


def refusal_of(document: Document) -> Refusal | None:
    """Return the refusal that stopped the current version, if there is one."""
    return Refusal.objects.filter(version=current_version(document)).select_related("signer").first()


def signing_agreement_of(user: User) -> SigningAgreement | None:
    """Return the agreement T24 by which `user` may sign electronically now; None when there is none in force (L-10)."""
    return (
        SigningAgreement.objects.filter(user=user, document__state=DocumentState.REGISTERED)
        .select_related("document")
        .order_by("-checked_at", "-pk")
        .first()
    )


def document_preview_pdf(document: Document) -> bytes:
    """Return the current version of an unregistered paper as a PDF that says «ПРОЕКТ» and has no number."""
    return rendering.render(rendering.page_of(document, current_version(document))).content


def document_of_event(payload: Mapping[str, Any]) -> Document:
    """Return the paper that an event of the outbox is about."""
    return Document.objects.get(pk=payload["document_id"])


@dataclass(frozen=True)
class CheckedPaper:
    """What the public check page tells of a registered paper: nothing about any person."""

    title: str
    number: int
    date: date
    organisation: str
    state: str
    in_force: bool
    file_sha256: str
    content_sha16: str
    check_code: str


# Cyrillic letters that look like the Latin ones of the code, and Latin ones that look like its digits.
_LOOK_ALIKE = str.maketrans("АВСЕНКМРТХОУOIL", "ABCEHKMPTX0Y011")


def normal_code(code: str) -> str | None:
    """Return a check code as it is stored from whatever a person typed; None when it cannot be one."""
    letters = "".join(letter for letter in code.upper().translate(_LOOK_ALIKE) if letter.isalnum())
    if len(letters) != 16 or set(letters) - set(CODE_LETTERS):
        return None
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


def checked_paper(code: str) -> CheckedPaper | None:
    """Return the registered paper that has the check code `code`, typed in any way; None when there is none."""
    document = (
        Document.objects.filter(check_code=normal_code(code) or "", number__isnull=False)
        .select_related("organisation", "pdf")
        .defer("pdf__content")
        .first()
    )
    if document is None or document.number is None or document.registered_on is None:
        return None
    return CheckedPaper(
        title=document.title,
        number=document.number,
        date=document.registered_on,
        organisation=document.organisation.full_name,
        state=document.get_state_display(),
        in_force=document.state == DocumentState.REGISTERED,
        file_sha256=document.pdf.sha256 if hasattr(document, "pdf") else "",
        content_sha16=current_version(document).sha256[:16],
        check_code=document.check_code,
    )
