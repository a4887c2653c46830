"""Signatures and refusals, and the agreements by which people sign electronically (L-10)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common import russian
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents.enums import DocumentState, Verb
from network_portal.documents.models import (
    Document,
    DocumentVersion,
    Refusal,
    Signature,
    SigningAgreement,
    SigningCode,
)
from network_portal.documents.papers import SIGNED_ELECTRONICALLY, ESignAgreement
from network_portal.documents.proofs import Proof, check_proof, code_digest
from network_portal.documents.selectors import (
    current_version,
    next_slot,
    refusal_of,
    signature_slots,
    signing_agreement_of,
)
from network_portal.documents.services.papers import document_issue, lock, still_open


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
    document = lock(document)
    still_open(document)
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
