"""Signatures made on the portal, signatures made elsewhere and registered here, and refusals (L-10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common import russian
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents import kinds
from network_portal.documents.differences import difference
from network_portal.documents.enums import DocumentState, Verb
from network_portal.documents.models import Document, DocumentVersion, Refusal, Signature
from network_portal.documents.proofs import Proof, SignedElsewhere, check_proof
from network_portal.documents.selectors import SlotState, current_version, refusal_of, slots_of
from network_portal.documents.services.files import file_keep
from network_portal.documents.services.papers import lock, note_signature, still_open

#: What a signature refers to: the paper is locked, the services above have checked it, and the database keeps it.
REFERENCES = ("version", "signer", "agreement", "code", "signed_on", "file", "original", "registered_by")


@transaction.atomic
def document_sign(
    *,
    document: Document,
    version_sha256: str,
    slot: str,
    signer: User,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str = "",
    basis: str = "",
    capacity: str = "",
) -> Signature:
    """Sign the version that the signer saw by a simple electronic signature, or register one made elsewhere (L-10).

    Whether `signer` may fill `slot` is decided by the gate of the app that owns the paper. With `SignedElsewhere` for
    a proof the same services of the apps register a scan: `signer` is then the clerk, see `document_sign_elsewhere`.

    Args:
        document: the paper.
        version_sha256: the hash of the version that the signer saw.
        slot: the key of the place for the signature.
        signer: who signs.
        proof: the password and the one-time code, typed for this signature.
        at: the moment.
        ip: the address the request came from, kept as evidence.
        basis: the power of attorney, when the signer acts by one.
        capacity: in what capacity, when it is another than the place names.

    Raises:
        StaleError: the paper has another version by now, or is registered; it carries what differs.
        RuleError: it is someone else's turn, the place is taken, the person has signed in another place, the version
            was refused; there is no agreement T24; on the field "password" or "code" when that is wrong.
    """
    if isinstance(proof, SignedElsewhere):
        return document_sign_elsewhere(
            document=document, version_sha256=version_sha256, slot=slot, clerk=signer, signed=proof, at=at
        )
    document = lock(document)
    still_open(document)
    version = _version_seen(document, version_sha256)
    slots = _slot_is_next(version, slot)
    if any(place.signer == signer for place in slots):
        raise RuleError("Вы уже подписали этот документ. Вторую подпись ставит другой человек.")
    proved = check_proof(signer, proof, version_sha256=version.sha256, at=at)
    signature = Signature(
        version=version,
        slot=slot,
        capacity=capacity or _capacity(version, slot),
        basis=basis,
        signer=signer,
        signer_name=signer.full_name,
        signed_at=at,
        agreement=proved.agreement,
        code=proved.code,
        evidence={
            "method": "password and code",
            "agreement": proved.agreement.document.number,
            "agreement_date": f"{proved.agreement.document.registered_on:%d.%m.%Y}",
            "code_asked_at": proved.code.asked_at.isoformat(),
            "code_sent_at": proved.code.sent_at.isoformat() if proved.code.sent_at else "",
            "code_sent_to": proved.code.sent_to,
            "code_user_agent": proved.code.asked_agent,
            "user_agent": proof.user_agent,
            "ip": ip,
            "login": signer.email,
            "sha256": version.sha256,
            "signs_as": russian.initials_first(signer.last_name, signer.first_name, signer.patronymic),
        },
    )
    return _add(signature, document, Verb.SIGNED, actor=signer, at=at)


@transaction.atomic
def document_sign_elsewhere(
    *, document: Document, version_sha256: str, slot: str, clerk: User, signed: SignedElsewhere, at: datetime
) -> Signature:
    """Register a signature that was made by hand on the printed version, or by a qualified certificate elsewhere.

    Papers signed in both ways are normal: each place is filled in its turn. That `clerk` may do so for `slot` is
    decided by the gate of the app that owns the paper.

    Args:
        document: the paper.
        version_sha256: the hash of the version whose print was signed; the clerk has compared it with the print.
        slot: the key of the place for the signature.
        clerk: who registers.
        signed: who signed, when, and the file that shows it.
        at: the moment of registering.

    Raises:
        StaleError: the paper has another version by now, or is registered.
        RuleError: it is someone else's turn, the place is taken, the same person signed in another place, the version
            was refused; the date lies before the version or ahead; the name is not one.
    """
    document = lock(document)
    still_open(document)
    version = _version_seen(document, version_sha256)
    _slot_is_next(version, slot)
    name = " ".join(signed.signer_name.split())
    if " " not in name:
        raise RuleError("Укажите фамилию и имя того, кто подписал документ.", field="signer_name")
    if _has_signed(version, name, signed.signer):
        raise RuleError(
            "Этот человек уже подписал документ. Вторую подпись ставит другой человек.", field="signer_name"
        )
    if not timezone.localdate(version.created_at) <= signed.signed_on <= timezone.localdate(at):
        raise RuleError(
            "Дата подписи: не раньше дня, когда составлена эта редакция, и не позже сегодняшнего.", field="signed_on"
        )
    surname, *others = name.split(" ", 2)
    signature = Signature(
        version=version,
        slot=slot,
        capacity=signed.capacity or _capacity(version, slot),
        basis=signed.basis,
        signer=signed.signer,
        signer_name=name,
        kind=signed.kind,
        signed_at=at,
        signed_on=signed.signed_on,
        file=file_keep(upload=signed.file, by=clerk, at=at, sealed=signed.sealed),
        original=file_keep(upload=signed.original, by=clerk, at=at, sealed=signed.sealed) if signed.original else None,
        registered_by=clerk,
        evidence={
            "method": str(signed.kind),
            "sha256": version.sha256,
            "signs_as": russian.initials_first(surname, *others),
        },
    )
    return _add(signature, document, Verb.SIGNED_ELSEWHERE, actor=clerk, at=at)


def _has_signed(version: DocumentVersion, name: str, signer: User | None) -> bool:
    signed = version.signatures.all()
    if signer is not None and signed.filter(signer=signer).exists():
        return True
    return russian.fold(name) in {russian.fold(other) for other in signed.values_list("signer_name", flat=True)}


def _add(signature: Signature, document: Document, verb: Verb, *, actor: User, at: datetime) -> Signature:
    clean(signature, exclude=REFERENCES)
    signature.save()
    note_signature(document, signature.version)
    record(
        verb,
        actor=actor,
        organisation=document.organisation,
        target=document,
        at=at,
        changes={"version": signature.version.no, "slot": signature.slot, "sha256": signature.version.sha256},
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
    document = lock(document)
    still_open(document)
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


def _version_seen(document: Document, sha256: str) -> DocumentVersion:
    """Return the current version if it is the one with the hash `sha256`; StaleError with both numbers otherwise."""
    current = current_version(document)
    if current.sha256 == sha256:
        return current
    seen = next((version for version in document.versions.order_by("-no") if version.sha256 == sha256), None)
    what = f"вы открывали редакцию {seen.no}" if seen else "вы открывали другую редакцию"
    raise StaleError(
        f"Документ изменился: {what}, сейчас действует редакция {current.no}. "
        "Откройте её и прочтите, прежде чем подписывать.",
        differences=difference(seen.content, current.content, kinds.kind_by_code(document.kind)) if seen else (),
    )


def _slot_is_next(version: DocumentVersion, slot: str) -> list[SlotState]:
    """Return the places of the version if it is the turn of `slot`; RuleError otherwise."""
    if Refusal.objects.filter(version=version).exists():
        raise RuleError("В подписании этой редакции отказано. Дождитесь новой редакции.")
    slots = slots_of(version)
    if any(state.key == slot and state.signed for state in slots):
        raise RuleError("Эта подпись уже поставлена.")
    waiting = next((state for state in slots if not state.signed), None)
    if waiting is None or waiting.key != slot:
        first = f"Сначала документ подписывает {waiting.capacity}." if waiting else "Подпись под документом не нужна."
        raise RuleError(first)
    return slots


def _capacity(version: DocumentVersion, slot: str) -> str:
    for place in version.signers:
        if place["key"] == slot:
            return str(place["capacity"])
    raise RuleError("В этом документе нет такого места для подписи.")
