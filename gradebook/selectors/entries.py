"""What stands in the cells of the journal, and what follows from it for a pupil."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import CharField, F, IntegerField, Q, Value
from django.db.models.functions import Cast

from enrollment.models import Enrolment
from gradebook.cells import Cell, cell_of
from gradebook.enums import ABSENCES, WORK_WEIGHTS, WorkType
from gradebook.means import weighted_mean
from gradebook.models import Attendance, Mark
from gradebook.selectors.months import Month

EMPTY = Cell()


def entries_of(lessons: list[int], enrolments: list[int]) -> dict[tuple[int, int], Cell]:
    """Return what stands in the cells (lesson id, enrolment id), marks and attendance in one query."""
    if not lessons or not enrolments:
        return {}
    chosen = Q(lesson_id__in=lessons, enrolment_id__in=enrolments)
    marks = (
        Mark.objects.filter(chosen)
        .annotate(what=Cast("value", IntegerField()), code_=Value("", CharField()))
        .values_list("lesson_id", "enrolment_id", "what", "code_")
    )
    absences = (
        Attendance.objects.filter(chosen)
        .annotate(what=Value(0, IntegerField()), code_=F("code"))
        .values_list("lesson_id", "enrolment_id", "what", "code_")
    )
    cells: dict[tuple[int, int], Cell] = {}
    for lesson, enrolment, value, code in marks.union(absences, all=True):
        before = cells.get((lesson, enrolment), EMPTY)
        cells[lesson, enrolment] = cell_of(value or before.mark, code or before.code)
    return cells


def studied(enrolment: Enrolment, day: date) -> bool:
    """Tell whether the pupil belonged to the group on `day`; before and after «не обучался», never an absence."""
    return (
        enrolment.date_from is not None
        and enrolment.date_from <= day
        and (enrolment.date_to is None or day <= enrolment.date_to)
    )


def month_figures(enrolment: Enrolment, month: Month) -> tuple[Decimal | None, int]:
    """Return the weighted mean of the pupil's marks of the month and the number of absences."""
    marks = Mark.objects.filter(enrolment=enrolment, lesson__date__range=month.days)
    pairs = [(value, WORK_WEIGHTS[WorkType(work)]) for value, work in marks.values_list("value", "lesson__work_type")]
    absences = Attendance.objects.filter(enrolment=enrolment, lesson__date__range=month.days, code__in=ABSENCES)
    return weighted_mean(pairs), absences.count()
