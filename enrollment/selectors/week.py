"""A child's week: home lessons, other courses, the way between schools, the weekly load (6.8, 6.11).

What clashes is the rule of `enrollment.clashes`; here it is put in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from django.db.models import Prefetch, Q

from courses.enums import ProgrammeKind, StudyForm, Weekday
from courses.models import NetworkCourse, StudyGroup
from enrollment.clashes import Lesson, Ways, missing_minutes, way_between
from enrollment.enums import ApplicationState
from enrollment.models import Application, ApplicationChoice, Enrolment
from network_portal.common.russian import NBSP, plural
from schools.models import LoadLimit, Network, Route, SchoolClass, Student

BAD, WARN, GOOD = "bad", "warn", "good"

#: Lessons a week at most: grade, five-day week, six-day week (6.8); networks may set others (`LoadLimit`).
USUAL_LIMITS = {5: (29, 32), 6: (30, 33), 7: (32, 35), 8: (33, 36), 9: (33, 36), 10: (34, 37), 11: (34, 37)}
USUAL_EXTRACURRICULAR = 10

#: Applications that have not come to a place yet but may.
HOPED_FOR = (
    ApplicationState.REGISTERED,
    ApplicationState.RETURNED,
    ApplicationState.ACCEPTED,
    ApplicationState.LISTED,
    ApplicationState.WAITLISTED,
)
WHEN = {1: "в понедельник", 2: "во вторник", 3: "в среду", 4: "в четверг", 5: "в пятницу", 6: "в субботу"}


# --- clashes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Busy:
    """A stretch of the week.

    Attributes:
        weekday: as `date.isoweekday()`.
        starts: the clock time of its beginning.
        ends: the clock time of its end.
        what: with what another lesson may clash, in the instrumental case: «уроками 10 «А» класса».
        place: the school where it is; None when the child need not go anywhere.
        first: the first day on which it may recur; None for no bound.
        last: the last such day.
        at_home: these are the lessons of the home class.
        firm: the child certainly has it; an application that is not decided is not firm.
    """

    weekday: int
    starts: time
    ends: time
    what: str
    place: int | None
    first: date | None = None
    last: date | None = None
    at_home: bool = False
    firm: bool = True

    @property
    def lesson(self) -> Lesson:
        return Lesson(
            self.weekday, minutes_of(self.starts), minutes_of(self.ends), self.first or date.min,
            self.last or date.max, self.place or 0,
        )  # fmt: skip


def minutes_of(moment: time) -> int:
    """Return the minutes from midnight."""
    return moment.hour * 60 + moment.minute


def _hours(one: Busy) -> str:
    return f"{one.starts:%H:%M}–{one.ends:%H:%M}"


def clash_words(one: Busy, other: Busy, ways: Ways) -> str:
    """Say why both cannot be attended, naming both and the minutes that are missing; empty when they can."""
    missing = missing_minutes(one.lesson, other.lesson, ways)
    if missing is None:
        return ""
    early, late = (one, other) if (one.starts, one.ends) <= (other.starts, other.ends) else (other, one)
    if not missing:
        when = WHEN[one.weekday].capitalize()
        return f"{when} время {one.what} ({_hours(one)}) совпадает с {other.what} ({_hours(other)})."
    needed = way_between(early.place or 0, late.place or 0, ways)
    minutes = plural(needed, "минута,минуты,минут")
    return (
        f"Между {early.what} ({WHEN[early.weekday]} до {early.ends:%H:%M}) и {late.what} (с {late.starts:%H:%M}) "
        f"нужно {needed}{NBSP}{minutes} на дорогу, есть {needed - missing}: не хватает {missing}."
    )


# --- a child's week -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """What the week says about a course or a group; `tone` bad stops the application."""

    tone: str
    text: str


@dataclass(frozen=True)
class GroupFit:
    """How a group of a course fits the week; it fits when nothing bad is found."""

    group: StudyGroup
    findings: tuple[Finding, ...]

    @property
    def fits(self) -> bool:
        return not any(finding.tone == BAD for finding in self.findings)


@dataclass(frozen=True)
class Limit:
    """Hours a week at most for the grade of the child."""

    grade: int
    five_days: int
    six_days: int
    extracurricular: int


@dataclass(frozen=True)
class Week:
    """What a child has already, loaded once for all courses of an application."""

    busy: tuple[Busy, ...]
    ways: Ways
    home_lessons: int
    six_days: bool
    known_year: int | None
    lesson_hours: int
    other_hours: int
    limits: dict[tuple[int, int], Limit]
    school_class: SchoolClass

    def groups_of(self, course: NetworkCourse) -> list[GroupFit]:
        """Return how each group of `course` that has a timetable fits."""
        groups = [group for group in course.groups.all() if group.slots.all()]
        return [GroupFit(group, tuple(self._against(course, group))) for group in groups]

    def findings_for(self, course: NetworkCourse) -> list[Finding]:
        """Say how `course` fits the week: bad when no group of it can be attended."""
        fits = self.groups_of(course)
        good = [fit for fit in fits if fit.fits]
        findings: list[Finding] = []
        if fits and not good:
            for fit in fits:
                findings += [_of_group(fit, finding, fits) for finding in fit.findings if finding.tone == BAD]
        elif good:
            best = min(good, key=lambda fit: len(fit.findings))
            findings += [_of_group(best, finding, fits) for finding in best.findings]
            if len(good) < len(fits):
                names = ", ".join(fit.group.name for fit in good)
                findings.append(Finding(WARN, f"По времени подходит только {names}: остальные группы не подходят."))
        return [*findings, *self.load_of(course)]

    def fits(self, course: NetworkCourse) -> bool:
        """Tell whether some group of `course` can be attended, or its timetable is not made yet."""
        fits = self.groups_of(course)
        return not fits or any(fit.fits for fit in fits)

    def load_of(self, course: NetworkCourse) -> list[Finding]:
        """Say when the hours of the course take the week over the limit for the grade (6.8)."""
        programme = course.programme
        grade = self.school_class.grade + course.year - self.school_class.year
        limit = self.limits.get((course.network_id, grade)) or _usual(grade)
        if limit is None:
            return []
        if programme.kind != ProgrammeKind.LESSON:
            hours = self.other_hours + programme.hours_week
            if hours <= limit.extracurricular:
                return []
            return [Finding(WARN, _over("внеурочной деятельности", hours, limit.extracurricular, grade, ""))]
        if self.known_year != course.year:
            return []
        hours = self.home_lessons + self.lesson_hours + programme.hours_week
        most = limit.six_days if self.six_days else limit.five_days
        if hours <= most:
            return []
        days = "шестидневной" if self.six_days else "пятидневной"
        words = _over("уроков", hours, most, grade, f" при {days} неделе")
        return [Finding(WARN, f"{words} Школа решит, какой предмет курс заменяет.")]

    def _against(self, course: NetworkCourse, group: StudyGroup) -> Iterable[Finding]:
        for mine in slots_of(course, group):
            for other in self.busy:
                if other.at_home and self.known_year != course.year:
                    continue
                words = clash_words(mine, other, self.ways)
                if not words:
                    continue
                if other.at_home and course.form == StudyForm.DISTANCE:
                    yield Finding(WARN, f"{words} Чтобы заниматься дистанционно, ребёнка освобождает школа.")
                elif not other.firm:
                    yield Finding(WARN, f"{words} Обе заявки рассмотрят, но место дадут только на одном курсе.")
                else:
                    yield Finding(BAD, words)


def _of_group(fit: GroupFit, finding: Finding, fits: list[GroupFit]) -> Finding:
    return finding if len(fits) == 1 else Finding(finding.tone, f"Группа {fit.group.name}: {finding.text}")


def _over(what: str, hours: int, most: int, grade: int, days: str) -> str:
    return (
        f"С этим курсом у ребёнка будет {hours}{NBSP}ч. {what} в неделю, предел для {grade} класса{days}: "
        f"{most}{NBSP}ч."
    )


def _usual(grade: int) -> Limit | None:
    if grade not in USUAL_LIMITS:
        return None
    return Limit(grade, *USUAL_LIMITS[grade], USUAL_EXTRACURRICULAR)


def slots_of(course: NetworkCourse, group: StudyGroup, *, firm: bool = True) -> list[Busy]:
    """Return the lessons of a group as stretches of the week."""
    place = None if course.form == StudyForm.DISTANCE else course.programme.host_id
    what = f"занятием «{course.programme.title}»"
    return [
        Busy(slot.weekday, slot.starts, slot.ends, what, place, course.date_from, course.date_to, firm=firm)
        for slot in group.slots.all()
    ]


_COURSES = NetworkCourse.objects.select_related("programme").prefetch_related("groups__slots")


def week_of(student: Student, *, without: Application | None = None) -> Week:
    """Load the week of a child: the class's lessons, places in groups, wishes of other applications.

    Args:
        student: with home school and class.
        without: the application that is being filled in; its own wishes are not counted.
    """
    school_class = student.school_class
    days = list(school_class.days.all())
    label = f"уроками {school_class}{NBSP}класса"
    busy = [Busy(day.weekday, day.starts, day.ends, label, student.home_school_id, at_home=True) for day in days]
    hours = {True: 0, False: 0}
    enrolments = (
        Enrolment.objects.filter(student=student)
        .holding_seats()
        .select_related("group")
        .prefetch_related("group__slots", Prefetch("course", _COURSES.all()))
    )
    taken = set()
    for enrolment in enrolments:
        busy += slots_of(enrolment.course, enrolment.group)
        taken.add(enrolment.course_id)
        hours[enrolment.course.programme.kind == ProgrammeKind.LESSON] += enrolment.course.programme.hours_week
    busy += _hoped_for(student, taken, without)
    organisations = {one.place for one in busy} - {None}
    return Week(
        busy=tuple(busy),
        ways=ways_of(student.home_school_id, *organisations),
        home_lessons=sum(day.lessons for day in days),
        six_days=any(day.weekday == Weekday.SATURDAY for day in days),
        known_year=school_class.year if days else None,
        lesson_hours=hours[True],
        other_hours=hours[False],
        limits={
            (limit.network_id, limit.grade): Limit(limit.grade, limit.five_days, limit.six_days, limit.extracurricular)
            for limit in LoadLimit.objects.filter(
                network__in=Network.objects.filter(memberships__organisation=student.home_school_id)
            )
        },
        school_class=school_class,
    )


def _hoped_for(student: Student, taken: set[int], without: Application | None) -> list[Busy]:
    """Return the lessons of courses asked for in other applications; of many groups only what all of them share."""
    wishes = (
        ApplicationChoice.objects.filter(application__student=student, application__state__in=HOPED_FOR, rank=1)
        .exclude(application=without.pk if without else None)
        .exclude(course__in=taken)
        .prefetch_related(Prefetch("course", _COURSES.all()))
    )
    busy: list[Busy] = []
    for wish in wishes:
        groups = [group for group in wish.course.groups.all() if group.slots.all()]
        if len(groups) == 1:
            busy += slots_of(wish.course, groups[0], firm=False)
    return busy


def ways_of(*organisations: int | None) -> Ways:
    """Return the ways that begin or end at any of `organisations`."""
    known = Route.objects.filter(Q(first__in=organisations) | Q(second__in=organisations))
    return {(route.first_id, route.second_id): route.minutes for route in known}
