"""Reading a child's diary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from enrollment.models import Enrolment
from gradebook import access
from gradebook.cells import Cell
from gradebook.enums import ABSENCES, WORK_WEIGHTS, LessonState, WorkType
from gradebook.means import mean_text, weighted_mean
from gradebook.models import Lesson
from gradebook.selectors.entries import EMPTY, entries_of, studied
from schools.acting import Acting


@dataclass(frozen=True)
class DiaryLesson:
    """A lesson in the diary with what the child got at it."""

    lesson: Lesson
    cell: Cell

    @property
    def weight(self) -> int:
        return WORK_WEIGHTS[WorkType(self.lesson.work_type)]


@dataclass(frozen=True)
class DiaryCourse:
    """A child's course: lessons up to today, the newest first, and the nearest one ahead."""

    enrolment: Enrolment
    lessons: list[DiaryLesson]
    following: Lesson | None
    mean: Decimal | None
    absences: int

    @property
    def mean_text(self) -> str:
        return mean_text(self.mean)


def diary(acting: Acting, today: date) -> list[DiaryCourse]:
    """Return the courses of the parent's own children; marks are there as soon as they are entered."""
    enrolments = list(
        access.diary_for(acting)
        .filter(date_from__isnull=False)
        .select_related("student", "group__course__programme__host", "group__teacher__user")
        .order_by("student__sort_key", "student", "group__course__programme__title")
    )
    by_group: dict[int, list[Lesson]] = {}
    latest = today + timedelta(days=31)
    for lesson in Lesson.objects.filter(group__in={e.group_id for e in enrolments}, date__lte=latest).order_by(
        "-date", "-starts"
    ):
        by_group.setdefault(lesson.group_id, []).append(lesson)
    ids = [lesson.pk for lessons in by_group.values() for lesson in lessons]
    cells = entries_of(ids, [enrolment.pk for enrolment in enrolments])
    return [_diary_course(enrolment, by_group.get(enrolment.group_id, []), cells, today) for enrolment in enrolments]


def _diary_course(
    enrolment: Enrolment, lessons: list[Lesson], cells: dict[tuple[int, int], Cell], today: date
) -> DiaryCourse:
    own = [lesson for lesson in lessons if studied(enrolment, lesson.date)]
    past = [DiaryLesson(one, cells.get((one.pk, enrolment.pk), EMPTY)) for one in own if one.date <= today]
    ahead = [one for one in own if one.date > today and one.state != LessonState.CANCELLED]
    return DiaryCourse(
        enrolment=enrolment,
        lessons=past,
        following=ahead[-1] if ahead else None,
        mean=weighted_mean((item.cell.mark, item.weight) for item in past if item.cell.mark),
        absences=sum(item.cell.code in ABSENCES for item in past),
    )
