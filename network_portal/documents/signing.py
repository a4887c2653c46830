"""Reading what belongs to signing: the code on its way, what proves a signature, reminders, agreements, files.

Like the other selectors these ask nobody who is reading: a gate was passed before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Q, QuerySet

from network_portal.accounts.models import User
from network_portal.documents.enums import OPEN
from network_portal.documents.models import (
    Document,
    DocumentVersion,
    KeptFile,
    Refusal,
    Reminder,
    Signature,
    SigningAgreement,
    SigningCode,
)
from network_portal.documents.proofs import CODE_LIFE
from network_portal.documents.selectors import current_version, signing_agreement_of

LINK_SALT = "documents.signing_link"
LINK_LIFE = timedelta(days=30)
REMINDER_PAUSE = timedelta(hours=24)
SHA256 = re.compile("[0-9a-f]{64}")


# --- the code ---------------------------------------------------------------------------------------------------


def mask_email(address: str) -> str:
    """Return «d…7@demo.example»: enough for the owner to know the box, and for nobody else to learn the address."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}…{name[-1:] if len(name) > 2 else ''}@{domain}"


def open_version(sha256: str) -> DocumentVersion | None:
    """Return the version with this hash if it can still be signed; None otherwise."""
    if not SHA256.fullmatch(sha256):
        return None
    found = DocumentVersion.objects.filter(sha256=sha256, document__state__in=sorted(OPEN)).select_related("document")
    version = found.order_by("-pk").first()
    if version is None or current_version(version.document) != version:
        return None
    return None if Refusal.objects.filter(version=version).exists() else version


@dataclass(frozen=True)
class CodeStatus:
    """How the person's last code for a version stands.

    Attributes:
        agreed: whether the person may sign electronically at all.
        masked: the address that codes are sent to, as the page may show it.
        asked_at: when the last code was asked for; None when there was none lately.
        sent_at: when its letter was sent; None while it is on its way.
        valid_until: until when it may be used.
        failed: the letter could not be sent.
        paper: the number of the paper that the version belongs to, while it can be signed.
    """

    agreed: bool
    masked: str
    asked_at: datetime | None = None
    sent_at: datetime | None = None
    valid_until: datetime | None = None
    failed: bool = False
    paper: int | None = None

    @property
    def waiting(self) -> bool:
        return self.asked_at is not None and self.sent_at is None and not self.failed


def code_status(user: User, version_sha256: str, at: datetime) -> CodeStatus:
    """Return what the form of signing tells `user` about the code for a version."""
    agreed, masked = signing_agreement_of(user) is not None, mask_email(user.email)
    version = open_version(version_sha256)
    if version is None:
        return CodeStatus(agreed, masked)
    paper = version.document_id
    last = (
        SigningCode.objects.filter(
            Q(sent_at__gt=at - CODE_LIFE) | Q(sent_at=None, asked_at__gt=at - CODE_LIFE),
            user=user,
            version_sha256=version.sha256,
            used_at=None,
        )
        .order_by("-asked_at", "-pk")
        .first()
    )
    if last is None:
        return CodeStatus(agreed, masked, paper=paper)
    return CodeStatus(
        agreed,
        mask_email(last.sent_to) if last.sent_to else masked,
        asked_at=last.asked_at,
        sent_at=last.sent_at,
        valid_until=last.sent_at + CODE_LIFE if last.sent_at else None,
        failed=last.failed_at is not None and last.sent_at is None,
        paper=paper,
    )


# --- what proves a signature --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VersionProof:
    """One version of a paper with its signatures and what stopped it."""

    version: DocumentVersion
    current: bool
    signatures: list[Signature]
    refusal: Refusal | None


def proofs_of(document: Document) -> list[VersionProof]:
    """Return all that a dispute about the signatures of a paper may ask for, the latest version first."""
    versions = list(document.versions.order_by("-no"))
    signatures = Signature.objects.filter(version__in=versions).select_related(
        "signer", "agreement__document", "code", "registered_by", "version"
    )
    kept: dict[int, list[Signature]] = {}
    for signature in signatures.defer("file").order_by("pk"):
        kept.setdefault(signature.version_id, []).append(signature)
    refusals = {one.version_id: one for one in Refusal.objects.filter(version__in=versions).select_related("signer")}
    return [
        VersionProof(version, place == 0, kept.get(version.pk, []), refusals.get(version.pk))
        for place, version in enumerate(versions)
    ]


def files_of(signatures: Iterable[Signature]) -> dict[int, KeptFile]:
    """Return the names and sums of the files of `signatures` by their numbers, without their contents."""
    wanted = {pk for one in signatures for pk in (one.file_id, one.original_id) if pk}
    return KeptFile.objects.defer("content").in_bulk(wanted)


def file_of(document: Document, pk: int) -> KeptFile | None:
    """Return a file that was attached to a signature under `document`; None for any other."""
    ours = Signature.objects.filter(version__document=document)
    wanted = Q(pk__in=ours.values("file")) | Q(pk__in=ours.values("original"))
    return KeptFile.objects.filter(wanted, pk=pk).first()


def document_by_id(pk: int) -> Document | None:
    """Return a paper for the gate of the app that owns it to decide on."""
    return Document.objects.filter(pk=pk).select_related("organisation").first()


def signed_by(document: Document, slot: str) -> Signature | None:
    """Return the signature in a place under the current version."""
    return current_version(document).signatures.filter(slot=slot).select_related("signer").first()


# --- reminders --------------------------------------------------------------------------------------------------


def last_reminder(version: DocumentVersion, slot: str) -> Reminder | None:
    """Return the last reminder of a signature under a version."""
    return version.reminders.filter(slot=slot).order_by("-at").first()


def link_token(reminder: Reminder) -> str:
    """Return what the personal link of a reminder carries."""
    return signing.dumps(reminder.pk, salt=LINK_SALT)


def reminder_of_token(token: str) -> Reminder | None:
    """Return the reminder whose link was followed; None when the link is broken or too old."""
    try:
        pk = signing.loads(token, salt=LINK_SALT, max_age=LINK_LIFE)
    except signing.BadSignature:
        return None
    return Reminder.objects.filter(pk=pk).select_related("version__document", "user").first()


# --- agreements T24 -----------------------------------------------------------------------------------------------


def signing_agreements_of_school(organisation_id: int | None) -> QuerySet[SigningAgreement]:
    """Return the agreements that a school concluded, also those that are prepared and those that have ended."""
    return SigningAgreement.objects.filter(organisation=organisation_id).select_related(
        "user", "document", "checked_by", "organisation", "ended_by"
    )


def people_without_agreement(people: QuerySet[User]) -> QuerySet[User]:
    """Return those of `people` who have no agreement in force or on its way."""
    return people.exclude(pk__in=SigningAgreement.objects.filter(ended_at=None).values("user"))


def scan_of(agreement: SigningAgreement) -> KeptFile | None:
    """Return the scan of the signed sheet; None while it is not registered, and for those without one."""
    return KeptFile.objects.filter(pk=agreement.scan_id).first() if agreement.scan_id else None
