"""The cards of the public catalogue as HTML, joined in Python: a template loop takes most of the page's time.

Everything that comes from a person goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from courses.enums import StudyForm
from courses.selectors import CatalogueRow
from network_portal.common.russian import nbsp

FORMS = dict(StudyForm.choices)


def cards(rows: Iterable[CatalogueRow]) -> SafeString:
    """Return a card for each course."""
    return mark_safe("".join(map(_card, rows)))


def _card(row: CatalogueRow) -> str:
    course, programme = row.course, row.course.programme
    tone, state = _badge(row)
    slots = "; ".join(f'<span class="text-nowrap">{slot}</span>' for slot in row.slots)
    return (
        '<article class="card-row"><div class="card-row-head">'
        f'<h2 class="h3 card-row-title"><a href="{_address(course.pk)}">'
        f"{escape(programme.title)}</a></h2>"
        f'<span class="state state-{tone}">{state}</span></div>'
        f'<p class="card-row-meta">{escape(programme.subject)}, {_grades(programme.grade_from, programme.grade_to)}, '
        f"{programme.hours_total}&nbsp;ч.</p>"
        f"<p>{nbsp(escape(programme.host.short_name))}, {FORMS[course.form]}</p>"
        f"<p>{slots or 'Расписание уточняется'}</p>"
        f"<p>Свободно мест: <strong>{row.seats_free}</strong> из {course.seats}"
        f"{f', {row.window}' if row.open else ''}</p></article>"
    )


@lru_cache(maxsize=10_000)
def _address(pk: int) -> str:
    return reverse("catalogue_course", args=[pk])


def _badge(row: CatalogueRow) -> tuple[str, str]:
    if not row.open:
        return "neutral", row.window
    return ("good", "идёт приём") if row.seats_free else ("warn", "мест нет, лист ожидания")


def _grades(first: int, last: int) -> str:
    return f"{first} класс" if first == last else f"{first}–{last} классы"
