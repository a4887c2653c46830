"""The agreement T24: prepared, printed, signed by hand by both, registered with its scan, ended (L-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common import russian
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.secrets import decrypt, encrypt
from network_portal.documents import kinds, rendering
from network_portal.documents.enums import SignatureKind, Verb
from network_portal.documents.models import Document, Signature, SigningAgreement
from network_portal.documents.papers import PERSON_SLOT, SCHOOL_SLOT, SIGNED_ELECTRONICALLY, ESignAgreement
from network_portal.documents.selectors import current_version, signing_agreement_of
from network_portal.documents.services.files import file_keep
from network_portal.documents.services.papers import (
    SignerSlot,
    document_cancel,
    document_draft,
    document_register,
    lock,
    note_signature,
)
from network_portal.documents.uploads import Upload

SHOWN_OF_NUMBER = 3


@dataclass(frozen=True)
class IdentityDocument:
    """The document that a person showed; it stays in the school that saw it (L-3).

    Attributes:
        kind: «паспорт гражданина Российской Федерации».
        number: series and number.
        issued: by whom and when.
    """

    kind: str
    number: str
    issued: str

    def __str__(self) -> str:
        return f"{self.kind} {self.number}, выдан: {self.issued}"

    @property
    def masked(self) -> str:
        """What the paper in the register tells: the whole number stands only on the sheet that both signed."""
        return f"{self.kind}, номер оканчивается на {self.number[-SHOWN_OF_NUMBER:]}"


@transaction.atomic
def signing_agreement_prepare(
    *,
    actor: User,
    capacity: str,
    organisation: Any,
    user: User,
    identity: IdentityDocument,
    portal: str,
    on: date,
    at: datetime,
) -> SigningAgreement:
    """Draw up the agreement of a school and a person whose identity was checked; it is printed and signed by hand.

    Args:
        actor: the member of staff who saw the document and the person, and signs for the school.
        capacity: in what capacity: «заместитель директора МАОУ СОШ № 7».
        organisation: the school that concludes the agreement.
        user: who will sign electronically.
        identity: the document that was shown.
        portal: the address of the portal, as it prints.
        on: the day of the check in the network's time zone.
        at: the moment.

    Raises:
        RuleError: the person has an agreement in force or on its way already; checks the own identity; a field is
            empty.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if actor.pk == user.pk:
        raise RuleError("Личность проверяет другой сотрудник: самому себе соглашение оформить нельзя.")
    if signing_agreement_of(user):
        raise RuleError("С этим человеком уже заключено соглашение, оно действует.", field="user")
    if SigningAgreement.objects.filter(user=user, organisation=organisation, ended_at=None, scan=None).exists():
        raise RuleError("Соглашение с этим человеком уже подготовлено: распечатайте его и подпишите.", field="user")
    document = document_draft(
        actor=actor,
        organisation=organisation,
        paper=ESignAgreement(
            school=organisation.full_name,
            city=organisation.city,
            person=user.full_name,
            person_short=user.short_name,
            login=user.email,
            identity_document=identity.masked,
            checked_by=actor.short_name,
            checked_on=on,
            portal=portal,
            papers=SIGNED_ELECTRONICALLY,
        ),
        signers=(SignerSlot(SCHOOL_SLOT, capacity), SignerSlot(PERSON_SLOT, "подписант")),
        at=at,
    )
    agreement = SigningAgreement(
        user=user,
        organisation=organisation,
        document=document,
        identity_sealed=encrypt(str(identity)),
        checked_by=actor,
        checked_at=at,
    )
    agreement.full_clean(exclude=["scan", "ended_at", "ended_by"])
    agreement.save()
    record(Verb.ESIGN_PREPARED, actor=actor, organisation=organisation, target=document, at=at)
    return agreement


@transaction.atomic
def signing_agreement_register(
    *, actor: User, agreement: SigningAgreement, scan: Upload, on: date, at: datetime
) -> SigningAgreement:
    """Register an agreement that both have signed by hand; from now on the person can sign electronically.

    Args:
        actor: who registers it; not the person itself.
        agreement: a prepared agreement.
        scan: the signed sheet; it is kept encrypted, for it shows the document of identity.
        on: the date written on the sheet.
        at: the moment.

    Raises:
        RuleError: the person registers the own one; has another agreement in force; the date is wrong.
        StaleError: it was registered or cancelled meanwhile.
    """
    agreement = _lock(agreement)
    if agreement.ended_at or agreement.scan_id or agreement.document.is_registered:
        raise StaleError("Соглашение уже зарегистрировано или отменено. Обновите страницу.")
    if actor.pk == agreement.user_id:
        raise RuleError("Своё соглашение регистрирует другой сотрудник.")
    if signing_agreement_of(agreement.user):
        raise RuleError("С этим человеком уже заключено соглашение, оно действует.")
    if not agreement.checked_at.date() <= on <= at.date():
        raise RuleError("Дата на бумаге: не раньше дня, когда проверена личность, и не позже сегодняшнего.", field="on")
    kept = file_keep(upload=scan, by=actor, at=at, sealed=True)
    version = current_version(agreement.document)
    capacities = {place["key"]: place["capacity"] for place in version.signers}
    Signature.objects.bulk_create(
        Signature(
            version=version,
            slot=slot,
            capacity=capacities[slot],
            signer=signer,
            signer_name=signer.full_name,
            kind=SignatureKind.HAND,
            signed_at=at,
            signed_on=on,
            file=kept,
            registered_by=actor,
            evidence={"method": str(SignatureKind.HAND), "sha256": version.sha256, "signs_as": _signs_as(signer)},
        )
        for slot, signer in ((SCHOOL_SLOT, agreement.checked_by), (PERSON_SLOT, agreement.user))
    )
    agreement.scan = kept
    agreement.save(update_fields=["scan"])
    document = lock(agreement.document)
    note_signature(document, version)
    agreement.document = document_register(document=document, actor=actor, on=on, at=at, pdf_later=True)
    record(Verb.ESIGN_AGREED, actor=actor, organisation=agreement.organisation, target=agreement.document, at=at)
    return agreement


@transaction.atomic
def signing_agreement_end(*, actor: User, agreement: SigningAgreement, reason: str, at: datetime) -> SigningAgreement:
    """End an agreement at once: by the person's statement, for a lost password, or a draft that nobody needs.

    What was signed before stays signed.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: it has ended already.
    """
    agreement = _lock(agreement)
    if not reason.strip():
        raise RuleError("Укажите, почему соглашение прекращается.", field="reason")
    if agreement.ended_at:
        raise StaleError("Соглашение уже прекращено. Обновите страницу.")
    if agreement.document.is_registered:
        document_cancel(document=agreement.document, actor=actor, reason=reason, at=at)
    agreement.ended_at, agreement.ended_by, agreement.end_reason = at, actor, reason.strip()
    agreement.save(update_fields=["ended_at", "ended_by", "end_reason"])
    record(
        Verb.ESIGN_ENDED,
        actor=actor,
        organisation=agreement.organisation,
        target=agreement.document,
        at=at,
        changes={"reason": reason.strip()},
    )
    return agreement


def signing_agreement_print(agreement: SigningAgreement) -> bytes:
    """Return the sheet to sign by hand, with the whole number of the document; it is not kept (L-3)."""
    version = current_version(agreement.document)
    fields = kinds.parse(version.content) | {"identity_document": decrypt(agreement.identity_sealed)}
    return rendering.render(rendering.page_of(agreement.document, version, fields=kinds.Fields(fields))).content


def identity_shown(agreement: SigningAgreement) -> str:
    """Return the document that the person showed, for the staff of the school that saw it."""
    return decrypt(agreement.identity_sealed)


def _signs_as(user: User) -> str:
    return russian.initials_first(user.last_name, user.first_name, user.patronymic)


def _lock(agreement: SigningAgreement) -> SigningAgreement:
    Document.objects.select_for_update(no_key=True).get(pk=agreement.document_id)
    return (
        SigningAgreement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "organisation", "document", "checked_by")
        .get(pk=agreement.pk)
    )
