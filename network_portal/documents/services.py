"""Every change of a paper: draft, revise, sign, refuse, register, issue, cancel (3.13, I-6, I-7, L-10).

The app that owns a paper decides who may do what; these functions keep what holds for every paper:

    slots = [SignerSlot("director", "директор МАОУ СОШ № 7")]
    document = document_draft(actor=…, organisation=host, paper=TransferSheet(…), signers=slots, at=at)
    document_sign(document=document, version_sha256=…, slot="director", signer=user, proof=Proof(…), at=at)
    document_register(document=document, actor=user, on=day, at=at)

A paper that nobody signs is drafted and registered at once by `document_issue`.
"""

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
from network_portal.common import russian
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents import kinds, rendering
from network_portal.documents.enums import DocumentState, Verb
from network_portal.documents.models import (
    Document,
    DocumentVersion,
    Refusal,
    RegisteredPdf,
    Signature,
    SigningAgreement,
    SigningCode,
)
from network_portal.documents.papers import SIGNED_ELECTRONICALLY, ESignAgreement
from network_portal.documents.proofs import Proof, check_proof, code_digest
from network_portal.documents.selectors import (
    current_version,
    document_preview_pdf,
    next_slot,
    refusal_of,
    signature_slots,
    signing_agreement_of,
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
    document = _lock(document)
    _still_open(document)
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
def document_sign(
    *,
    document: Document,
    version_sha256: str,
    slot: str,
    signer: User,
    proof: Proof,
    at: datetime,
    ip: str = "",
) -> Signature:
    """Sign the version that the signer saw by a simple electronic signature (L-10).

    Whether `signer` may fill `slot` is decided by the gate of the app that owns the paper.

    Args:
        document: the paper.
        version_sha256: the hash of the version that the signer saw.
        slot: the key of the place for the signature.
        signer: who signs.
        proof: the password and the one-time code, typed for this signature.
        at: the moment.
        ip: the address the request came from, kept as evidence.

    Raises:
        StaleError: the paper has another version by now, or is registered.
        RuleError: it is someone else's turn, the place is taken, the person has signed in another place, the version
            was refused; there is no agreement T24; on the field "password" or "code" when that is wrong.
    """
    document = _lock(document)
    _still_open(document)
    version = _version_seen(document, version_sha256)
    _slot_is_next(document, slot)
    if version.signatures.filter(signer=signer).exists():
        raise RuleError("Вы уже подписали этот документ. Вторую подпись ставит другой человек.")
    proved = check_proof(signer, proof, version_sha256=version.sha256, at=at)
    signature = Signature(
        version=version,
        slot=slot,
        capacity=_capacity(version, slot),
        signer=signer,
        signer_name=signer.full_name,
        signed_at=at,
        agreement=proved.agreement,
        evidence={
            "method": "password and code",
            "agreement": proved.agreement.document.number,
            "agreement_date": f"{proved.agreement.document.registered_on:%d.%m.%Y}",
            "code_sent_at": proved.code.sent_at.isoformat() if proved.code.sent_at else "",
            "code_sent_to": proved.code.sent_to,
            "ip": ip,
            "login": signer.email,
            "sha256": version.sha256,
            "signs_as": russian.initials_first(signer.last_name, signer.first_name, signer.patronymic),
        },
    )
    signature.full_clean()
    signature.save()
    if document.state == DocumentState.DRAFT:
        move(document, DocumentState.SIGNING)
    record(
        Verb.SIGNED,
        actor=signer,
        organisation=document.organisation,
        target=document,
        at=at,
        changes={"version": version.no, "slot": slot, "sha256": version.sha256},
    )
    return signature


@transaction.atomic
def document_refuse(
    *, document: Document, slot: str, signer: User, reason: str, at: datetime, version_sha256: str | None = None
) -> Refusal:
    """Refuse to sign the current version: the paper returns to draft and needs a new version.

    Args:
        document: the paper.
        slot: the key of the place that stays empty.
        signer: who refuses.
        reason: why, in the signer's words.
        at: the moment.
        version_sha256: the hash of the version that the signer saw, where the page carries it.

    Raises:
        RuleError: on the field "reason" when there is none; the place is signed already; refused before.
        StaleError: the paper has another version by now, or is registered.
    """
    document = _lock(document)
    _still_open(document)
    if not reason.strip():
        raise RuleError("Укажите причину отказа: её увидят все стороны.", field="reason")
    version = current_version(document) if version_sha256 is None else _version_seen(document, version_sha256)
    if refusal_of(document):
        raise RuleError("В подписании этой редакции уже отказано. Дождитесь новой редакции.")
    if version.signatures.filter(slot=slot).exists():
        raise RuleError("Эта подпись уже поставлена, отказаться от неё нельзя.")
    refusal = Refusal(
        version=version,
        slot=slot,
        capacity=_capacity(version, slot),
        signer=signer,
        reason=reason.strip(),
        refused_at=at,
    )
    refusal.full_clean()
    refusal.save()
    if document.state == DocumentState.SIGNING:
        move(document, DocumentState.DRAFT)
    record(
        Verb.REFUSED,
        actor=signer,
        organisation=document.organisation,
        target=document,
        at=at,
        changes={"version": version.no, "slot": slot},
    )
    return refusal


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
    document = _lock(document)
    _still_open(document)
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
    document = _lock(document)
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
def signing_agreement_register(
    *, actor: User, organisation: Any, user: User, identity_document: str, portal: str, on: date, at: datetime
) -> SigningAgreement:
    """Register the agreement T24 of a school and a person after the check of identity (L-10).

    Args:
        actor: the member of staff who saw the document and the person.
        organisation: the school that concludes the agreement.
        user: who will sign electronically.
        identity_document: kind, number, issuer of the document that was shown.
        portal: the address of the portal, as it prints.
        on: the date of the agreement in the network's time zone.
        at: the moment.

    Raises:
        RuleError: the person has an agreement in force already; checks the own identity; a field is empty.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if actor.pk == user.pk:
        raise RuleError("Личность проверяет другой сотрудник: самому себе соглашение оформить нельзя.")
    if signing_agreement_of(user):
        raise RuleError("С этим человеком уже заключено соглашение, оно действует.")
    document = document_issue(
        actor=actor,
        organisation=organisation,
        paper=ESignAgreement(
            school=organisation.full_name,
            city=organisation.city,
            person=user.full_name,
            person_short=user.short_name,
            login=user.email,
            identity_document=identity_document,
            checked_by=actor.short_name,
            checked_on=on,
            portal=portal,
            papers=SIGNED_ELECTRONICALLY,
        ),
        on=on,
        at=at,
        pdf_later=True,
    )
    agreement = SigningAgreement(
        user=user,
        organisation=organisation,
        document=document,
        identity_document=identity_document,
        checked_by=actor,
        checked_at=at,
    )
    agreement.full_clean()
    agreement.save()
    record(Verb.ESIGN_AGREED, actor=actor, organisation=organisation, target=document, at=at)
    return agreement


def signing_code_keep(*, user: User, version_sha256: str, code: str, at: datetime) -> SigningCode:
    """Keep that `code` was sent to the address of `user` for signing one version; only its digest stays."""
    return SigningCode.objects.create(
        user=user,
        version_sha256=version_sha256,
        asked_at=at,
        sent_at=at,
        sent_to=user.email,
        digest=code_digest(user.pk, version_sha256, code),
    )


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
    document = _lock(document)
    move(document, state)
    record(verb, actor=actor, organisation=document.organisation, target=document, at=at, changes=changes)
    return document


def _lock(document: Document) -> Document:
    return Document.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=document.pk)


def _still_open(document: Document) -> None:
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


def _version_seen(document: Document, sha256: str) -> DocumentVersion:
    """Return the current version if it is the one with the hash `sha256`; StaleError with both numbers otherwise."""
    current = current_version(document)
    if current.sha256 == sha256:
        return current
    seen = next((version for version in document.versions.order_by("-no") if version.sha256 == sha256), None)
    what = f"вы открывали редакцию {seen.no}" if seen else "вы открывали другую редакцию"
    raise StaleError(
        f"Документ изменился: {what}, сейчас действует редакция {current.no}. "
        "Откройте её и прочтите, прежде чем подписывать."
    )


def _slot_is_next(document: Document, slot: str) -> None:
    if refusal_of(document):
        raise RuleError("В подписании этой редакции отказано. Дождитесь новой редакции.")
    if any(state.key == slot and state.signed for state in signature_slots(document)):
        raise RuleError("Эта подпись уже поставлена.")
    waiting = next_slot(document)
    if waiting is None or waiting.key != slot:
        first = f"Сначала документ подписывает {waiting.capacity}." if waiting else "Подпись под документом не нужна."
        raise RuleError(first)


def _capacity(version: DocumentVersion, slot: str) -> str:
    for place in version.signers:
        if place["key"] == slot:
            return str(place["capacity"])
    raise RuleError("В этом документе нет такого места для подписи.")


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
