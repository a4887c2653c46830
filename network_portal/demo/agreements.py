"""The agreements of the demonstration: in force, suspended, disputed, waiting for a signature."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from network_portal.demo.base import Cast, moment, proof
from network_portal.documents.selectors import current_version
from schools.enums import DutyKind, FundingMode, Level, ResourceKind, Role, Side, TaughtKind
from schools.models import Agreement
from schools.services import (
    agreement_agree,
    agreement_contacts,
    agreement_create,
    agreement_duty_done,
    agreement_publish,
    agreement_send,
    agreement_sign,
    agreement_suspend,
    disagreement_add,
)
from schools.terms import AgreementTerms, ConditionTerms, DutyTerms, ResourceTerms

K = DutyKind


def _terms(cast: Cast) -> AgreementTerms:
    since, year = cast.season.since, cast.season.year
    return AgreementTerms(
        date_from=since + timedelta(days=7),
        date_to=date(year + 2, 8, 31),
        conditions=(
            ConditionTerms(
                programme="Курсы из каталога сети для 9–11 классов",
                teaches=Side.HOST,
                kind=TaughtKind.LESSON,
                level=Level.GENERAL,
                orientation="естественно-научная и гуманитарная",
                part="Программа курса полностью",
                hours=68,
                grade_from=8,
                grade_to=11,
                seats=40,
                year_from=year,
                year_to=year + 1,
            ),
        ),
        resources=(
            ResourceTerms(
                what="Учителя курсов", kind=ResourceKind.STAFF, party=Side.HOST, amount=Decimal(2), unit="ставки"
            ),
            ResourceTerms(
                what="Кабинеты и лаборатории",
                kind=ResourceKind.MATERIAL,
                party=Side.HOST,
                amount=Decimal(136),
                unit="часов в год",
            ),
            ResourceTerms(
                what="Учебники и задачники", kind=ResourceKind.METHOD, party=Side.HOME, amount=Decimal(40), unit="штук"
            ),
        ),
        duties=(
            DutyTerms(what="Вести занятия и журнал, передавать сведения раз в месяц", party=Side.HOST),
            DutyTerms(what="Назначить учителя-куратора приказом", party=Side.HOME, due=cast.season.lessons_from),
            DutyTerms(
                what="Провести встречу с родителями об итогах полугодия",
                party=Side.HOST,
                due=cast.season.today + timedelta(days=20),
            ),
        ),
        safety="До места занятий детей сопровождает назначенный приказом работник школы обучающихся.",
        issued_documents="Документ об образовании выдаёт школа обучающихся, справку об обучении – принимающая школа.",
        funding_mode=FundingMode.OWN,
        journal_readers=(Role.RESPONSIBLE, Role.CURATOR),
        scale="пятибалльная",
        weights="По положению принимающей школы о текущем контроле успеваемости.",
        correction_days=5,
        personal_data="Фамилия, имя, отчество, класс, отметки и посещаемость.",
        incident_hours=24,
    )


def _sent_agreement(cast: Cast, home: str, host: str, at: datetime) -> Agreement:
    deputy = cast.acting(f"deputy{home}", K.DEPUTY)
    agreement = agreement_create(actor=deputy, host=cast.schools[host], terms=_terms(cast), at=at)
    return agreement_send(actor=deputy, agreement=agreement, at=at)


def _agreed(cast: Cast, home: str, host: str, at: datetime) -> Agreement:
    agreement = _sent_agreement(cast, home, host, at)
    assert agreement.document is not None
    return agreement_agree(
        actor=cast.acting(f"deputy{host}", K.DEPUTY),
        agreement=agreement,
        version_sha256=current_version(agreement.document).sha256,
        at=at + timedelta(minutes=30),
    )


def _sign_agreement(cast: Cast, agreement: Agreement, school: str, at: datetime) -> None:
    assert agreement.document is not None
    agreement_sign(
        actor=cast.acting(f"director{school}", K.DIRECTOR),
        agreement=agreement,
        version_sha256=current_version(agreement.document).sha256,
        proof=proof(cast.acting(f"director{school}", K.DIRECTOR), agreement.document, at),
        at=at,
    )


def signed_agreement(cast: Cast, home: str, host: str) -> Agreement:
    """Home and host have signed, everyone may read it, and home has done its first duty."""
    day = cast.season.since + timedelta(days=3)
    agreement = _agreed(cast, home, host, moment(day, 10))
    _sign_agreement(cast, agreement, home, moment(day, 11))
    _sign_agreement(cast, agreement, host, moment(day, 15))
    agreement.refresh_from_db()
    deputy, day = cast.acting(f"deputy{home}", K.DEPUTY), day + timedelta(days=7)
    contacts = "Заместитель директора, каб. № 12, по рабочим дням с 9 до 16 часов"
    agreement_contacts(actor=deputy, agreement=agreement, contacts=contacts, at=moment(day, 9))
    agreement_publish(actor=deputy, agreement=agreement, appendix_ids=[], at=moment(day, 10))
    duty = agreement.duties.get(party=Side.HOME)
    agreement_duty_done(actor=deputy, duty=duty, on=day, at=moment(day, 11))
    return agreement


def suspended_agreement(cast: Cast) -> None:
    """The gymnasium's pupils in lyceum No. 12: the lyceum is being repaired."""
    agreement = signed_agreement(cast, "40", "12")
    at = moment(cast.season.since + timedelta(days=30), 12)
    director = cast.acting("director12", K.DIRECTOR)
    agreement_suspend(actor=director, agreement=agreement, reason="Ремонт корпуса до конца полугодия.", at=at)


def agreement_to_sign(cast: Cast, now: datetime) -> None:
    """The gymnasium's pupils in school No. 7: signed by one director, waiting for the other."""
    agreement = _agreed(cast, "40", "7", now - timedelta(days=3))
    _sign_agreement(cast, agreement, "40", now - timedelta(days=2))


def disputed_agreement(cast: Cast, now: datetime) -> None:
    """The lyceum's pupils in school No. 7: one clause is disputed."""
    agreement = _sent_agreement(cast, "12", "7", now - timedelta(days=5))
    disagreement_add(
        actor=cast.acting("deputy7", K.DEPUTY),
        agreement=agreement,
        clause="2.7",
        home_wording="До места занятий детей сопровождает работник школы обучающихся.",
        host_wording="До места занятий детей сопровождает работник школы обучающихся, обратно – родители.",
        at=now - timedelta(days=4),
    )
