"""Reading the grid of a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery

from courses.models import StudyGroup
from courses.policies import policy_of
from enrollment.models import Enrolment
from gradebook import access
from gradebook.cells import Cell
from gradebook.enums import ABSENCES
from gradebook.means import weighted_mean
from gradebook.models import Lesson, MonthlyTransfer, Work
from gradebook.selectors.entries import EMPTY, counted, entries_of, studied, weights_of, works_of
from gradebook.selectors.months import Month, group_day
from schools.acting import Acting


@dataclass(frozen=True)
class Row:
    """One pupil's line of the grid; `cells` stand in the order of the lessons, None where the pupil did not study."""

    enrolment: Enrolment
    cells: list[Cell | None]
    mean: Decimal | None
    absences: int
    sealed: int | None


@dataclass(frozen=True)
class JournalPage:
    """The grid of one group and month as the acting person may see it."""

    group: StudyGroup
    month: Month
    months: list[Month]
    today: date
    lessons: list[Lesson]
    works: dict[int, list[Work]]
    rows: list[Row]
    writes: bool

    @property
    def seals(self) -> list[tuple[str, int]]:
        """The home schools whose month is sealed, each with the number of the paper."""
        found = {row.enrolment.home.short_name: row.sealed for row in self.rows if row.sealed}
        return sorted((school, number) for school, number in found.items() if number)


def journal_page(acting: Acting, group: StudyGroup, *, month: Month | None, at: datetime) -> JournalPage:
    """Return the grid of `group`, which the acting person's gate has let through; four queries whatever the size.

    Args:
        month: which one; None for the current month, or the nearest one of the course.
        at: the moment, which decides what lies in the future.
    """
    today = group_day(group, at)
    months = _months(group)
    if month not in months:
        month = min(max(Month.of(today), months[0], key=_order), months[-1], key=_order)
    first, last = month.days
    lessons = list(Lesson.objects.filter(group=group, date__range=(first, last)).order_by("date", "starts"))
    sealed = MonthlyTransfer.objects.filter(
        group=group, home=OuterRef("home"), year=month.year, month=month.month
    ).values("document__number")
    enrolments = list(
        access.enrolments_for(acting, group)
        .filter(Q(date_to=None) | Q(date_to__gte=first), date_from__lte=last)
        .select_related("student__school_class", "home")
        .annotate(sealed=Subquery(sealed))
        .order_by("student__sort_key", "pk")
    )
    cells = entries_of([lesson.pk for lesson in lessons], [enrolment.pk for enrolment in enrolments])
    works = works_of([lesson.pk for lesson in lessons])
    policy = policy_of(group.course.programme)
    columns = [(lesson.pk, lesson.date, weights_of(works[lesson.pk], policy)) for lesson in lessons]
    return JournalPage(
        group=group,
        month=month,
        months=months,
        today=today,
        lessons=lessons,
        works=works,
        rows=[_row(enrolment, columns, cells) for enrolment in enrolments],
        writes=access.writes(acting, group),
    )


def _row(
    enrolment: Enrolment, columns: list[tuple[int, date, tuple[Decimal, ...]]], found: dict[tuple[int, int], Cell]
) -> Row:
    cells: list[Cell | None] = []
    marks: list[tuple[int, Decimal]] = []
    absences = 0
    for lesson, day, weights in columns:
        cell = found.get((lesson, enrolment.pk))
        if cell is None:
            cells.append(EMPTY if studied(enrolment, day) else None)
            continue
        cells.append(cell)
        marks += counted(cell, weights)
        absences += cell.code in ABSENCES
    return Row(enrolment, cells, weighted_mean(marks), absences, enrolment.sealed)  # type: ignore[attr-defined]


def _months(group: StudyGroup) -> list[Month]:
    month, last = Month.of(group.course.date_from), Month.of(group.course.date_to)
    months = [month]
    while month != last:
        month = month.shifted(1)
        months.append(month)
    return months


def _order(month: Month) -> tuple[int, int]:
    return month.year, month.month
