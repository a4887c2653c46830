"""Papers from the draft to the register: versions, numbers, files, ends (3.13, I-6, I-7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents import kinds, rendering
from network_portal.documents.enums import DocumentState, Effect, Verb
from network_portal.documents.models import (
    Document,
    DocumentVersion,
    Refusal,
    RegisteredPdf,
)
from network_portal.documents.selectors import (
    current_version,
    document_preview_pdf,
    next_slot_of,
    papers_to_archive,
    papers_to_come_into_force,
    refusal_of,
    slots_of,
)
from network_portal.outbox.services import emit

#: What registration and the end of a paper fill in.
REGISTRATION = ("year", "number", "registered_on", "effective_from", "effective_to", "ended_on", "archived_on")
_all_later = ContextVar("all_later", default=False)


@contextmanager
def pdfs_later() -> Iterator[None]:
    """Leave the files of all papers registered in this block to the worker, as `pdf_later` does for one paper."""
    token = _all_later.set(True)
    try:
        yield
    finally:
        _all_later.reset(token)


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
    effect: Effect = Effect.REPLACES,
    at: datetime,
) -> Document:
    """Create a paper with its first version.

    Args:
        actor: who prepares it; None for the portal itself.
        organisation: the school in whose register the paper will be.
        paper: an instance of a dataclass registered by `kinds.paper`.
        signers: the places for signatures in the order of signing; none for a paper without signatures. Those that
            the kind declares must all be there, in its order; others may be added.
        replaces: an earlier registered paper that changes when this one comes into force.
        effect: what happens to the earlier one then: it is replaced, amended or cancelled.
        at: the moment.

    Returns:
        The draft; it has no number.

    Raises:
        RuleError: a required field of the paper is empty.
        ValueError: a place for a signature that the kind declares is missing or out of order.
    """
    kind = kinds.kind_of(paper)
    document = Document(
        kind=kind.code,
        title=kind.title,
        organisation_id=organisation.pk,
        replaces=replaces,
        effect=effect,
        created_by=actor,
        created_at=at,
    )
    document.clean_fields(exclude=["organisation", "created_by", "replaces", *REGISTRATION])
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
    """Give an unregistered paper a new version; earlier signatures and approval stay with the old one (I-5).

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
    if document.state != DocumentState.DRAFT:
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
def document_agree(*, document: Document, version_sha256: str, actor: User, at: datetime) -> Document:
    """Note that the current version of a paper is agreed to, where its kind asks for that before signing (I-5).

    Whether `actor` may agree is decided by the gate of the app that owns the paper.

    Raises:
        RuleError: papers of this kind need no approval; the version was refused.
        StaleError: the paper has another version by now, or is agreed, being signed or registered already.
    """
    document = lock(document)
    still_open(document)
    if not kinds.kind_by_code(document.kind).agreed_by:
        raise RuleError("Этот документ не требует согласования.")
    if refusal_of(document):
        raise RuleError("От подписания этой редакции отказались. Дождитесь новой редакции.")
    version = current_version(document)
    if version.sha256 != version_sha256:
        raise StaleError(f"Документ изменился: сейчас действует редакция {version.no}. Прочтите её и согласуйте.")
    move(document, DocumentState.AGREED)
    record(
        Verb.AGREED,
        actor=actor,
        organisation=document.organisation,
        target=document,
        at=at,
        changes={"version": version.no, "sha256": version.sha256},
    )
    return document


def note_signature(document: Document, version: DocumentVersion) -> None:
    """Move a locked paper on after a signature: to «на подписании» after the first, to «подписан» after the last.

    Args:
        document: the paper.
        version: the current version, which was signed.

    Raises:
        RuleError: the kind asks for approval before signing, and there is none.
    """
    if document.state in (DocumentState.DRAFT, DocumentState.AGREED):
        _agreed_where_asked(document)
        move(document, DocumentState.SIGNING)
    if next_slot_of(version) is None:
        move(document, DocumentState.SIGNED)


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
        The registered paper; it is in force unless its kind names a later day of effect.

    Raises:
        RuleError: signatures or the approval are missing, the current version was refused, or it was prepared for a
            template that has changed since.
        StaleError: the paper is registered already.
    """
    document = lock(document)
    still_open(document)
    version = current_version(document)
    if Refusal.objects.filter(version=version).exists():
        raise RuleError("В подписании документа отказано. Подготовьте новую редакцию.")
    waiting = [slot.capacity for slot in slots_of(version) if not slot.signed]
    if waiting:
        raise RuleError(f"Документ ещё не подписан: {'; '.join(waiting)}.")
    _agreed_where_asked(document)
    kind = kinds.kind_by_code(document.kind)
    kind.template_of(version.template_version)
    number = _next_number(document.organisation_id, document.kind, on.year)
    first, last = kinds.term_of(kind, version.content)
    move(
        document,
        DocumentState.REGISTERED,
        number=number,
        year=on.year,
        registered_on=on,
        effective_from=first or on,
        effective_to=last,
    )
    record(
        Verb.REGISTERED,
        actor=actor,
        organisation=document.organisation,
        target=document,
        at=at,
        changes={"number": number, "year": on.year, "sha256": version.sha256},
    )
    if first is None or first <= on:
        _come_into_force(document, actor=actor, at=at)
    if pdf_later or _all_later.get():
        emit(topic="documents.pdf", key=f"document:{document.pk}:pdf", payload={"document_id": document.pk}, at=at)
    else:
        _keep_pdf(document)
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
        StaleError: the paper is not registered, or has ended already.
    """
    if not reason.strip():
        raise RuleError("Укажите, почему документ аннулируется.", field="reason")
    day = local_day(at, settings.TIME_ZONE)
    return _change(document, Effect.CANCELS, on=day, actor=actor, at=at, reason=reason.strip())


def documents_keep(*, on: date, at: datetime) -> tuple[int, int]:
    """Do what the calendar asks for, daily: papers whose day has come get effect, ended ones go to the archive.

    A paper goes to the archive after the end of the calendar year in which its work ended (L-6).

    Args:
        on: today in the network's time zone.
        at: the moment.

    Returns:
        How many came into force and how many were archived; a second run on one day finds none.
    """
    come = papers_to_come_into_force(on)
    for document in come:
        with transaction.atomic():
            document = lock(document)
            if document.state == DocumentState.REGISTERED:
                _come_into_force(document, actor=None, at=at)
                record(Verb.CAME_INTO_FORCE, actor=None, organisation=document.organisation, target=document, at=at)
    gone = papers_to_archive(on)
    for document in gone:
        with transaction.atomic():
            document = lock(document)
            if document.archived_on is None:
                move(document, DocumentState.ARCHIVED, archived_on=on)
                record(Verb.ARCHIVED, actor=None, organisation=document.organisation, target=document, at=at)
    return len(come), len(gone)


def _agreed_where_asked(document: Document) -> None:
    agreed_by = kinds.kind_by_code(document.kind).agreed_by
    if agreed_by and document.state == DocumentState.DRAFT:
        raise RuleError(f"Документ ещё не согласован: {agreed_by}.")


def _come_into_force(document: Document, *, actor: User | None, at: datetime) -> None:
    """Give a registered paper effect, and with it change the earlier one that it names."""
    move(document, DocumentState.IN_FORCE)
    if document.replaces and document.effective_from:
        _change(
            document.replaces,
            Effect(document.effect),
            on=document.effective_from,
            actor=actor,
            at=at,
            by=document.pk,
        )


def _keep_pdf(document: Document) -> RegisteredPdf:
    pdf = rendering.render(rendering.page_of(document, current_version(document)))
    return RegisteredPdf.objects.create(
        document=document,
        content=pdf.content,
        sha256=hashlib.sha256(pdf.content).hexdigest(),
        pages=pdf.pages,
    )


_CHANGES = {
    Effect.REPLACES: (DocumentState.REPLACED, Verb.REPLACED),
    Effect.AMENDS: (DocumentState.AMENDED, Verb.AMENDED),
    Effect.CANCELS: (DocumentState.CANCELLED, Verb.CANCELLED),
}


def _change(
    document: Document, effect: Effect, *, on: date, actor: User | None, at: datetime, **changes: Any
) -> Document:
    document = lock(document)
    state, verb = _CHANGES[effect]
    move(document, state, **({} if effect == Effect.AMENDS else {"ended_on": on}))
    record(verb, actor=actor, organisation=document.organisation, target=document, at=at, changes=changes)
    return document


def lock(document: Document) -> Document:
    """Return the paper as it is now, with its row locked until the transaction ends."""
    return Document.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=document.pk)


def still_open(document: Document) -> None:
    """Raise StaleError when the paper has its number: nothing of it changes any more."""
    if document.is_registered:
        raise StaleError(
            f"Документ уже зарегистрирован под №\u00a0{document.number}, изменить его нельзя. Откройте документ заново."
        )


def _add_version(
    document: Document, paper: object, signers: list[dict[str, str]], *, no: int, actor: User | None, at: datetime
) -> DocumentVersion:
    content = kinds.content_of(paper)
    declared = kinds.kind_of(paper).signers
    if declared is not None and [slot["key"] for slot in signers if slot["key"] in declared] != list(declared):
        raise ValueError(f"{document.kind} is signed by {', '.join(declared) or 'nobody'}, in this order")
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
    version.clean_fields(exclude=["document", "signers", "created_by"])
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
