"""What two schools agree on, as one value: kept in rows, printed in papers, compared field by field, fingerprinted.

The same classes hold the choices of a form (members of enums) and the words of a paper; `in_words` leads from one to
the other. Contacts of the schools are not among the terms: they change without anyone's approval.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from django.db.models import TextChoices

from network_portal.documents.differences import Change, difference
from network_portal.documents.kinds import canonical, content_sha256, each_value, field, kind_by_code
from schools.enums import FundingMode, Level, ResourceKind, Role, Side, TaughtKind

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ConditionTerms:
    """One direction: who teaches whose pupils what; `None` and an empty text mean «not settled yet»."""

    programme: str = field("Программа или часть программы")
    teaches: str = field("Кто обучает")
    subject: str = field("Учебный предмет", optional=True, default="")
    kind: str = field("Вид", optional=True, default="")
    level: str = field("Уровень", optional=True, default="")
    orientation: str = field("Направленность", optional=True, default="")
    part: str = field("Что преподаёт обучающая сторона", optional=True, default="")
    hours: int | None = field("Часов", default=None)
    grade_from: int | None = field("С класса", default=None)
    grade_to: int | None = field("По класс", default=None)
    seats: int | None = field("Мест в год", default=None)
    year_from: int | None = field("С учебного года", default=None)
    year_to: int | None = field("По учебный год", default=None)


@dataclass(frozen=True, kw_only=True)
class ResourceTerms:
    """What one party gives, how much of it and in which unit."""

    what: str = field("Ресурс")
    kind: str = field("Вид ресурса")
    party: str = field("Сторона")
    amount: Decimal | None = field("Объём", default=None)
    unit: str = field("Единица", optional=True, default="")


@dataclass(frozen=True, kw_only=True)
class DutyTerms:
    """What one party does, and until when; without a day it lasts as long as the agreement."""

    what: str = field("Обязанность")
    party: str = field("Сторона")
    due: date | None = field("Срок", default=None)


@dataclass(frozen=True, kw_only=True)
class AppendixTerms:
    """A text added to the agreement; one with personal data is never published (L-9)."""

    title: str = field("Приложение")
    text: str = field("Содержание")
    personal: bool = field("Содержит персональные данные", default=False)


@dataclass(frozen=True, kw_only=True)
class AgreementTerms:
    """All terms of an agreement (S1-2.1, S4-5.8, art. 15 of 273-ФЗ)."""

    date_from: date = field("Начало действия")
    date_to: date = field("Окончание действия")
    conditions: tuple[ConditionTerms, ...] = field("Что преподаётся", optional=True, default=())
    resources: tuple[ResourceTerms, ...] = field("Ресурсы сторон", optional=True, default=())
    duties: tuple[DutyTerms, ...] = field("Распределение обязанностей", optional=True, default=())
    appendices: tuple[AppendixTerms, ...] = field("Приложения", optional=True, default=())
    safety: str = field("Охрана жизни и здоровья", optional=True, default="")
    issued_documents: str = field("Выдаваемые документы", optional=True, default="")
    funding_mode: str = field("Финансовое обеспечение", optional=True, default="")
    funding_norm: str = field("Расчёт возмещения", optional=True, default="")
    funding_due: str = field("Срок возмещения", optional=True, default="")
    funding_order: str = field("Порядок возмещения", optional=True, default="")
    journal_readers: tuple[str, ...] = field("Кто читает журнал", optional=True, default=())
    scale: str = field("Шкала отметок", optional=True, default="")
    weights: str = field("Веса работ", optional=True, default="")
    correction_days: int | None = field("Дней на исправление отметки", default=None)
    personal_data: str = field("Какие сведения передаются", optional=True, default="")
    incident_hours: int | None = field("Часов на уведомление об инциденте", default=None)


def in_words(terms: AgreementTerms) -> AgreementTerms:
    """Return `terms` as they print: every choice by its Russian label."""
    return each_value(terms, _word)


def _word(value: Any) -> Any:
    if isinstance(value, TextChoices):
        return value.label
    if isinstance(value, Decimal):  # the database adds zeros that nobody typed
        return Decimal(f"{value.normalize():f}")
    return value


def fingerprint(terms: AgreementTerms) -> str:
    """Return the SHA-256 over the canonical JSON of the terms in words: equal for both copies of one agreement."""
    return content_sha256(canonical(in_words(terms)))


def changes(before: AgreementTerms, after: AgreementTerms) -> list[Change]:
    """Return what `after` changes, field by field and row by row, in Russian."""
    old, new = (canonical({"paper": in_words(terms)}) for terms in (before, after))
    return difference(old, new, dataclasses.replace(kind_by_code("T06"), content=AgreementTerms))


def missing(terms: AgreementTerms) -> list[str]:
    """Return in words what a draft may leave open and a paper may not."""
    return list(_missing(terms))


def _missing(terms: AgreementTerms) -> Iterator[str]:
    if not terms.conditions:
        yield "Нет ни одного условия: укажите, кто кого чему обучает."
    for condition in terms.conditions:
        empty = [
            item.metadata["label"].lower()
            for item in dataclasses.fields(condition)
            if item.name != "subject" and getattr(condition, item.name) in (None, "")
        ]
        if empty:
            yield f"«{condition.programme}»: ещё не определено – {', '.join(empty)}."
    for resource in terms.resources:
        if resource.amount is None or not resource.unit:
            yield f"Ресурс «{resource.what}»: ещё не определён объём или единица."
    if not terms.resources:
        yield "Не названы ресурсы сторон."
    if not terms.duties:
        yield "Не распределены обязанности сторон."
    names = ["safety", "issued_documents", "funding_mode", "journal_readers", "scale", "weights", "correction_days",
             "personal_data", "incident_hours"]  # fmt: skip
    if terms.funding_mode in (FundingMode.NORM, FundingMode.NORM.label):
        names += ["funding_norm", "funding_due", "funding_order"]
    labels = {item.name: item.metadata["label"] for item in dataclasses.fields(terms)}
    if empty := [labels[name] for name in names if getattr(terms, name) in (None, "", ())]:
        yield f"Не заполнено: {', '.join(empty)}."


# --- back from JSON ---------------------------------------------------------------------------------------------

#: Which enum the text of a field becomes again; a kind of what is taught and a kind of resource share a name.
CHOICES: dict[tuple[type[Any] | None, str], type[TextChoices]] = {
    (None, "teaches"): Side,
    (None, "party"): Side,
    (None, "level"): Level,
    (None, "funding_mode"): FundingMode,
    (None, "journal_readers"): Role,
    (ConditionTerms, "kind"): TaughtKind,
    (ResourceTerms, "kind"): ResourceKind,
}


def read(values: Mapping[str, Any], kind: type[T], choices: Mapping[Any, type[TextChoices]] | None = None) -> T:
    """Return the dataclass `kind` that canonical JSON was written from.

    Args:
        values: the parsed JSON.
        kind: the class.
        choices: `CHOICES` where the values are members of enums; without it they stay the words of a paper.
    """
    hints = get_type_hints(kind)
    known = {name: value for name, value in values.items() if name in hints}
    return kind(**{name: _value(value, hints[name], (kind, name), choices or {}) for name, value in known.items()})


def _value(value: Any, hint: Any, place: tuple[type[Any], str], choices: Mapping[Any, type[TextChoices]]) -> Any:
    types: list[Any] = [inner for inner in (hint, *get_args(hint)) if inner is not NoneType]
    if isinstance(value, list):
        return tuple(_value(one, get_args(hint)[0], place, choices) for one in value)
    if isinstance(value, dict):
        return read(value, next(inner for inner in types if hasattr(inner, "__dataclass_fields__")), choices)
    if value in (None, ""):
        return value
    if date in types:
        return date.fromisoformat(value)
    if Decimal in types:
        return Decimal(value)
    choice = choices.get(place) or choices.get((None, place[1]))
    return choice(value) if choice else value
