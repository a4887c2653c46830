"""T16: the monthly sheet of marks and attendance that the host gives to a home school (S1-4.9, S1-4.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from courses.enums import WorkType
from gradebook.means import mean_text
from network_portal.common.dates import month_label
from network_portal.documents.kinds import field, paper


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """One pupil; marks as they print: «5 (12.11, контрольная работа, вес 3)»."""

    name: str = field("ФИО")
    school_class: str = field("Класс")
    marks: str = field("Отметки", optional=True)
    mean: str = field("Средний взвешенный")
    absent: int = field("Пропуски, Н")
    ill: int = field("Пропуски, Б")
    excused: int = field("Пропуски, УП")
    unexcused: int = field("Пропуски, НП")
    late: int = field("Опозданий")


@paper(
    code="T16",
    title="Ведомость передачи отметок и сведений о посещаемости",
    template="documents/t16.html",
    landscape=True,
    signers={},
)
@dataclass(frozen=True, kw_only=True)
class TransferSheet:
    """The sealed month of one home school's pupils in one group."""

    host: str = field("Принимающая школа")
    home: str = field("Школа обучающихся")
    group: str = field("Группа")
    course: str = field("Курс")
    month: str = field("Месяц")
    planned: int = field("Занятий по плану")
    held: int = field("Проведено занятий")
    dates: tuple[str, ...] = field("Даты занятий", optional=True)
    reason: str | None = field("Причина, по которой занятий не было")
    sealed_at: datetime = field("Период закрыт")
    sealed_by: str | None = field("Координатор")
    sha256: str = field("Контрольная сумма")
    lines: tuple[SheetLine, ...] = field("Строки ведомости", optional=True)


def transfer_sheet(
    content: dict[str, Any], *, sha256: str, sealed_at: datetime, sealed_by: str | None
) -> TransferSheet:
    """Return the paper of a sealed package.

    Args:
        content: what `selectors.transfers.package_of` gave.
        sha256: of its canonical JSON.
        sealed_at: the moment of the seal.
        sealed_by: the coordinator with the capacity; None when the portal sealed by itself.
    """
    period = content["period"]
    lessons = content["lessons"]
    return TransferSheet(
        host=content["host"]["short_name"],
        home=content["home"]["short_name"],
        group=content["group"]["name"],
        course=content["course"]["title"],
        month=month_label(period["year"], period["month"]),
        planned=lessons["planned"],
        held=len(lessons["held"]),
        dates=tuple(_short(lesson["date"]) for lesson in lessons["held"]),
        reason=content["no_lessons_reason"],
        sealed_at=sealed_at,
        sealed_by=sealed_by,
        sha256=sha256,
        lines=tuple(_line(line) for line in content["lines"]),
    )


def _line(line: dict[str, Any]) -> SheetLine:
    absences = line["absences"]
    return SheetLine(
        name=" ".join(part for part in (line["last_name"], line["first_name"], line["patronymic"]) if part),
        school_class=line["class"],
        marks="; ".join(_mark(mark) for mark in line["marks"]),
        mean=mean_text(line["mean"]),
        absent=absences["absent"],
        ill=absences["ill"],
        excused=absences["excused"],
        unexcused=absences["unexcused"],
        late=line["late"],
    )


def _mark(mark: dict[str, Any]) -> str:
    return f"{mark['value']} ({_short(mark['date'])}, {WorkType(mark['work_type']).label}, вес {mark['weight']})"


def _short(day: date) -> str:
    return f"{day:%d.%m}"
