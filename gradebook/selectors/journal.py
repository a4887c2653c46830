"""Reading the grid of a period: plain rows of the database, no models, four statements whatever the size."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject

from courses.models import StudyGroup
from courses.policies import Policy, policy_of
from gradebook import access
from gradebook.cells import Cell
from gradebook.enums import ABSENCES, LessonState
from gradebook.means import weighted_mean
from gradebook.models import Lesson, MonthlyTransfer, RemoteLesson, Work
from gradebook.selectors.entries import COUNTED, EMPTY, entries_of
from gradebook.selectors.months import group_day
from gradebook.selectors.periods import Period, period_of
from network_portal.common import russian
from schools.acting import Acting


@dataclass(frozen=True)
class Column:
    """A lesson as the head of a column; `works` are the kinds of what its marks are given for."""

    pk: int
    date: date
    cancelled: str
    topic: str
    confirmed: bool
    remote: bool
    works: tuple[str, ...]

    @property
    def month(self) -> tuple[int, int]:
        return self.date.year, self.date.month


@dataclass(frozen=True)
class Row:
    """One pupil's line of the grid; `cells` stand in the order of the lessons, None where the pupil did not study.

    `seals` has the number of the paper by the sealed month.
    """

    pk: int
    name: str
    school: str
    school_class: str
    cells: list[Cell | None]
    mean: Decimal | None
    absences: int
    seals: dict[tuple[int, int], int]


@dataclass(frozen=True)
class JournalPage:
    """The grid of one group and period as the acting person may see it."""

    group: StudyGroup
    period: Period
    today: date
    columns: list[Column]
    rows: list[Row]
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
    pupils = _pupils(acting, group, period)
    cells = entries_of([column.pk for column in columns], [pupil["pk"] for pupil in pupils])
    weights = [(column, tuple(policy.weight(kind) for kind in column.works)) for column in columns]
    return JournalPage(
        group=group,
        period=period,
        today=today,
        columns=columns,
        rows=[_row(pupil, weights, cells) for pupil in pupils],
        writes=access.writes(acting, group),
        policy=policy,
    )


def _columns(group: StudyGroup, period: Period) -> list[Column]:
    works = Work.objects.filter(lesson=OuterRef("pk")).order_by("no")
    found = (
        Lesson.objects.filter(group=group, date__range=(period.first, period.last))
        .annotate(
            kinds=ArraySubquery(works.values("kind")),
            remote_=Exists(RemoteLesson.objects.filter(lesson=OuterRef("pk"))),
        )
        .order_by("date", "starts")
        .values_list("pk", "date", "state", "cancel_reason", "topic", "attendance_confirmed_at", "remote_", "kinds")
    )
    return [
        Column(
            pk,
            day,
            reason if state == LessonState.CANCELLED else "",
            topic,
            confirmed is not None,
            remote,
            tuple(kinds),
        )
        for pk, day, state, reason, topic, confirmed, remote, kinds in found
    ]


def _pupils(acting: Acting, group: StudyGroup, period: Period) -> list[dict[str, Any]]:
    transfers = MonthlyTransfer.objects.filter(group=OuterRef("group"), home=OuterRef("home")).values(
        seal=JSONObject(year="year", month="month", number="document__number")
    )
    return list(
        access.enrolments_for(acting, group)
        .filter(Q(date_to=None) | Q(date_to__gte=period.first), date_from__lte=period.last)
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


def _row(
    pupil: dict[str, Any],
    columns: list[tuple[Column, tuple[Decimal, ...]]],
    found: dict[tuple[int, int], Cell],
) -> Row:
    pk, first, last = pupil["pk"], pupil["date_from"], pupil["date_to"] or date.max
    grade, letter = pupil["student__school_class__grade"], pupil["student__school_class__letter"]
    cells: list[Cell | None] = []
    marks: Counter[tuple[int, Decimal]] = Counter()
    absences = 0
    for column, weights in columns:
        cell = found.get((column.pk, pk))
        if cell is None:
            cells.append(EMPTY if first <= column.date <= last else None)
            continue
        cells.append(cell)
        for value, weight in zip(cell.marks, weights, strict=False):
            if value in COUNTED:
                marks[value, weight] += 1
        absences += cell.code in ABSENCES
    return Row(
        pk=pk,
        name=russian.fio_short(pupil["student__last_name"], pupil["student__first_name"], pupil["student__patronymic"]),
        school=pupil["home__short_name"],
        school_class=f"{grade}{russian.NBSP}«{letter}»",
        cells=cells,
        mean=weighted_mean((value, weight * count) for (value, weight), count in marks.items()),
        absences=absences,
        seals={(seal["year"], seal["month"]): seal["number"] for seal in pupil["seals"]},
    )
