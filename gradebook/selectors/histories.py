"""What stood in a cell before: old and new value, who changed it, when and why (3.8)."""

from __future__ import annotations

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

    what: str
    old: str
    new: str
    who: str
    at: datetime
    reason: str


def cell_history(lesson: Lesson, enrolment: Enrolment) -> list[Revision]:
    """Return the changes of a cell, the newest first; three queries."""
    marks = Mark.pgh_event_model.objects.filter(work__lesson=lesson, enrolment=enrolment).select_related("work")  # type: ignore[attr-defined]  # added by pghistory
    codes = Attendance.pgh_event_model.objects.filter(lesson=lesson, enrolment=enrolment)  # type: ignore[attr-defined]  # added by pghistory
    rows: list[tuple[Any, str, str]] = [
        (event, f"{'Отметка' if event.work.no == 1 else f'Отметка {event.work.no}'}: {event.work}", _mark(event))
        for event in marks.order_by("pgh_id")
    ]
    rows += ((event, "Посещаемость", _code(event)) for event in codes.order_by("pgh_id"))
    names = _names({event.pgh_context["user"] for event, _, _ in rows if (event.pgh_context or {}).get("user")})
    before: dict[str, str] = {}
    revisions = []
    for event, what, value in rows:
        context = event.pgh_context or {}
        revisions.append(
            Revision(
                what=what,
                old=before.get(what, NOTHING),
                new=value,
                who=names.get(context.get("user", 0), ""),
                at=event.pgh_created_at,
                reason=context.get("reason", ""),
            )
        )
        before[what] = value
    return sorted(revisions, key=lambda one: one.at, reverse=True)


def _mark(event: Any) -> str:
    return NOTHING if event.pgh_label == "delete" else mark_text(event.value)


def _code(event: Any) -> str:
    if event.pgh_label == "delete":
        return NOTHING
    return f"{ATTENDANCE_LETTERS[AttendanceCode(event.code)]}{event.minutes_late or ''}"


def _names(users: set[int]) -> dict[int, str]:
    return {user.pk: user.short_name for user in User.objects.filter(pk__in=users)}
