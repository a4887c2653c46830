"""Reading lessons: one of them, the teacher's day, the list of journals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery

from courses.models import StudyGroup, ThematicRow
from enrollment.models import Enrolment
from enrollment.selectors.consents import consent_missing_since
from gradebook import access
from gradebook.cells import Cell
from gradebook.enums import LessonState
from gradebook.models import AbsenceNotice, HomeworkFile, Lesson, MonthlyTransfer, Work
from gradebook.selectors.absences import told_absent
from gradebook.selectors.calendars import deliveries
from gradebook.selectors.entries import EMPTY, comments_of, entries_of
from schools.acting import Acting
from schools.enums import Role


@dataclass(frozen=True)
class LessonLine:
    """A pupil at one lesson.

    `told` is what the family told in advance, `excused` why the pupil is not expected: the own school rests.
    `no_consent` is the first day of which the host records nothing new: the family withdrew its consent (I-4); then
    the host is not shown what the family told either.
    """

    enrolment: Enrolment
    cell: Cell
    sealed: int | None
    told: AbsenceNotice | None = None
    excused: str = ""
    no_consent: date | None = None
    comment: str = ""


def plan_of(lesson: Lesson, works: list[Work]) -> dict[str, object]:
    """Return what a lesson was about, as its page shows it."""
    plan: dict[str, object] = {
        "topic": lesson.topic, "homework": lesson.homework, "plan_row": lesson.plan_row_id,
    }  # fmt: skip
    for work in works:
        for name in ("kind", "title", "criteria", "whole_class"):
            plan[f"{name}_{work.no}"] = getattr(work, name)
    return plan


def topic_of(lesson: Lesson, row: int | None) -> ThematicRow | None:
    """Return a row of the thematic plan of the lesson's programme; None for any other id."""
    return ThematicRow.objects.filter(pk=row, programme=lesson.group.course.programme_id).first() if row else None


def place_of(lesson: Lesson) -> dict[str, object]:
    """Return where and when a lesson stands, as the form of its move shows it."""
    return {"date": lesson.date, "starts": lesson.starts, "ends": lesson.ends, "room": lesson.room}


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
    pupils = [enrolment.pk for enrolment in enrolments]
    cells, comments = entries_of([lesson.pk], pupils), comments_of([lesson.pk], pupils)
    for one in enrolments:
        one.course = lesson.group.course  # the same row, loaded already
    lacking = consent_missing_since(enrolments, lesson.date)
    seen = [one.student_id for one in enrolments if one.pk not in lacking or not access.hosts(acting, lesson.group)]
    told = told_absent(seen, lesson.date)
    delivery = deliveries([lesson], {enrolment.home_id for enrolment in enrolments}, lesson.group.course.year)[
        lesson.pk
    ]
    return [
        LessonLine(
            one,
            cells.get((lesson.pk, one.pk), EMPTY),
            one.sealed,
            told.get(one.student_id),
            delivery.excused(one.home_id),
            lacking.get(one.pk),
            comments.get((lesson.pk, one.pk), ""),
        )
        for one in enrolments
    ]


def files_of(lessons: Iterable[int]) -> dict[int, list[HomeworkFile]]:
    """Return the files of the homework by lesson id; the lessons have passed a gate."""
    files: dict[int, list[HomeworkFile]] = {}
    for file in (
        HomeworkFile.objects.filter(lesson__in=list(lessons), removed_at=None)
        .select_related("file")
        .defer("file__content")
        .order_by("pk")
    ):
        files.setdefault(file.lesson_id, []).append(file)
    return files


@dataclass(frozen=True)
class TeacherDay:
    """«Сегодня»: the lessons of the day, the nearest ones, and what is not filled."""

    today: date
    lessons: list[Lesson]
    following: list[Lesson]
    unfilled: list[Lesson]


def teacher_day(acting: Acting, today: date) -> TeacherDay:
    """Return the lessons of the acting network teacher around the day `today`."""
    own = own_lessons(acting).exclude(state=LessonState.CANCELLED)
    return TeacherDay(
        today=today,
        lessons=list(own_lessons(acting).filter(date=today)),
        following=list(own.filter(date__gt=today, date__lte=today + timedelta(days=14))[:5]),
        unfilled=list(unfilled(own, today)),
    )


def unfilled(lessons: QuerySet[Lesson], today: date) -> QuerySet[Lesson]:
    """Return past lessons that are not filled, or whose roll call is not confirmed; cancelled ones want nothing."""
    return lessons.filter(date__lt=today, attendance_confirmed_at=None).exclude(state=LessonState.CANCELLED)


def own_lessons(acting: Acting) -> QuerySet[Lesson]:
    """Return the lessons that the acting network teacher gives: of the own groups, and as a substitute."""
    if not acting.is_(Role.NETWORK_TEACHER):
        return Lesson.objects.none()
    mine = Q(substitute__user=acting.user_id) | Q(substitute=None)
    return access.lessons_for(acting).filter(mine).order_by("date", "starts")


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
