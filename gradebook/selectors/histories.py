"""What stood in a cell before: old and new value, who changed it, when and why (3.8)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enrollment.models import Enrolment
from gradebook.cells import mark_text
from gradebook.enums import ATTENDANCE_LETTERS, AttendanceCode
from gradebook.models import Attendance, CellComment, Lesson, Mark
from network_portal.accounts.models import User

NOTHING = "пусто"
#: What the history of a row recorded: the event, the lesson's id, what it is a value of, the value in words.
Value = tuple[Any, int, str, str]


@dataclass(frozen=True)
class Revision:
    """One change of a mark, of attendance or of a comment; `who` is empty for the portal itself."""

    lesson: int
    enrolment: int
    what: str
    old: str
    new: str
    who: str
    at: datetime
    reason: str


def cell_history(lesson: Lesson, enrolment: Enrolment) -> list[Revision]:
    """Return the changes of a cell and of its comment, the newest first; four queries."""
    comments = CellComment.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # added by pghistory
        lesson=lesson.pk, enrolment=enrolment.pk
    )
    said = [(event, lesson.pk, "Комментарий", _said(event)) for event in comments.order_by("pgh_id")]
    return _revisions([*_values([lesson.pk], [enrolment.pk]), *said])[::-1]


def revisions_of(lessons: Collection[int], enrolments: Collection[int]) -> list[Revision]:
    """Return the changes of marks and attendance in many cells in the order of time; three queries."""
    return _revisions(_values(lessons, enrolments))


def _values(lessons: Collection[int], enrolments: Collection[int]) -> list[Value]:
    marks = Mark.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # added by pghistory
        work__lesson__in=lessons, enrolment__in=enrolments
    ).select_related("work")
    codes = Attendance.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # added by pghistory
        lesson__in=lessons, enrolment__in=enrolments
    )
    rows: list[Value] = [
        (
            event,
            event.work.lesson_id,
            f"{'Отметка' if event.work.no == 1 else f'Отметка {event.work.no}'}: {event.work}",
            _mark(event),
        )
        for event in marks.order_by("pgh_id")
    ]
    rows += ((event, event.lesson_id, "Посещаемость", _code(event)) for event in codes.order_by("pgh_id"))
    return rows


def _revisions(rows: Collection[Value]) -> list[Revision]:
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


def _said(event: Any) -> str:
    return NOTHING if event.pgh_label == "delete" else str(event.text)


def _names(users: set[int]) -> dict[int, str]:
    return {user.pk: user.short_name for user in User.objects.filter(pk__in=users)}
