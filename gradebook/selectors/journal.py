"""Reading the live journal: the grid of a month, one lesson, the teacher's day, a child's diary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import CharField, Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook import access
from gradebook.cells import Cell, cell_of
from gradebook.enums import ABSENCES, WORK_WEIGHTS, LessonState, WorkType
from gradebook.means import mean_text, weighted_mean
from gradebook.models import Attendance, Lesson, Mark, MonthlyTransfer
from network_portal.common.dates import local_day, month_range
from schools.acting import Acting
from schools.enums import Role

EMPTY = Cell()


@dataclass(frozen=True)
class Month:
    """A calendar month; `str()` is what the address carries: «2026-11»."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def days(self) -> tuple[date, date]:
        return month_range(self.year, self.month)

    def shifted(self, months: int) -> Month:
        """Return the month that comes `months` later, or earlier when negative."""
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month | None:
        """Return the month written as «2026-11»; None for anything else."""
        try:
            return cls.of(date.fromisoformat(f"{text}-01"))
        except ValueError:
            return None


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
    rows: list[Row]
    writes: bool

    @property
    def seals(self) -> list[tuple[str, int]]:
        """The home schools whose month is sealed, each with the number of the paper."""
        found = {row.enrolment.home.short_name: row.sealed for row in self.rows if row.sealed}
        return sorted((school, number) for school, number in found.items() if number)


def journal_page(acting: Acting, group: StudyGroup, *, month: Month | None, at: datetime) -> JournalPage:
    """Return the grid of `group`, which the acting person's gate has let through; three queries whatever the size.

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
    columns = [(lesson.pk, lesson.date, WORK_WEIGHTS[WorkType(lesson.work_type)]) for lesson in lessons]
    return JournalPage(
        group=group,
        month=month,
        months=months,
        today=today,
        lessons=lessons,
        rows=[_row(enrolment, columns, cells) for enrolment in enrolments],
        writes=access.writes(acting, group),
    )


def group_day(group: StudyGroup, at: datetime) -> date:
    """Return the calendar day of the moment `at` in the time zone of the group's network (I-10)."""
    return local_day(at, group.course.network.time_zone)


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


def _row(enrolment: Enrolment, columns: list[tuple[int, date, int]], found: dict[tuple[int, int], Cell]) -> Row:
    cells: list[Cell | None] = []
    marks: list[tuple[int, int]] = []
    absences = 0
    for lesson, day, weight in columns:
        cell = found.get((lesson, enrolment.pk))
        if cell is None:
            cells.append(EMPTY if studied(enrolment, day) else None)
            continue
        cells.append(cell)
        if cell.mark:
            marks.append((cell.mark, weight))
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


# --- one lesson, the teacher's day --------------------------------------------------------------------------------


@dataclass(frozen=True)
class LessonLine:
    """A pupil at one lesson."""

    enrolment: Enrolment
    cell: Cell
    sealed: int | None


def plan_of(lesson: Lesson) -> dict[str, object]:
    """Return what a lesson was about, as its page shows it."""
    return {"topic": lesson.topic, "homework": lesson.homework, "work_type": lesson.work_type}


def lesson_lines(acting: Acting, lesson: Lesson) -> list[LessonLine]:
    """Return those of the acting person's pupils who belong to the group on the day of the lesson."""
    sealed = MonthlyTransfer.objects.filter(
        group=lesson.group, home=OuterRef("home"), year=lesson.date.year, month=lesson.date.month
    ).values("document__number")
    enrolments = list(
        access.enrolments_for(acting, lesson.group)
        .filter(Q(date_to=None) | Q(date_to__gte=lesson.date), date_from__lte=lesson.date)
        .select_related("student__school_class", "home")
        .annotate(sealed=Subquery(sealed))
        .order_by("student__sort_key", "pk")
    )
    cells = entries_of([lesson.pk], [enrolment.pk for enrolment in enrolments])
    return [LessonLine(e, cells.get((lesson.pk, e.pk), EMPTY), e.sealed) for e in enrolments]


@dataclass(frozen=True)
class TeacherDay:
    """«Сегодня»: the lessons of the day, the nearest ones, and what is not filled."""

    today: date
    lessons: list[Lesson]
    following: list[Lesson]
    unfilled: list[Lesson]


def teacher_day(acting: Acting, today: date) -> TeacherDay:
    """Return the lessons of the acting network teacher around the day `today`."""
    own = _lessons_of(acting).exclude(state=LessonState.CANCELLED)
    return TeacherDay(
        today=today,
        lessons=list(_lessons_of(acting).filter(date=today)),
        following=list(own.filter(date__gt=today, date__lte=today + timedelta(days=14))[:5]),
        unfilled=list(unfilled(own, today)),
    )


def unfilled(lessons: QuerySet[Lesson], today: date) -> QuerySet[Lesson]:
    """Return past lessons that are not filled, or whose roll call is not confirmed; cancelled ones want nothing."""
    return lessons.filter(date__lt=today, attendance_confirmed_at=None).exclude(state=LessonState.CANCELLED)


def _lessons_of(acting: Acting) -> QuerySet[Lesson]:
    if not acting.is_(Role.NETWORK_TEACHER):
        return Lesson.objects.none()
    return (
        Lesson.objects.filter(group__in=access.journals_for(acting))
        .select_related("group__course__programme__host")
        .order_by("date", "starts")
    )


@dataclass(frozen=True)
class JournalCard:
    """A journal in the list; `pupils` counts only those whom the person sees."""

    group: StudyGroup
    pupils: int
    unfilled: int | None
    next_date: date | None


def journal_list(acting: Acting, today: date) -> list[JournalCard]:
    """Return the journals that the acting person reads."""
    groups = list(access.journals_for(acting).order_by("course__programme__title", "name", "pk"))
    pupils = dict(
        Enrolment.objects.filter(_seen_pupils(acting), group__in=groups, state__in=access.STUDIED)
        .order_by()
        .values("group")
        .annotate(number=Count("pk"))
        .values_list("group", "number")
    )
    waiting = Q(lessons__date__lt=today, lessons__attendance_confirmed_at=None) & ~Q(
        lessons__state=LessonState.CANCELLED
    )
    ahead = Q(lessons__date__gte=today) & ~Q(lessons__state=LessonState.CANCELLED)
    figures = {
        pk: (count, following)
        for pk, count, following in StudyGroup.objects.filter(pk__in=[group.pk for group in groups])
        .order_by()
        .values("pk")
        .annotate(count=Count("lessons", filter=waiting), following=Min("lessons__date", filter=ahead))
        .values_list("pk", "count", "following")
    }
    return [
        JournalCard(
            group=group,
            pupils=pupils.get(group.pk, 0),
            unfilled=figures[group.pk][0] if access.hosts(acting, group) else None,
            next_date=figures[group.pk][1],
        )
        for group in groups
    ]


def _seen_pupils(acting: Acting) -> Q:
    return Q(group__course__programme__host=acting.organisation_id) | Q(home=acting.organisation_id)


# --- the family ---------------------------------------------------------------------------------------------------


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
