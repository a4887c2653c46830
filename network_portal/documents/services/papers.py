"""Papers from the draft to the register: versions, numbers, files, ends (3.13, I-6, I-7)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents import kinds, rendering
from network_portal.documents.enums import DocumentState, Verb
from network_portal.documents.models import (
    Document,
    DocumentVersion,
    RegisteredPdf,
)
from network_portal.documents.selectors import (
    current_version,
    document_preview_pdf,
    refusal_of,
    signature_slots,
)
from network_portal.outbox.services import emit


@dataclass(frozen=True)
class SignerSlot:
    """A place for a signature.

    Attributes:
        key: name of the place within the paper, such as "home_director".
        capacity: who signs there as it prints, such as «директор МАОУ СОШ № 7».
    """

    key: str
    capacity: str


@transaction.atomic
def document_draft(
    *,
    actor: User | None,
    organisation: Model,
    paper: object,
    signers: Sequence[SignerSlot] = (),
    replaces: Document | None = None,
    at: datetime,
) -> Document:
    """Create a paper with its first version.

    Args:
        actor: who prepares it; None for the portal itself.
        organisation: the school in whose register the paper will be.
        paper: an instance of a dataclass registered by `kinds.paper`.
        signers: the places for signatures in the order of signing; none for a paper without signatures.
        replaces: a registered paper that is replaced when this one is registered.
        at: the moment.

    Returns:
        The draft; it has no number.

    Raises:
        RuleError: a required field of the paper is empty.
    """
    kind = kinds.kind_of(paper)
    document = Document(
        kind=kind.code,
        title=kind.title,
        organisation_id=organisation.pk,
        replaces=replaces,
        created_by=actor,
        created_at=at,
    )
    document.full_clean(exclude=["created_by", "replaces", "year", "number", "registered_on"])
    document.save()
    _add_version(document, paper, [asdict(slot) for slot in signers], no=1, actor=actor, at=at)
    record(Verb.DRAFTED, actor=actor, organisation=organisation, target=document, at=at, changes={"kind": kind.code})
    return document


@transaction.atomic
def document_revise(
    *,
    document: Document,
    paper: object,
    actor: User | None,
    signers: Sequence[SignerSlot] | None = None,
    at: datetime,
) -> DocumentVersion:
    """Give an unregistered paper a new version; earlier signatures stay with the old one and no longer count.

    Args:
        document: a draft, or a paper that is being signed.
        paper: the new content, of the same kind.
        actor: who prepares it.
        signers: other places for signatures; None keeps the old ones.
        at: the moment.

    Raises:
        RuleError: a required field is empty.
        StaleError: the paper is registered already.
    """
    document = lock(document)
    still_open(document)
    if kinds.kind_of(paper).code != document.kind:
        raise TypeError(f"{type(paper).__name__} is not of kind {document.kind}")
    last = current_version(document)
    slots = last.signers if signers is None else [asdict(slot) for slot in signers]
    if document.state == DocumentState.SIGNING:
        move(document, DocumentState.DRAFT)
    version = _add_version(document, paper, slots, no=last.no + 1, actor=actor, at=at)
    record(
        Verb.REVISED,
        actor=actor,
        organisation=document.organisation,
        target=document,
        at=at,
        changes={"version": version.no, "sha256": version.sha256},
    )
    return version


@transaction.atomic
def document_register(
    *, document: Document, on: date, at: datetime, actor: User | None = None, pdf_later: bool = False
) -> Document:
    """Register a paper: it takes the next number of its register, and its PDF is rendered once and kept (I-7).

    Args:
        document: a paper whose places are all signed, or which has none.
        on: the date of the paper in the network's time zone; its calendar year chooses the register.
        at: the moment.
        actor: who registers; None for the portal itself.
        pdf_later: let the worker, or the first reader, make the file; the content is sealed at once all the same.

    Returns:
        The registered paper, which is in force.

    Raises:
        RuleError: signatures are missing, or the current version was refused.
        StaleError: the paper is registered already.
    """
    document = lock(document)
    still_open(document)
    version = current_version(document)
    if refusal_of(document):
        raise RuleError("В подписании документа отказано. Подготовьте новую редакцию.")
    waiting = [slot.capacity for slot in signature_slots(document) if not slot.signed]
    if waiting:
        raise RuleError(f"Документ ещё не подписан: {'; '.join(waiting)}.")
    number = _next_number(document.organisation_id, document.kind, on.year)
    move(document, DocumentState.REGISTERED, number=number, year=on.year, registered_on=on)
    if pdf_later:
        emit(topic="documents.pdf", key=f"document:{document.pk}:pdf", payload={"document_id": document.pk}, at=at)
    else:
        _keep_pdf(document)
    record(
        Verb.REGISTERED,
        actor=actor,
        organisation=document.organisation,
        target=document,
        at=at,
        changes={"number": number, "year": on.year, "sha256": version.sha256},
    )
    if document.replaces:
        _end(document.replaces, DocumentState.REPLACED, Verb.REPLACED, actor=actor, at=at, by=document.pk)
    return document


@transaction.atomic
def document_issue(
    *,
    actor: User | None,
    organisation: Model,
    paper: object,
    on: date,
    at: datetime,
    replaces: Document | None = None,
    pdf_later: bool = False,
) -> Document:
    """Draft and register a paper that nobody signs; arguments and errors as of those two."""
    document = document_draft(actor=actor, organisation=organisation, paper=paper, replaces=replaces, at=at)
    return document_register(document=document, on=on, at=at, actor=actor, pdf_later=pdf_later)


@transaction.atomic
def document_pdf_keep(*, document: Document) -> RegisteredPdf:
    """Return the kept file of a registered paper; it is made now if it has not been asked for yet.

    Args:
        document: a registered paper.

    Raises:
        RegisteredPdf.DoesNotExist: the paper is not registered.
    """
    document = lock(document)
    if kept := RegisteredPdf.objects.filter(document=document).first():
        return kept
    if not document.is_registered:
        raise RegisteredPdf.DoesNotExist(f"{document} is not registered")
    return _keep_pdf(document)


def document_pdf(document: Document) -> bytes:
    """Return the kept file of a registered paper, else the preview of the current version."""
    if document.is_registered:
        return bytes(document_pdf_keep(document=document).content)
    return document_preview_pdf(document)


@transaction.atomic
def document_cancel(*, document: Document, actor: User | None, reason: str, at: datetime) -> Document:
    """End a registered paper; its number and file stay, and the public page says that it is cancelled.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: the paper is not in force.
    """
    if not reason.strip():
        raise RuleError("Укажите, почему документ аннулируется.", field="reason")
    return _end(document, DocumentState.CANCELLED, Verb.CANCELLED, actor=actor, at=at, reason=reason.strip())


def _keep_pdf(document: Document) -> RegisteredPdf:
    pdf = rendering.render(rendering.page_of(document, current_version(document)))
    return RegisteredPdf.objects.create(
        document=document,
        content=pdf.content,
        sha256=hashlib.sha256(pdf.content).hexdigest(),
        pages=pdf.pages,
    )


def _end(
    document: Document, state: DocumentState, verb: Verb, *, actor: User | None, at: datetime, **changes: Any
) -> Document:
    document = lock(document)
    move(document, state)
    record(verb, actor=actor, organisation=document.organisation, target=document, at=at, changes=changes)
    return document


def lock(document: Document) -> Document:
    return Document.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=document.pk)


def still_open(document: Document) -> None:
    if document.is_registered:
        raise StaleError(
            f"Документ уже зарегистрирован под №\u00a0{document.number}, изменить его нельзя. Откройте документ заново."
        )


def _add_version(
    document: Document, paper: object, signers: list[dict[str, str]], *, no: int, actor: User | None, at: datetime
) -> DocumentVersion:
    content = kinds.content_of(paper)
    version = DocumentVersion(
        document=document,
        no=no,
        content=content,
        sha256=kinds.content_sha256(content),
        signers=signers,
        template_version=kinds.kind_of(paper).version,
        created_at=at,
        created_by=actor,
    )
    version.full_clean(exclude=["signers", "created_by"])
    version.save()
    return version


def _next_number(organisation_id: int, kind: str, year: int) -> int:
    """Return the next number of a register; its row stays locked until the transaction ends, so no number is lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_registercounter AS register (organisation_id, kind, year, last) "
            "VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (organisation_id, kind, year) DO UPDATE SET last = register.last + 1 RETURNING last",
            [organisation_id, kind, year],
        )
        return int(cursor.fetchone()[0])
