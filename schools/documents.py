"""The papers of the schools: the agreement on network teaching (T06), its protocol, amendments and redacted copy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from network_portal.common.dates import ru_day
from network_portal.common.russian import Case
from network_portal.documents.differences import Change
from network_portal.documents.enums import PersonalData
from network_portal.documents.kinds import each_value, field, paper
from network_portal.documents.models import Document, Signature
from network_portal.documents.selectors import current_version
from schools.models import Agreement, Disagreement, Duty, Organisation
from schools.terms import AgreementTerms, in_words

#: The places for signatures under a protocol; an agreement has a second copy that repeats how it was signed.
BOTH = {"home_director": "директор базовой организации", "host_director": "директор организации-участника"}
HIDDEN = "[скрыто]"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\d№-])(\+7|8)[\s( -]*\d{3}[\s) -]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)")


@dataclass(frozen=True, kw_only=True)
class Party:
    """A school as the agreement names it."""

    full_name: str = field("Полное наименование")
    short_name: str = field("Краткое наименование")
    license_no: str = field("Лицензия")
    director: str = field("Директор (в родительном падеже)")
    acts: str = field("Действующий, действующая")
    address: str = field("Адрес")
    inn: str = field("ИНН")
    ogrn: str = field("ОГРН")
    bank_details: str | None = field("Банковские реквизиты")
    phone: str | None = field("Телефон")
    email: str | None = field("Электронная почта")


@dataclass(frozen=True, kw_only=True)
class Source:
    """The registered paper that another one rests on or repeats, and how it was signed."""

    title: str = field("Вид документа")
    number: int = field("Номер")
    date: date = field("Дата")
    sha256: str = field("Контрольная сумма")
    signed: tuple[str, ...] = field("Кем подписан", optional=True)


@paper(
    code="T06",
    title="Договор о сетевой форме реализации образовательных программ",
    template="documents/t06.html",
    version=3,
    personal_data=PersonalData.STAFF,
    signers={},  # two directors sign the copy of one school; the other school's copy tells so
    effective_from="date_from",
    effective_to="date_to",
)
@dataclass(frozen=True, kw_only=True)
class NetworkAgreement:
    """T06: two schools agree who teaches whose pupils what, with whose resources (S0-5b, S1-2.1).

    `original` stands in the copy that the second party keeps in its own register; `protocol` names the protocol of
    disagreements that is a part of the agreement.
    """

    city: str = field("Место заключения")
    home: Party = field("Базовая организация")
    host: Party = field("Организация-участник")
    terms: AgreementTerms = field("Условия")
    fingerprint: str = field("Контрольная сумма условий")
    date_from: date = field("Начало действия")
    date_to: date = field("Окончание действия")
    protocol: Source | None = field("Протокол разногласий", default=None)
    original: Source | None = field("Экземпляр Базовой организации", default=None)
    redacted: bool = field("Редакция для размещения", default=False)


@paper(
    code="T06P",
    title="Договор о сетевой форме: редакция для размещения на сайте",
    template="documents/t06.html",
    personal_data=PersonalData.NONE,
    signers={},
    effective_from="date_from",
    effective_to="date_to",
)
@dataclass(frozen=True, kw_only=True)
class PublishedAgreement(NetworkAgreement):
    """The agreement without what nobody but the parties may read (L-9)."""


@dataclass(frozen=True, kw_only=True)
class ProtocolLine:
    clause: str = field("Пункт")
    home: str = field("Редакция Базовой организации")
    host: str = field("Редакция Организации-участника")
    outcome: str = field("Итог")
    agreed: str | None = field("Согласованная редакция")


@paper(
    code="T28",
    title="Протокол разногласий к договору о сетевой форме",
    template="documents/t28_protocol.html",
    personal_data=PersonalData.STAFF,
    signers=BOTH,
    open_ended=True,
)
@dataclass(frozen=True, kw_only=True)
class DisagreementProtocol:
    """T28: clause, wording of each party, outcome; it is signed before the agreement and is a part of it."""

    home: str = field("Базовая организация")
    host: str = field("Организация-участник")
    city: str = field("Место составления")
    lines: tuple[ProtocolLine, ...] = field("Пункты")


@dataclass(frozen=True, kw_only=True)
class AmendmentLine:
    what: str = field("Что изменяется")
    before: str | None = field("Было")
    after: str | None = field("Стало")


@paper(
    code="T06A",
    title="Дополнительное соглашение к договору о сетевой форме",
    template="documents/t06_amendment.html",
    personal_data=PersonalData.STAFF,
    signers={},
    open_ended=True,
)
@dataclass(frozen=True, kw_only=True)
class SupplementaryAgreement:
    """Only what changes, old and new, between two sums of the terms; the original signatories are named."""

    city: str = field("Место заключения")
    agreement: Source = field("Договор")
    home: Party = field("Базовая организация")
    host: Party = field("Организация-участник")
    reason: str = field("Почему изменяется")
    lines: tuple[AmendmentLine, ...] = field("Изменения")
    before: str = field("Контрольная сумма прежних условий")
    after: str = field("Контрольная сумма новых условий")
    replaced: tuple[str, ...] = field("Кто подписывает вместо прежнего руководителя", optional=True)
    original: Source | None = field("Экземпляр Базовой организации", default=None)


def network_agreement(
    agreement: Agreement,
    terms: AgreementTerms,
    fingerprint: str,
    *,
    home_director: Duty,
    host_director: Duty,
    protocol: Document | None = None,
) -> NetworkAgreement:
    """Return the content of the paper of `agreement` with the directors in office."""
    return NetworkAgreement(
        city=agreement.home.city,
        home=party(agreement.home, home_director),
        host=party(agreement.host, host_director),
        terms=in_words(terms),
        fingerprint=fingerprint,
        date_from=terms.date_from,
        date_to=terms.date_to,
        protocol=source_of(protocol) if protocol else None,
    )


def published_agreement(content: NetworkAgreement, source: Source) -> PublishedAgreement:
    """Return `content` without phones, e-mail addresses, bank details, signatures and appendices that name people."""
    hidden: dict[str, Any] = {"phone": None, "email": None, "bank_details": None}
    return PublishedAgreement(
        city=content.city,
        home=replace(content.home, **hidden),
        host=replace(content.host, **hidden),
        terms=each_value(content.terms, lambda value: redacted_text(value) if isinstance(value, str) else value),
        fingerprint=content.fingerprint,
        date_from=content.date_from,
        date_to=content.date_to,
        protocol=replace(content.protocol, signed=()) if content.protocol else None,
        original=replace(source, signed=()),
        redacted=True,
    )


def redacted_text(text: str) -> str:
    """Return `text` without e-mail addresses and phone numbers."""
    return _PHONE.sub(HIDDEN, _EMAIL.sub(HIDDEN, text))


def protocol_paper(agreement: Agreement, lines: Iterable[Disagreement]) -> DisagreementProtocol:
    """Return the content of the protocol of disagreements."""
    return DisagreementProtocol(
        home=agreement.home.full_name,
        host=agreement.host.full_name,
        city=agreement.home.city,
        lines=tuple(
            ProtocolLine(
                clause=line.clause,
                home=line.home_wording,
                host=line.host_wording,
                outcome=line.get_outcome_display(),
                agreed=line.agreed_wording or None,
            )
            for line in lines
        ),
    )


def supplementary_agreement(
    agreement: Agreement,
    changed: Iterable[Change],
    *,
    reason: str,
    before: str,
    after: str,
    home_director: Duty,
    host_director: Duty,
) -> SupplementaryAgreement:
    """Return the content of a supplementary agreement to the registered paper of `agreement`."""
    assert agreement.document is not None
    source = source_of(agreement.document)
    signed_by = {
        signature.slot: signature.signer_id for signature in current_version(agreement.document).signatures.all()
    }
    directors = (("home_director", home_director), ("host_director", host_director))
    replaced = [
        f"{duty.user.full_name}, директор {duty.organisation.in_case(Case.GENITIVE)}"
        for slot, duty in directors
        if signed_by and signed_by.get(slot) != duty.user_id
    ]
    return SupplementaryAgreement(
        city=agreement.home.city,
        agreement=source,
        home=party(agreement.home, home_director),
        host=party(agreement.host, host_director),
        reason=reason,
        lines=tuple(
            AmendmentLine(what=change.label, before=change.before or None, after=change.after or None)
            for change in changed
        ),
        before=before,
        after=after,
        replaced=tuple(replaced),
    )


def source_of(document: Document) -> Source:
    """Return how another paper names the registered `document`, with its signatures in words."""
    assert document.number is not None
    assert document.registered_on is not None
    version = current_version(document)
    return Source(
        title=document.title,
        number=document.number,
        date=document.registered_on,
        sha256=version.sha256,
        signed=tuple(_signed(signature) for signature in version.signatures.order_by("pk")),
    )


def _signed(signature: Signature) -> str:
    return (
        f"{signature.signer_name}, {signature.capacity}, {ru_day(signature.signed_at)}, {signature.get_kind_display()}"
    )


def party(school: Organisation, director: Duty) -> Party:
    """Return a school as an agreement names it."""
    return Party(
        full_name=school.full_name,
        short_name=school.short_name,
        license_no=school.license_no,
        director=director.user.in_case(Case.GENITIVE),
        acts=director.user.by_gender("действующего", "действующей"),
        address=school.address,
        inn=school.inn,
        ogrn=school.ogrn,
        bank_details=school.bank_details or None,
        phone=school.phone or None,
        email=school.email or None,
    )
