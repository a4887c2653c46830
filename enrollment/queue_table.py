"""The rows of the school's queue of applications as HTML, joined in Python: a template loop takes ten times as long.

Everything that comes from a person goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from enrollment.models import Application
from enrollment.selectors.applications import Wish
from network_portal.common.dates import ru_moment
from network_portal.common.russian import nbsp, plural


def queue_rows(rows: Iterable[tuple[Application, str]], wishes: dict[int, list[Wish]]) -> SafeString:
    """Return a row of the table for each application with the tone of its state; `wishes` as `wishes_of` gives them."""
    return mark_safe("".join(_row(application, tone, wishes[application.pk]) for application, tone in rows))


def _row(application: Application, tone: str, wishes: list[Wish]) -> str:
    student, paper = application.student, application.document
    return (
        f'<tr><td data-label="Номер">{f"№&nbsp;{paper.number}" if paper else ""}</td>'
        f'<td data-label="Подано">{ru_moment(application.registered_at)}</td>'
        f'<th scope="row" data-label="Ребёнок"><a href="{reverse("application", args=[application.pk])}">'
        f"{nbsp(escape(student.full_name))}</a></th>"
        f'<td data-label="Класс">{escape(str(student.school_class))}</td>'
        f'<td data-label="Курс">{_wishes(wishes)}</td>'
        f'<td data-label="Состояние"><span class="state state-{tone}">{application.get_state_display()}</span></td>'
        "</tr>"
    )


def _wishes(wishes: list[Wish]) -> str:
    if not wishes:
        return ""
    more = len(wishes) - 1
    words = f"и ещё {more} {plural(more, 'запасной,запасных,запасных')}"
    first = f'{escape(wishes[0].title)} <span class="muted">({_school(wishes[0].host)})</span>'
    return f'{first} <span class="muted">{words}</span>' if more else first


@lru_cache(maxsize=1000)
def _school(short_name: str) -> str:
    return nbsp(escape(short_name))
