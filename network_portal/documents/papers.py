"""T24: the agreement of a school and a person that makes simple electronic signatures valid (L-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from network_portal.documents.kinds import field, paper

SCHOOL_SLOT, PERSON_SLOT = "school", "person"
#: What may be signed electronically (L-10).
SIGNED_ELECTRONICALLY = (
    "заявления и согласия законных представителей",
    "заявки школ",
    "договоры о сетевой форме",
    "приказы о зачислении и об изменении состава групп",
    "ведомости передачи, табели и справки об обучении",
    "протоколы координационного совета и выписки из них",
    "ознакомление с документами",
)


@paper(
    code="T24",
    title="Соглашение об использовании простой электронной подписи",
    template="documents/t24.html",
    keep_years=50,
    open_ended=True,
    signers={SCHOOL_SLOT: "представитель школы", PERSON_SLOT: "подписант"},
)
@dataclass(frozen=True, kw_only=True)
class ESignAgreement:
    """T24: the person's account, how identity was checked, which papers it covers, the duty of secrecy."""

    school: str = field("Организация")
    city: str = field("Место заключения")
    person: str = field("Фамилия, имя, отчество")
    person_short: str = field("Фамилия с инициалами")
    login: str = field("Учётная запись")
    identity_document: str = field("Документ, удостоверяющий личность")
    checked_by: str = field("Кто проверил личность")
    checked_on: date = field("Когда проверена личность")
    portal: str = field("Адрес портала")
    papers: tuple[str, ...] = field("Какие документы подписываются")
