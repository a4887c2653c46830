"""T20: the certificate of learning that the host issues for what a pupil has learnt in a group (S0-8p)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from network_portal.documents.kinds import field, paper

DIRECTOR = "director"


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """A subject or a stretch of the programme with the hours given to the pupil and the final mark in words."""

    title: str = field("Предмет, модуль")
    hours: int = field("Часов")
    mark: str = field("Отметка")


@paper(
    code="T20",
    title="Справка об обучении",
    template="documents/t20.html",
    keep_years=50,
    signers={DIRECTOR: "директор"},
)
@dataclass(frozen=True, kw_only=True)
class CertificatePaper:
    """Who learnt what, from when to when, with which results; says that it is no document on education."""

    licence: str = field("Лицензия", optional=True)
    student_dative: str = field("Кому выдана")
    birth_date: date = field("Дата рождения")
    gender: str = field("Пол")
    home_genitive: str = field("Школа обучающегося (в родительном падеже)")
    first: date = field("Обучение с")
    last: date = field("Обучение по")
    result: str = field("Результат")
    programme: str = field("Программа")
    hours_total: int = field("Часов по программе")
    hours: int = field("Часов проведено для обучающегося")
    agreement_number: str | None = field("Номер договора")
    agreement_date: date = field("Дата договора")
    lines: tuple[ResultLine, ...] = field("Результаты")
    mark: str = field("Итоговая отметка")
    attended: int = field("Посещено часов")
    duplicate: bool = field("Дубликат")
    replaces: str | None = field("Взамен какой справки")
