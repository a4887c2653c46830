"""What stands in the cells of the journal, and what follows from it for a pupil."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from courses.enums import Scale
from courses.policies import Policy
from enrollment.models import Enrolment
from gradebook.cells import Cell, cell_of
from gradebook.enums import ABSENCES, SCALE_VALUES, MarkValue
from gradebook.means import weighted_mean
from gradebook.models import CellComment, Work

EMPTY = Cell()
#: Values that enter a mean; the two of a pass/fail course do not (6.3).
COUNTED = frozenset(SCALE_VALUES[Scale.FIVE])


# Written by hand: the ORM takes six times as long to put the two halves together, and every page of a journal asks.
_ENTRIES = """
    SELECT work.lesson_id, mark.enrolment_id, work.no, mark.value, ''
    FROM gradebook_mark mark JOIN gradebook_work work ON work.id = mark.work_id
    WHERE work.lesson_id = ANY(%(lessons)s) AND mark.enrolment_id = ANY(%(enrolments)s)
    UNION ALL
    SELECT lesson_id, enrolment_id, 0, minutes_late, code
    FROM gradebook_attendance
    WHERE lesson_id = ANY(%(lessons)s) AND enrolment_id = ANY(%(enrolments)s)
"""


def entries_of(lessons: Collection[int], enrolments: Collection[int]) -> dict[tuple[int, int], Cell]:
    """Return what stands in the cells (lesson id, enrolment id), marks and attendance in one query."""
    if not lessons or not enrolments:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, {"lessons": list(lessons), "enrolments": list(enrolments)})
        return cells_from(cursor.fetchall())


def cells_from(rows: Iterable[tuple[int, int, int, Any, str]]) -> dict[tuple[int, int], Cell]:
    """Return the cells that stored values make.

    Args:
        rows: lesson, enrolment, number of the work, mark and an empty string; or, in the last two places, the minutes
            of a lateness and the code of attendance.
    """
    marks: dict[tuple[int, int], tuple[int | None, ...]] = {}
    codes: dict[tuple[int, int], tuple[str, int | None]] = {}
    for lesson, enrolment, no, value, code in rows:
        key = lesson, enrolment
        if code:
            codes[key] = code, value
        elif no == 1 and key not in marks:
            marks[key] = (value,)
        else:
            marks[key] = _placed(marks.get(key, ()), no, value)
    nothing: tuple[None, None] = (None, None)
    cells = {key: cell_of(given, *codes.pop(key, nothing)) for key, given in marks.items()}
    return cells | {key: cell_of((), *code) for key, code in codes.items()}


def _placed(marks: tuple[int | None, ...], no: int, value: int | None) -> tuple[int | None, ...]:
    before = (*marks[: no - 1], *(None,) * (no - 1 - len(marks)))
    return (*before, value, *marks[no:])


def comments_of(lessons: Collection[int], enrolments: Collection[int]) -> dict[tuple[int, int], str]:
    """Return the comments of the cells (lesson id, enrolment id)."""
    found = CellComment.objects.filter(lesson__in=lessons, enrolment__in=enrolments)
    return {(lesson, enrolment): text for lesson, enrolment, text in found.values_list("lesson", "enrolment", "text")}


def works_of(lessons: Collection[int]) -> dict[int, list[Work]]:
    """Return the works of lessons by lesson id, in their order."""
    works: dict[int, list[Work]] = {lesson: [] for lesson in lessons}
    sql = "SELECT * FROM gradebook_work WHERE lesson_id = ANY(%s) ORDER BY lesson_id, no"
    for work in Work.objects.raw(sql, [list(lessons)]):
        works[work.lesson_id].append(work)
    return works


def weights_of(works: Sequence[Work], policy: Policy) -> tuple[Decimal, ...]:
    """Return the weights of a lesson's works in their order."""
    return tuple(policy.weight(work.kind) for work in works)


def counted(cell: Cell, weights: Sequence[Decimal]) -> Iterator[tuple[int, Decimal]]:
    """Yield the marks of a cell that enter a mean, each with the weight of its work."""
    for value, weight in zip(cell.marks, weights, strict=False):
        if value in COUNTED:
            yield value, weight


def studied(enrolment: Enrolment, day: date) -> bool:
    """Tell whether the pupil belonged to the group on `day`; before and after «не обучался», never an absence."""
    return (
        enrolment.date_from is not None
        and enrolment.date_from <= day
        and (enrolment.date_to is None or day <= enrolment.date_to)
    )


@dataclass(frozen=True)
class Figures:
    """What a period comes to for a pupil: the weighted mean, how many marks and absences, how many «зачёт»."""

    mean: Decimal | None = None
    marks: int = 0
    absences: int = 0
    passed: int = 0


_FIGURES = """
    SELECT mark.enrolment_id, mark.value, work.kind
    FROM gradebook_mark mark
    JOIN gradebook_work work ON work.id = mark.work_id JOIN gradebook_lesson lesson ON lesson.id = work.lesson_id
    WHERE mark.enrolment_id = ANY(%(enrolments)s) AND lesson.date BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT attendance.enrolment_id, 0, attendance.code
    FROM gradebook_attendance attendance JOIN gradebook_lesson lesson ON lesson.id = attendance.lesson_id
    WHERE attendance.enrolment_id = ANY(%(enrolments)s) AND lesson.date BETWEEN %(first)s AND %(last)s
        AND attendance.code = ANY(%(absences)s)
"""


def figures_of(enrolments: Collection[int], first: date, last: date, policy: Policy) -> dict[int, Figures]:
    """Return the figures of pupils from the day `first` to `last` by enrolment id; one query."""
    pairs: dict[int, list[tuple[int, Decimal]]] = {pk: [] for pk in enrolments}
    given = dict.fromkeys(enrolments, 0)
    away = dict.fromkeys(enrolments, 0)
    passed = dict.fromkeys(enrolments, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIGURES,
            {
                "enrolments": list(enrolments),
                "first": first,
                "last": last,
                "absences": [code.value for code in ABSENCES],
            },
        )
        found = cursor.fetchall()
    for enrolment, value, word in found:
        if not value:
            away[enrolment] += 1
            continue
        given[enrolment] += 1
        passed[enrolment] += value == MarkValue.PASS
        if value in COUNTED:
            pairs[enrolment].append((value, policy.weight(word)))
    return {pk: Figures(weighted_mean(pairs[pk]), given[pk], away[pk], passed[pk]) for pk in enrolments}
