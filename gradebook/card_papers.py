"""T14: the report card of a group for a home school. T15: the summary register of a class of the home school."""

from __future__ import annotations

from dataclasses import dataclass

from network_portal.documents.kinds import field, paper

TEACHER, DEPUTY, DIRECTOR = "teacher", "deputy", "director"


@dataclass(frozen=True, kw_only=True)
class CardLine:
    """A pupil; `terms` are the marks of the terms beside that of the year, in the order of the card's `terms`."""

    name: str = field("ФИО")
    school_class: str = field("Класс")
    mean: str = field("Средний взвешенный балл")
    terms: tuple[str, ...] = field("Отметки за периоды", optional=True)
    mark: str = field("Отметка")
    word: str = field("Отметка словом", optional=True)
    missed: int = field("Пропущено часов")
    ill: int = field("По болезни")
    excused: int = field("По уважительной причине")
    unexcused: int = field("Без причины")
    note: str = field("Примечание", optional=True)


@paper(
    code="T14",
    title="Табель успеваемости",
    template="documents/t14.html",
    landscape=True,
    signers={TEACHER: "учитель", DEPUTY: "заместитель директора", DIRECTOR: "директор"},
)
@dataclass(frozen=True, kw_only=True)
class CardPaper:
    """The final marks of one home school's pupils in one group for a term, or for the year with its terms."""

    home_genitive: str = field("Школа обучающихся (в родительном падеже)")
    group: str = field("Группа")
    programme: str = field("Программа")
    teacher: str = field("Учитель")
    year: str = field("Учебный год")
    period: str = field("Период")
    days: str = field("Дни периода")
    planned: int = field("Запланировано часов")
    held: int = field("Проведено часов")
    transfers: str = field("По каким ведомостям передачи")
    terms: tuple[str, ...] = field("Периоды года", optional=True)
    lines: tuple[CardLine, ...] = field("Обучающиеся")
    pupils: int = field("Всего обучающихся")
    passing: str = field("Успеваемость")
    quality: str = field("Качество")
    replaces: str | None = field("Взамен какого табеля")


@dataclass(frozen=True, kw_only=True)
class RegisterSubject:
    """A network subject over its columns."""

    title: str = field("Предмет")
    terms: tuple[str, ...] = field("Периоды")


@dataclass(frozen=True, kw_only=True)
class RegisterLine:
    """A pupil; `marks` stand in the order of the sheet's columns."""

    name: str = field("ФИО")
    marks: tuple[str, ...] = field("Отметки")
    decision: str = field("Решение педагогического совета", optional=True)


@dataclass(frozen=True, kw_only=True)
class RegisterSheet:
    """As many subjects as fit the width of a page."""

    subjects: tuple[RegisterSubject, ...] = field("Предметы")
    lines: tuple[RegisterLine, ...] = field("Обучающиеся")


@paper(
    code="T15",
    title="Сводная ведомость учёта успеваемости",
    template="documents/t15.html",
    landscape=True,
    keep_years=25,
    signers={},
)
@dataclass(frozen=True, kw_only=True)
class RegisterPaper:
    """The network subjects of a class: where each mark came from, who carried it, who verified it."""

    school_class: str = field("Класс")
    year: str = field("Учебный год")
    sheets: tuple[RegisterSheet, ...] = field("Отметки")
    sources: tuple[str, ...] = field("Откуда отметки")
    differences: tuple[str, ...] = field("Расхождения с табелями", optional=True)
