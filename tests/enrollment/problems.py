"""Small problems of the forming of groups, built by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from enrollment.allocation import Application, Group, Problem, Pupil, Wish
from enrollment.clashes import Lesson

AT = datetime(2026, 8, 24, 13, 0, tzinfo=UTC)


FIRST, LAST = date(2026, 9, 1), date(2027, 5, 31)


def lesson(weekday: int, hour: int = 15) -> Lesson:
    return Lesson(weekday, hour * 60, hour * 60 + 60, FIRST, LAST)


def group(key: int, capacity: int = 10, min_size: int = 0, weekday: int = 0, **fields: Any) -> Group:
    """A group of a course and a programme of its own; without a weekday it has no timetable."""
    values = {"course": key, "programme": key, "host": 1, "lessons": (lesson(weekday),) if weekday else ()} | fields
    return Group(key=key, capacity=capacity, min_size=min_size, **values)


def applied(
    key: int, *courses: int, minute: int | None = None, pupil: int | None = None, late: bool = False
) -> Application:
    when = AT + timedelta(minutes=key if minute is None else minute)
    return Application(key, key if pupil is None else pupil, tuple(Wish(c, when, late) for c in courses), number=key)


def problem(groups: list[Group], applications: list[Application], **fields: Any) -> Problem:
    pupils = fields.pop("pupils", None) or tuple(Pupil(key, 1) for key in sorted({one.pupil for one in applications}))
    return Problem(tuple(groups), pupils, tuple(applications), **fields)
