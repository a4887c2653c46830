"""The journal's grid as HTML, joined in Python: a template loop takes eight times as long for a thousand cells.

Everything that comes from a person goes through `escape`; ids and states are the portal's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from courses.enums import WorkType
from gradebook.enums import WORK_LETTERS, LessonState
from gradebook.means import mean_text
from gradebook.models import Lesson, Work
from gradebook.selectors.journal import JournalPage, Row
from network_portal.common.dates import ru_day
from network_portal.common.russian import NBSP

WEEKDAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")


def grid(page: JournalPage) -> SafeString:
    """Return the table of the month; a cell that may be typed into has the class «w»."""
    return mark_safe("".join(_table(page)))


def _table(page: JournalPage) -> Iterator[str]:
    yield '<table class="journal" data-journal><thead><tr><th scope="col" class="j-name">Обучающийся</th>'
    for lesson in page.lessons:
        yield _head(lesson, page.works[lesson.pk])
    yield '<th scope="col" class="j-sum">Средний<br>за месяц</th><th scope="col" class="j-sum">Пропуски</th>'
    yield "</tr></thead><tbody>"
    open_lessons = [
        page.writes and lesson.state != LessonState.CANCELLED and lesson.date <= page.today for lesson in page.lessons
    ]
    kinds = [
        "j-off" if lesson.state == LessonState.CANCELLED else "j-next" if lesson.date > page.today else ""
        for lesson in page.lessons
    ]
    for row in page.rows:
        yield from _line(row, open_lessons, kinds)
    yield "</tbody></table>"


def _head(lesson: Lesson, works: list[Work]) -> str:
    words = [", ".join([ru_day(lesson.date), *map(str, works)])]
    letters = "/".join(WORK_LETTERS[WorkType(work.kind)] for work in works)
    mark, kind = "", ""
    if lesson.state == LessonState.CANCELLED:
        words.append(f"отменено: {lesson.cancel_reason}")
        kind = " j-off"
    elif lesson.attendance_confirmed_at:
        words.append("посещаемость отмечена")
        mark = '<span class="j-done" aria-hidden="true">✓</span>'
    if lesson.topic:
        words.append(lesson.topic)
    title = escape("; ".join(words))
    return (
        f'<th scope="col" class="j-day{kind}" data-lesson="{lesson.pk}">'
        f'<a href="{reverse("lesson", args=[lesson.pk])}" title="{title}">'
        f'<span aria-hidden="true">{WEEKDAYS[lesson.date.weekday()]}<b>{lesson.date:%d.%m}</b>'
        f"{letters}{mark}</span>"
        f'<span class="visually-hidden">{title}</span></a></th>'
    )


def _line(row: Row, open_lessons: list[bool], kinds: list[str]) -> Iterator[str]:
    pupil = row.enrolment.student
    name = escape(pupil.short_name.replace(NBSP, " ", 1))
    sealed = f' class="j-sealed" title="Закрыто ведомостью №\u00a0{row.sealed}"' if row.sealed else ""
    yield (
        f'<tr data-enrolment="{row.enrolment.pk}"{sealed}><th scope="row" class="j-name">{name}'
        f"<small>{escape(row.enrolment.home.short_name)}, {escape(str(pupil.school_class))}</small></th>"
    )
    for cell, may_write, kind in zip(row.cells, open_lessons, kinds, strict=True):
        if cell is None:
            yield '<td class="j-none"><span class="visually-hidden">не обучался</span></td>'
        elif may_write and not row.sealed:
            yield f'<td class="w">{cell.text}</td>'
        else:
            yield f'<td class="{kind}">{cell.text}</td>' if kind else f"<td>{cell.text}</td>"
    yield f'<td class="j-sum" data-mean>{mean_text(row.mean)}</td>'
    yield f'<td class="j-sum" data-absences>{row.absences}</td></tr>'
