"""Filters of sealed packages, on pages and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from courses.enums import WorkType
from gradebook import package
from network_portal.common.dates import ru_day

register = template.Library()
register.filter("line_name", package.full_name)
register.filter("mean_words", package.mean_words)
register.filter("sheet_mark", package.mark_text)
register.filter("sheet_code", package.code_text)
register.filter("sheet_weight", package.weight_text)


@register.filter
def held_dates(lessons: Iterable[Mapping[str, Any]]) -> str:
    """Return the days of the lessons: «05.11, 12.11»."""
    return ", ".join(ru_day(lesson["date"])[:5] for lesson in lessons)


@register.filter
def mark_list(marks: Iterable[Mapping[str, Any]]) -> str:
    """Return marks with day, kind and weight: «5 (12.11, контрольная работа, вес 3)»."""
    return "; ".join(
        f"{package.mark_text(mark)} ({ru_day(mark['date'])[:5]}, {WorkType(mark['work_type']).label}, "
        f"вес {package.weight_text(mark)})"
        for mark in marks
    )


@register.filter
def marks_by_kind(marks: Iterable[Mapping[str, Any]]) -> str:
    """Return a month's marks with their days, each kind of work named once: «зачёт, вес 3: 5 (12), 4 (26)»."""
    found: dict[tuple[str, str], list[str]] = {}
    for mark in marks:
        kind = (mark["work_type"], package.weight_text(mark))
        found.setdefault(kind, []).append(f"{package.mark_text(mark)}\u00a0({int(mark['date'][-2:])})")
    return "; ".join(
        f"{WorkType(kind).label}, вес {weight}: {', '.join(written)}" for (kind, weight), written in found.items()
    )
