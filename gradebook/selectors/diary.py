"""Reading a child's diary: a week across all network courses, and one course from its beginning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from django.db.models import QuerySet

from courses.policies import Policy, policy_of
from enrollment.models import Enrolment
from gradebook import access
from gradebook.cells import Cell, mark_text
from gradebook.enums import ABSENCES, AttendanceCode, LessonState
from gradebook.means import mean_text, weighted_mean
from gradebook.models import AbsenceNotice, HomeworkFile, Lesson, Work
from gradebook.selectors.absences import told_absent_between
from gradebook.selectors.calendars import Delivery, deliveries
from gradebook.selectors.entries import EMPTY, comments_of, counted, entries_of, studied, weights_of, works_of
from gradebook.selectors.lessons import files_of
from network_portal.accounts.models import User
from network_portal.common.prepared import Prepared
from schools.acting import Acting
from schools.enums import Role
from schools.models import FAMILY_READERS, Student

WEEK = timedelta(days=7)
#: How far the page of a pupil looks ahead.
AHEAD = timedelta(days=13)


@dataclass(frozen=True)
class DiaryLesson:
    """A lesson in the diary with what the child got at it, and what the teacher says of it."""

    enrolment: Enrolment
    lesson: Lesson
    cell: Cell
    works: list[Work]
    weights: tuple[Decimal, ...]
    files: list[HomeworkFile]
    comment: str
    delivery: Delivery | None = None

    @property
    def marks(self) -> list[tuple[str, Work, Decimal]]:
        """The marks as they are written, each with its work and the weight of that."""
        rows = zip(self.cell.marks, self.works, self.weights, strict=False)
        return [(mark_text(value), work, weight) for value, work, weight in rows if value is not None]

    @property
    def was_there(self) -> bool:
        """Whether the code of attendance says of a child who was there how it took part."""
        return self.cell.code in (AttendanceCode.EXEMPT, AttendanceCode.REMOTE)

    @property
    def remote(self) -> bool:
        return self.delivery is not None and self.delivery.is_remote(self.enrolment.home_id)

    @property
    def link(self) -> str:
        return self.delivery.link(self.enrolment.home_id) if self.delivery else ""

    @property
    def rest(self) -> str:
        """Why the child is not expected: the own school rests."""
        return self.delivery.excused(self.enrolment.home_id) if self.delivery else ""


@dataclass(frozen=True)
class DiaryDay:
    day: date
    lessons: list[DiaryLesson]
    notice: AbsenceNotice | None


@dataclass(frozen=True)
class DiaryChild:
    """A child's days of one week that have lessons."""

    student: Student
    days: list[DiaryDay]


@dataclass(frozen=True)
class DiaryWeek:
    """A week from Monday; `following` is the nearest lesson after it when it has none."""

    monday: date
    children: list[DiaryChild]
    following: Lesson | None

    @property
    def sunday(self) -> date:
        return self.monday + WEEK - timedelta(days=1)

    @property
    def earlier(self) -> date:
        return self.monday - WEEK

    @property
    def later(self) -> date:
        return self.monday + WEEK


@dataclass(frozen=True)
class DiaryCourse:
    """A child's course: lessons up to today, the newest first, and the nearest one ahead."""

    enrolment: Enrolment
    lessons: list[DiaryLesson]
    following: Lesson | None
    mean: Decimal | None
    marks: int
    absences: int

    @property
    def mean_text(self) -> str:
        return mean_text(self.mean)


def children_of(acting: Acting) -> list[Enrolment]:
    """Return the studies of the parent's own children, child by child."""
    return _studies_of(acting.role, acting.on).ask(acting.user_id)


@lru_cache(maxsize=2 * len(FAMILY_READERS))
def _studies_of(role: Role, on: date) -> Prepared[Enrolment]:
    """Return the query of the studies that a person reads in a role on a day."""

    def build(user: int) -> QuerySet[Enrolment]:
        return (
            access.diary_for(Acting(User(pk=user), role, on=on))
            .filter(date_from__isnull=False)
            .select_related(
                "student",
                "home",
                "group__course__programme__host",
                "group__course__programme__policy",
                "group__teacher__user",
            )
            .order_by("student__sort_key", "student", "group__course__programme__title", "pk")
        )

    return Prepared(build)


def diary_week(enrolments: list[Enrolment], day: date) -> DiaryWeek:
    """Return the week of `day` across all courses of the children; the same queries whatever the number of courses."""
    monday = day - timedelta(days=day.weekday())
    sunday = monday + WEEK - timedelta(days=1)
    groups = {enrolment.group_id for enrolment in enrolments}
    lessons = list(
        Lesson.objects.filter(group__in=groups, date__range=(monday, sunday))
        .select_related("substitute__user", "group__course")
        .order_by("date", "starts", "pk")
    )
    items = _items(enrolments, lessons, with_delivery=True)
    told = told_absent_between({enrolment.student_id for enrolment in enrolments}, monday, sunday)
    children = [
        DiaryChild(student, _days([item for item in items if item.enrolment.student_id == student.pk], told))
        for student in dict.fromkeys(enrolment.student for enrolment in enrolments)
    ]
    following = None
    if groups and not any(child.days for child in children):
        ahead = Lesson.objects.filter(group__in=groups, date__gt=sunday).exclude(state=LessonState.CANCELLED)
        following = ahead.select_related("group__course__programme").order_by("date", "starts").first()
    return DiaryWeek(monday, children, following)


def lessons_ahead(enrolments: list[Enrolment], today: date) -> list[DiaryDay]:
    """Return the lessons of the next days across all courses, those of today first; cancelled ones say so."""
    groups = {enrolment.group_id for enrolment in enrolments}
    lessons = list(
        Lesson.objects.filter(group__in=groups, date__range=(today, today + AHEAD))
        .select_related("substitute__user", "group__course")
        .order_by("date", "starts", "pk")
    )
    return _days(_items(enrolments, lessons, with_delivery=True), [])


def _days(items: list[DiaryLesson], told: list[AbsenceNotice]) -> list[DiaryDay]:
    days = []
    ordered = sorted(items, key=lambda item: (item.lesson.date, item.lesson.starts))
    for day, lessons in groupby(ordered, key=lambda item: item.lesson.date):
        own = list(lessons)
        student = own[0].enrolment.student_id
        notice = next((one for one in told if one.student_id == student and one.date_from <= day <= one.date_to), None)
        days.append(DiaryDay(day, own, notice))
    return days


def diary_courses(enrolments: list[Enrolment], today: date) -> list[DiaryCourse]:
    """Return the courses with their lessons and figures; marks are there as soon as they are entered."""
    latest = today + timedelta(days=31)
    groups = {enrolment.group_id for enrolment in enrolments}
    lessons = list(Lesson.objects.filter(group__in=groups, date__lte=latest).order_by("-date", "-starts", "pk"))
    items = _items(enrolments, lessons)
    return [_course(one, [item for item in items if item.enrolment == one], today) for one in enrolments]


def _course(enrolment: Enrolment, items: list[DiaryLesson], today: date) -> DiaryCourse:
    past = [item for item in items if item.lesson.date <= today]
    ahead = [item.lesson for item in items if item.lesson.date > today and item.lesson.state != LessonState.CANCELLED]
    pairs = [pair for item in past for pair in counted(item.cell, item.weights)]
    return DiaryCourse(
        enrolment=enrolment,
        lessons=past,
        following=ahead[-1] if ahead else None,
        mean=weighted_mean(pairs),
        marks=sum(len(item.marks) for item in past),
        absences=sum(item.cell.code in ABSENCES for item in past),
    )


def _items(enrolments: list[Enrolment], lessons: list[Lesson], *, with_delivery: bool = False) -> list[DiaryLesson]:
    """Return each lesson as each child who studied there on its day has it, in the order of `lessons`."""
    ids = [lesson.pk for lesson in lessons]
    pupils = [enrolment.pk for enrolment in enrolments]
    cells, comments = entries_of(ids, pupils), comments_of(ids, pupils)
    works, files = works_of(ids), files_of(ids)
    held: dict[int, Delivery] = {}
    if with_delivery:
        homes = {enrolment.home_id for enrolment in enrolments}
        for year in {lesson.group.course.year for lesson in lessons}:
            held |= deliveries([one for one in lessons if one.group.course.year == year], homes, year)
    policies: dict[int, Policy] = {}
    for enrolment in enrolments:
        programme = enrolment.group.course.programme
        if programme.pk not in policies:
            policies[programme.pk] = policy_of(programme)
    return [
        DiaryLesson(
            enrolment=one,
            lesson=lesson,
            cell=cells.get((lesson.pk, one.pk), EMPTY),
            works=works[lesson.pk],
            weights=weights_of(works[lesson.pk], policies[one.group.course.programme_id]),
            files=files.get(lesson.pk, []),
            comment=comments.get((lesson.pk, one.pk), ""),
            delivery=held.get(lesson.pk),
        )
        for lesson in lessons
        for one in enrolments
        if one.group_id == lesson.group_id and studied(one, lesson.date)
    ]
