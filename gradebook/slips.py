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
from network_portal.common.russian import nbsp


def slips_page(slips: Sequence[Slip], on: date) -> str:
    """Return the pages of pupils as one HTML document for print, each pupil on a page."""
    return "".join((_opening(), *_pages(slips, on), "</body></html>"))


@cache
def _opening() -> str:
    return render_to_string("documents/slips.html").split("</body>", 1)[0]


def _pages(slips: Sequence[Slip], on: date) -> Iterator[str]:
    terms = terms_on(slips)
    columns = "".join('<col class="term">' for _ in terms)
    names = "".join(f'<th scope="col">{term.label}</th>' for term in terms)
    head = (
        f'<table class="slip"><colgroup><col><col class="host">{columns}<col class="mean"><col class="few"></colgroup>'
        '<thead><tr><th scope="col">Курс</th><th scope="col">Где обучается</th>'
        f'{names}<th scope="col">Средний балл</th><th scope="col">Пропущено, ч.</th></tr></thead><tbody>'
    )
    day = ru_date(on)
    if not slips:
        yield "<p>Подписанных табелей ещё нет.</p>"
    for slip in slips:
        cards = ", ".join(dict.fromkeys(card for course in slip.courses for card in course.cards))
        yield (
            f'<section class="page"><h1>Табель обучающегося</h1><p class="who">{escape(slip.name)}, '
            f"{escape(slip.school_class)} класс, {_school(slip.school)}</p>"
            f'<p class="who">Сетевые курсы, {slip.year} учебный год</p>{head}'
        )
        for course in slip.courses:
            yield _row(course, terms)
        yield (
            f'</tbody></table><p class="small">По табелям принимающих школ {cards}. Напечатано {day}</p>'
            '<p class="sign">Классный руководитель</p><p class="sign">Подпись родителя</p></section>'
        )


@cache
def _school(name: str) -> str:
    return escape(nbsp(name))


def _row(course: SlipCourse, terms: list[Term]) -> str:
    marks = "".join(f"<td>{course.marks.get(term.value, NO_MARK)}</td>" for term in terms)
    return (
        f'<tr><th scope="row">{escape(course.title)}</th><td class="host">{_school(course.host)}</td>{marks}'
        f"<td>{course.mean}</td><td>{course.missed}</td></tr>"
    )
