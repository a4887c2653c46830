"""The journal's grid as HTML, joined in Python: a template loop takes eight times as long for a thousand cells.

Everything that comes from a person goes through `escape`; ids, dates and the texts of cells are the portal's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from courses.enums import WorkType
from gradebook.enums import WORK_LETTERS
from gradebook.means import mean_text
from gradebook.selectors.journal import Column, JournalPage, Row
from network_portal.common.dates import month_name, ru_day
from network_portal.common.russian import NBSP

WEEKDAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
OPEN, SEALED = "w", "j-sealed"
NOT_STUDIED = '<td class="j-none"><span class="visually-hidden">не обучался</span></td>'


def grid(page: JournalPage) -> SafeString:
    """Return the table of the period; a cell that may be typed into has the class «w»."""
    return mark_safe("".join(_table(page)))


def _table(page: JournalPage) -> Iterator[str]:
    words = "за месяц" if page.period.of_a_month else "за период"
    yield '<table class="journal"><thead><tr><th scope="col" class="j-name">Обучающийся</th>'
    lesson_url = reverse("lesson", args=[0]).removesuffix("0/")
    kinds = []
    month = None
    for column in page.columns:
        first = month is not None and column.month != month
        month = column.month
        yield _head(column, lesson_url, " j-month" if first else "")
        kinds.append(_kind(column, page) + (" j-month" if first else ""))
    yield f'<th scope="col" class="j-sum">Средний<br>{words}</th><th scope="col" class="j-sum">Пропуски</th>'
    yield "</tr></thead><tbody>"
    plain = [_opening(kind) for kind in kinds]
    months = [column.month for column in page.columns]
    for row in page.rows:
        starts = plain
        if row.seals:
            sealed = row.seals
            starts = [
                _opening(_sealed(kind)) if one in sealed else start
                for kind, one, start in zip(kinds, months, plain, strict=True)
            ]
        yield from _line(row, starts)
    yield "</tbody></table>"


def _kind(column: Column, page: JournalPage) -> str:
    if column.cancelled:
        return "j-off"
    if column.date > page.today:
        return "j-next"
    return OPEN if page.writes else ""


def _sealed(kind: str) -> str:
    return f"{SEALED} {kind.removeprefix(OPEN).strip()}".strip()


def _opening(kind: str) -> str:
    kind = kind.strip()
    return f'<td class="{kind}">' if kind else "<td>"


def _commented(opening: str, comment: str | None) -> str:
    return f'{opening[:-1]} title="{escape(comment)}" data-comment>' if comment else opening


def _head(column: Column, lesson_url: str, first: str) -> str:
    works = [WorkType(kind) for kind in column.works]
    words = [ru_day(column.date), *(work.label for work in works)]
    mark, kind = "", first
    if column.cancelled:
        words.append(f"отменено: {column.cancelled}")
        kind += " j-off"
    elif column.confirmed:
        words.append("посещаемость отмечена")
        mark = '<span class="j-done">✓</span>'
    if column.remote:
        words.append("дистанционно")
    if column.topic:
        words.append(column.topic)
    title = escape(", ".join(words))
    letters = "/".join(WORK_LETTERS[work] for work in works)
    return (
        f'<th scope="col" class="j-day{kind}" data-lesson="{column.pk}">'
        f'<a href="{lesson_url}{column.pk}/" title="{title}">'
        f'<span aria-hidden="true">{WEEKDAYS[column.date.weekday()]}<b>{column.date:%d.%m}</b>{letters}{mark}</span>'
        f'<span class="visually-hidden">{title}</span></a></th>'
    )


def _line(row: Row, starts: list[str]) -> Iterator[str]:
    seals = "; ".join(
        f"{month_name(month)} закрыт ведомостью №{NBSP}{number}" for (_, month), number in sorted(row.seals.items())
    )
    note = f'<span class="visually-hidden">{seals}</span>' if seals else ""
    yield (
        f'<tr data-enrolment="{row.pk}"><th scope="row" class="j-name">{escape(row.name.replace(NBSP, " ", 1))}'
        f"<small>{escape(row.school)}, {escape(row.school_class)}</small>{note}</th>"
    )
    if row.comments:
        starts = [_commented(start, row.comments.get(place)) for place, start in enumerate(starts)]
    for cell, start in zip(row.cells, starts, strict=True):
        yield NOT_STUDIED if cell is None else f"{start}{cell.text}</td>"
    yield f'<td class="j-sum" data-mean>{mean_text(row.mean)}</td>'
    yield f'<td class="j-sum" data-absences>{row.absences}</td></tr>'
