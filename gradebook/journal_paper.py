"""T13: a stretch of the journal as a paper, with every correction of it (S1-4.8b, 3.8)."""

from __future__ import annotations

from dataclasses import dataclass

from network_portal.documents.kinds import field, paper


@dataclass(frozen=True, kw_only=True)
class JournalDay:
    """The head of a column: «12.11» and the letters of the works."""

    date: str = field("Дата")
    works: str = field("Вид работы", optional=True)


@dataclass(frozen=True, kw_only=True)
class JournalLine:
    """A pupil; `cells` stand in the order of the sheet's days. `school` is empty in the home school's own copy."""

    name: str = field("Фамилия, имя")
    school: str = field("Школа", optional=True)
    school_class: str = field("Класс")
    cells: tuple[str, ...] = field("Отметки", optional=True)


@dataclass(frozen=True, kw_only=True)
class JournalSheet:
    """As many lessons as fit the width of a page."""

    days: tuple[JournalDay, ...] = field("Даты занятий")
    lines: tuple[JournalLine, ...] = field("Обучающиеся")


@dataclass(frozen=True, kw_only=True)
class JournalTotal:
    """What the period comes to for a pupil."""

    name: str = field("Фамилия, имя")
    school_class: str = field("Класс")
    mean: str = field("Средний взвешенный")
    absences: int = field("Пропущено занятий")
    mark: str = field("Отметка за период", optional=True)


@dataclass(frozen=True, kw_only=True)
class JournalLesson:
    """A lesson on the right spread; `no` counts the lessons of the period."""

    date: str = field("Дата")
    no: int = field("№ занятия")
    topic: str = field("Тема", optional=True)
    homework: str = field("Домашнее задание", optional=True)
    change: str = field("Замена, перенос", optional=True)
    filled: str = field("Заполнено", optional=True)


@dataclass(frozen=True, kw_only=True)
class JournalCorrection:
    """One record that was changed or removed after it had been made."""

    at: str = field("Когда исправлено")
    name: str = field("Обучающийся")
    date: str = field("Дата занятия")
    before: str = field("Было")
    after: str = field("Стало")
    who: str = field("Кто исправил", optional=True)
    reason: str = field("Основание", optional=True)


@paper(
    code="T13",
    title="Журнал сетевой группы",
    template="documents/t13.html",
    version=2,
    landscape=True,
    signers={},
)
@dataclass(frozen=True, kw_only=True)
class JournalPaper:
    """The journal of a group for a period; with `home`, the copy of that school with its own pupils only."""

    host: str = field("Принимающая школа")
    home: str | None = field("Школа обучающихся")
    group: str = field("Группа")
    course: str = field("Курс")
    teacher: str = field("Учитель")
    year: str = field("Учебный год")
    period: str = field("Период")
    planned: int = field("Занятий по плану")
    held: int = field("Проведено занятий")
    sheets: tuple[JournalSheet, ...] = field("Отметки и посещаемость", optional=True)
    totals: tuple[JournalTotal, ...] = field("Итоги", optional=True)
    lessons: tuple[JournalLesson, ...] = field("Темы занятий", optional=True)
    corrections: tuple[JournalCorrection, ...] = field("Исправления", optional=True)
