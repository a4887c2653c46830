"""The papers of the schools: the agreement on network teaching (T06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from network_portal.common.russian import Case
from network_portal.documents.enums import PersonalData
from network_portal.documents.kinds import field, paper
from schools.models import Agreement, Duty, Organisation


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


@paper(
    code="T06",
    title="Договор о сетевой форме реализации образовательных программ",
    template="documents/t06.html",
    version=2,
    personal_data=PersonalData.STAFF,
    signers={"home_director": "директор школы обучающихся", "host_director": "директор принимающей школы"},
    effective_from="date_from",
    effective_to="date_to",
)
@dataclass(frozen=True, kw_only=True)
class NetworkAgreement:
    """T06: the home school and the host school agree who does what (S0-5b, S1-2.1)."""

    city: str = field("Место заключения")
    home: Party = field("Базовая организация")
    host: Party = field("Организация-участник")
    subject: str = field("Предмет договора")
    duties: str = field("Распределение обязанностей")
    resources: str = field("Ресурсы сторон")
    safety: str = field("Охрана жизни и здоровья")
    issued_documents: str = field("Выдаваемые документы")
    funding: str = field("Финансовое обеспечение")
    date_from: date = field("Начало действия")
    date_to: date = field("Окончание действия")


def network_agreement(agreement: Agreement, *, home_director: Duty, host_director: Duty) -> NetworkAgreement:
    """Return the content of the paper of `agreement` with the directors in office."""
    return NetworkAgreement(
        city=agreement.home.city,
        home=_party(agreement.home, home_director),
        host=_party(agreement.host, host_director),
        subject=agreement.subject,
        duties=agreement.duties,
        resources=agreement.resources,
        safety=agreement.safety,
        issued_documents=agreement.issued_documents,
        funding=agreement.funding,
        date_from=agreement.date_from,
        date_to=agreement.date_to,
    )


def _party(school: Organisation, director: Duty) -> Party:
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
