"""What stood in a cell before: old and new value, who changed it, when and why (3.8)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enrollment.models import Enrolment
from gradebook.cells import mark_text
from gradebook.enums import ATTENDANCE_LETTERS, AttendanceCode
from gradebook.models import Attendance, Lesson, Mark
from network_portal.accounts.models import User

NOTHING = "пусто"


@dataclass(frozen=True)
class Revision:
    """One change of a mark or of attendance; `who` is empty for the portal itself."""

    lesson: int
    enrolment: int
    what: str
    old: str
    new: str
    who: str
    at: datetime
    reason: str


def cell_history(lesson: Lesson, enrolment: Enrolment) -> list[Revision]:
    """Return the changes of a cell, the newest first; three queries."""
    return revisions_of([lesson.pk], [enrolment.pk])[::-1]


def revisions_of(lessons: Collection[int], enrolments: Collection[int]) -> list[Revision]:
    """Return the changes of many cells in the order of time; three queries."""
    marks = Mark.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # added by pghistory
        work__lesson__in=lessons, enrolment__in=enrolments
    ).select_related("work")
    codes = Attendance.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # added by pghistory
        lesson__in=lessons, enrolment__in=enrolments
    )
    rows: list[tuple[Any, int, str, str]] = [
        (
            event,
            event.work.lesson_id,
            f"{'Отметка' if event.work.no == 1 else f'Отметка {event.work.no}'}: {event.work}",
            _mark(event),
        )
        for event in marks.order_by("pgh_id")
    ]
    rows += ((event, event.lesson_id, "Посещаемость", _code(event)) for event in codes.order_by("pgh_id"))
    names = _names({event.pgh_context["user"] for event, *_ in rows if (event.pgh_context or {}).get("user")})
    before: dict[tuple[int, int, str], str] = {}
    revisions = []
    for event, lesson, what, value in rows:
        place = lesson, event.enrolment_id, what
        if value == before.get(place, NOTHING):
            continue
        context = event.pgh_context or {}
        revisions.append(
            Revision(
                lesson=lesson,
                enrolment=event.enrolment_id,
                what=what,
                old=before.get(place, NOTHING),
                new=value,
                who=names.get(context.get("user", 0), ""),
                at=event.pgh_created_at,
                reason=context.get("reason", ""),
            )
        )
        before[place] = value
    return sorted(revisions, key=lambda one: one.at)


def _mark(event: Any) -> str:
    return NOTHING if event.pgh_label == "delete" else mark_text(event.value)


def _code(event: Any) -> str:
    if event.pgh_label == "delete":
        return NOTHING
    return f"{ATTENDANCE_LETTERS[AttendanceCode(event.code)]}{event.minutes_late or ''}"


def _names(users: set[int]) -> dict[int, str]:
    return {user.pk: user.short_name for user in User.objects.filter(pk__in=users)}
