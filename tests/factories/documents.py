"""A kind of paper that exists for tests alone, and papers of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from network_portal.accounts.models import User
from network_portal.common.secrets import encrypt
from network_portal.documents.enums import DocumentState
from network_portal.documents.kinds import field, paper
from network_portal.documents.models import Document, SigningAgreement
from network_portal.documents.proofs import Proof
from network_portal.documents.selectors import current_version, signing_agreement_of
from network_portal.documents.services import SignerSlot, document_draft, signing_code_keep
from tests.factories.accounts import PASSWORD

AT = datetime(2026, 9, 2, 13, 45, tzinfo=UTC)
ON = date(2026, 9, 2)
TWO_SLOTS = (
    SignerSlot("home", "директор МАОУ СОШ № 7"),
    SignerSlot("host", "директор МАОУ гимназии № 40"),
)


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str = field("Фамилия, имя, отчество")
    marks: str | None = field("Отметки")


@paper(code="TEST", title="Пробный документ", template="documents/test_paper.html")
@dataclass(frozen=True, kw_only=True)
class SamplePaper:
    subject: str = field("Предмет договора")
    hours: int = field("Часов")
    start: date = field("Начало")
    reason: str | None = field("Причина")
    lines: tuple[Line, ...] = field("Строки")


SAMPLE = SamplePaper(
    subject="Обучение по курсу «Физика вокруг нас»",
    hours=34,
    start=date(2026, 9, 7),
    reason=None,
    lines=(Line(name="Ёлкин Пётр Ильич", marks="5, 4"), Line(name="Жуков Иван Олегович", marks=None)),
)


def draft(organisation: Any, *, actor: Any = None, signers: Any = (), **changes: Any) -> Document:
    """Return a draft of the test paper in the register of `organisation`."""
    return document_draft(
        actor=actor, organisation=organisation, paper=replace(SAMPLE, **changes), signers=signers, at=AT
    )


CODE = "271828"


def may_sign(user: User, organisation: Any) -> SigningAgreement:
    """Return the agreement T24 by which `user` signs electronically; its own file is not rendered."""
    if agreement := signing_agreement_of(user):
        return agreement
    number = Document.objects.filter(kind="T24", organisation=organisation).count() + 1
    document = Document.objects.create(
        kind="T24",
        title="Соглашение об использовании простой электронной подписи",
        organisation=organisation,
        state=DocumentState.IN_FORCE,
        number=number,
        year=AT.year,
        registered_on=ON,
        created_at=AT,
    )
    return SigningAgreement.objects.create(
        user=user,
        organisation=organisation,
        document=document,
        identity_sealed=encrypt("паспорт гражданина Российской Федерации 5703 123456, выдан: УВД г. Перми"),
        checked_by=user,
        checked_at=AT,
    )


def proof_of(user: User, document: Document, *, at: datetime, password: str = PASSWORD, sha256: str = "") -> Proof:
    """Return what `user` types to sign the current version of `document`; the code has been sent a moment ago."""
    may_sign(user, document.organisation)
    version = sha256 or current_version(document).sha256
    signing_code_keep(user=user, version_sha256=version, code=CODE, at=at)
    return Proof(password, CODE)
