"""A kind of paper that exists for tests alone, and papers of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from network_portal.documents.kinds import field, paper
from network_portal.documents.models import Document
from network_portal.documents.services import SignerSlot, document_draft

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
