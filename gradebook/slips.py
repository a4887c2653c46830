"""Pages for families as HTML, joined in Python: a template takes ten times as long for a thousand of them.

Everything that comes from a person goes through `escape`. One file holds the pages of a class: the fonts and the
layout engine are set up once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from django.template.loader import render_to_string
from django.utils.html import escape

from gradebook.cells import NO_MARK
from gradebook.enums import Term
from gradebook.selectors.slips import Slip, SlipCourse, terms_on
from network_portal.common.dates import ru_date
from network_portal.common.russian import NBSP, nbsp

_LABELS = {term: str(term.label).replace(" ", NBSP) for term in Term}


def slips_page(slips: Sequence[Slip], on: date) -> str:
    """Return the pages of pupils as one HTML document for print, each pupil on a page."""
    return "".join((_opening(), *_pages(slips, on), "</body></html>"))


@cache
def _opening() -> str:
    return render_to_string("documents/slips.html").split("</body>", 1)[0]


def _pages(slips: Sequence[Slip], on: date) -> Iterator[str]:
    """Yield the pages; each course is two lines: a table costs the layout three times as much."""
    terms, day = terms_on(slips), ru_date(on)
    if not slips:
        yield "<p>Подписанных табелей ещё нет.</p>"
    for slip in slips:
        cards = ", ".join(dict.fromkeys(card for course in slip.courses for card in course.cards))
        yield (
            f'<section class="page"><h1>Табель обучающегося</h1><p>{escape(slip.name)}, {escape(slip.school_class)} '
            f"класс, {_school(slip.school)}</p><p>Сетевые курсы, {slip.year} учебный год</p>"
        )
        for course in slip.courses:
            yield f'<h2>{escape(course.title)}, {_school(course.host)}</h2><p class="marks">{_marks(course, terms)}</p>'
        yield (
            f'<p class="small">По табелям принимающих школ {cards}. Напечатано {day}</p>'
            '<p class="sign">Классный руководитель</p><p class="sign">Подпись родителя</p></section>'
        )


def _marks(course: SlipCourse, terms: list[Term]) -> str:
    marks = "; ".join(f"{_LABELS[term]}: {course.marks.get(term.value, NO_MARK)}" for term in terms)
    return f"{marks}; средний балл {course.mean}; пропущено {course.missed}{NBSP}ч."


@cache
def _school(name: str) -> str:
    return escape(nbsp(name))
