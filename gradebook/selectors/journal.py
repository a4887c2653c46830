"""Reading the grid of a period: plain rows of the database, no models, four statements whatever the size."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from courses.models import StudyGroup
from courses.policies import Policy, policy_of
from gradebook import access
from gradebook.cells import Cell
from gradebook.enums import ABSENCES, LessonState
from gradebook.means import weighted_mean
from gradebook.models import MonthlyTransfer
from gradebook.selectors.entries import COUNTED, EMPTY, entries_of
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.periods import Period, period_of
from gradebook.selectors.transfers import due_day
from network_portal.accounts.models import User
from network_portal.common import russian
from network_portal.common.prepared import Prepared
from schools.acting import Acting
from schools.enums import Role
from schools.models import Duty

#: How many days before a month is handed over its teacher is told.
SOON = timedelta(days=2)


@dataclass(frozen=True)
class Column:
    """A lesson as the head of a column; `works` are the kinds of what its marks are given for.

    `comments` has the words to pupils by the id of the enrolment; None where there are none.
    """

    pk: int
    date: date
    cancelled: str
    topic: str
    confirmed: bool
    remote: bool
    works: list[str]
    comments: dict[str, str] | None

    @property
    def month(self) -> tuple[int, int]:
        return self.date.year, self.date.month


@dataclass(frozen=True)
class Row:
    """One pupil's line of the grid; `cells` stand in the order of the lessons, None where the pupil did not study.

    `comments` stand by the place of their cell; `seals` has the number of the paper by the sealed month.
    """

    pk: int
    name: str
    school: str
    school_class: str
    cells: list[Cell | None]
    mean: Decimal | None
    absences: int
    comments: dict[int, str]
    seals: dict[tuple[int, int], int]


@dataclass(frozen=True)
class Closing:
    """A month that is about to be handed over to schools: then its records are closed."""

    month: Month
    due: date
    schools: list[str]


@dataclass(frozen=True)
class JournalPage:
    """The grid of one group and period as the acting person may see it."""

    group: StudyGroup
    period: Period
    today: date
    columns: list[Column]
    rows: list[Row]
    closing: Closing | None
    writes: bool
    policy: Policy = field(repr=False)

    @property
    def seals(self) -> list[tuple[str, tuple[int, int], int]]:
        """The sealed months: home school, month, number of the paper."""
        return sorted({(row.school, month, number) for row in self.rows for month, number in row.seals.items()})

    @property
    def latest(self) -> Column | None:
        """The lesson that a roll call is most likely about: the last one that has come."""
        past = [column for column in self.columns if column.date <= self.today and not column.cancelled]
        return past[-1] if past else None


def journal_page(acting: Acting, group: StudyGroup, *, key: str, at: datetime) -> JournalPage:
    """Return the grid of `group`, which the acting person's gate has let through.

    Args:
        key: which period, as `periods.Period` has it; anything else is the current month.
        at: the moment, which decides what lies in the future.
    """
    today = group_day(group, at)
    period = period_of(group, key, today)
    policy = policy_of(group.course.programme)
    columns = _columns(group, period)
    everyone = _pupils(acting, group)
    pupils = [row for row in everyone if _studied(row, period.first, period.last)]
    cells = entries_of([column.pk for column in columns], [pupil["pk"] for pupil in pupils])
    return JournalPage(
        group=group,
        period=period,
        today=today,
        columns=columns,
        rows=[_row(pupil, columns, cells, policy) for pupil in pupils],
        closing=_closing(group, everyone, today),
        writes=access.writes(acting, group),
        policy=policy,
    )


# Written by hand: the same reads take the ORM six times as long to put together, every time.
_COLUMNS = """
    SELECT lesson.id, lesson.date, CASE WHEN lesson.state = %(cancelled)s THEN lesson.cancel_reason ELSE '' END,
        lesson.topic, lesson.attendance_confirmed_at IS NOT NULL,
        EXISTS (SELECT FROM gradebook_remotelesson remote WHERE remote.lesson_id = lesson.id),
        ARRAY (SELECT work.kind FROM gradebook_work work WHERE work.lesson_id = lesson.id ORDER BY work.no),
        (
            SELECT json_object_agg(comment.enrolment_id, comment.text)
            FROM gradebook_cellcomment comment WHERE comment.lesson_id = lesson.id
        )
    FROM gradebook_lesson lesson
    WHERE lesson.group_id = %(group)s AND lesson.date BETWEEN %(first)s AND %(last)s
    ORDER BY lesson.date, lesson.starts
"""


def _columns(group: StudyGroup, period: Period) -> list[Column]:
    with connection.cursor() as cursor:
        cursor.execute(
            _COLUMNS,
            {"cancelled": LessonState.CANCELLED.value, "group": group.pk, "first": period.first, "last": period.last},
        )
        return [Column(*row) for row in cursor.fetchall()]


def _pupils(acting: Acting, group: StudyGroup) -> list[dict[str, Any]]:
    """The pupils whom the acting person sees, in the order of their names."""
    reader = None if access.hosts(acting, group) else acting.role
    return _rows_of(reader).ask(group.pk, acting.organisation_id or 0)


def _studied(pupil: dict[str, Any], first: date, last: date) -> bool:
    return bool(pupil["date_from"] <= last and (pupil["date_to"] or date.max) >= first)


def _closing(group: StudyGroup, pupils: list[dict[str, Any]], today: date) -> Closing | None:
    """The month before this one when its day of handing over is near, and the schools that have not got it."""
    month = Month.of(today).shifted(-1)
    due = due_day(group, month)
    if not today <= due <= today + SOON:
        return None
    schools = {
        pupil["home__short_name"]
        for pupil in pupils
        if _studied(pupil, *month.days)
        and not any((seal["year"], seal["month"]) == (month.year, month.month) for seal in pupil["seals"])
    }
    return Closing(month, due, sorted(schools)) if schools else None


@cache
def _rows_of(role: Role | None) -> Prepared[Any]:
    """Return the query of all pupils of a journal for a role of home schools; with None, for the host."""

    def build(group: int, organisation: int) -> QuerySet[Any]:
        reader = Acting(User(), role, Duty(organisation_id=organisation)) if role else None
        transfers = (
            MonthlyTransfer.objects.filter(group=OuterRef("group"), home=OuterRef("home"))
            .order_by("pk")
            .values(seal=JSONObject(year="year", month="month", number="document__number"))
        )
        return (
            access.enrolments_of(group, reader)
            .filter(date_from__isnull=False)
            .annotate(seals=ArraySubquery(transfers))
            .order_by("student__sort_key", "pk")
            .values(
                "pk",
                "date_from",
                "date_to",
                "seals",
                "home__short_name",
                "student__last_name",
                "student__first_name",
                "student__patronymic",
                "student__school_class__grade",
                "student__school_class__letter",
            )
        )

    return Prepared(build)


def _row(pupil: dict[str, Any], columns: list[Column], found: dict[tuple[int, int], Cell], policy: Policy) -> Row:
    pk, first, last = pupil["pk"], pupil["date_from"], pupil["date_to"] or date.max
    grade, letter = pupil["student__school_class__grade"], pupil["student__school_class__letter"]
    cells: list[Cell | None] = []
    marks: dict[tuple[int, str], int] = {}
    absences = 0
    for column in columns:
        cell = found.get((column.pk, pk))
        if cell is None:
            cells.append(EMPTY if first <= column.date <= last else None)
            continue
        cells.append(cell)
        for value, kind in zip(cell.marks, column.works, strict=False):
            if value in COUNTED:
                marks[value, kind] = marks.get((value, kind), 0) + 1
        absences += cell.code in ABSENCES
    return Row(
        pk=pk,
        name=russian.fio_short(pupil["student__last_name"], pupil["student__first_name"], pupil["student__patronymic"]),
        school=pupil["home__short_name"],
        school_class=f"{grade}{russian.NBSP}«{letter}»",
        cells=cells,
        mean=weighted_mean((value, policy.weight(kind) * count) for (value, kind), count in marks.items()),
        absences=absences,
        comments={
            place: column.comments[str(pk)]
            for place, column in enumerate(columns)
            if column.comments and str(pk) in column.comments
        },
        seals={(seal["year"], seal["month"]): seal["number"] for seal in pupil["seals"]},
    )
