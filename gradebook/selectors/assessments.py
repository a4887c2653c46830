"""Whole-class tests: those a home school has planned, and what stands against one on a lesson (6.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from django.db.models import QuerySet

from enrollment.models import Enrolment
from gradebook import access
from gradebook.enums import LessonState
from gradebook.models import Lesson, SchoolTest, Work
from network_portal.common.dates import ru_day
from network_portal.common.russian import NBSP
from schools.models import ClassDay, SchoolClass

#: One whole-class test of a subject in two and a half weeks, and not more than a tenth of its hours.
APART = timedelta(days=17)
SHARE = 10
DAY = timedelta(days=1)


def assessment_warnings(lesson: Lesson, works: Iterable[Work]) -> list[str]:
    """Return what stands against the whole-class tests of a lesson, in Russian; nothing for a lesson without one.

    The limits of a day and of a subject are counted for the class and the parallel of each pupil, at home and in other
    network groups. Nothing is said of what the portal does not know: a test that no school entered, hours of a class.
    """
    if not any(work.whole_class for work in works):
        return []
    pupils = dict(
        Enrolment.objects.studied_on(lesson.date)
        .filter(group=lesson.group)
        .values_list("student", "student__school_class")
    )
    classes = list(
        SchoolClass.objects.filter(pk__in=set(pupils.values()))
        .select_related("organisation")
        .order_by("organisation__short_name", "grade", "letter")
    )
    return [
        *_of_the_day(lesson, classes),
        *_at_the_edge(lesson, classes, pupils),
        *_of_the_subject(lesson),
        *_of_the_parallels(lesson, classes),
    ]


def _of_the_day(lesson: Lesson, classes: Sequence[SchoolClass]) -> Iterator[str]:
    """One test for a class a day."""
    named = {one.pk: _named(one) for one in classes}
    tests = SchoolTest.objects.filter(school_class__in=classes, date=lesson.date)
    found = sorted(tests.values_list("school_class", "subject"), key=lambda test: (list(named).index(test[0]), test[1]))
    for school_class, subject in found:
        yield f"У класса {named[school_class]} в этот день уже проверочная: {subject}."
    studying = Enrolment.objects.studied_on(lesson.date).filter(student__school_class__in=classes)
    others = _tests_elsewhere(lesson).filter(date=lesson.date, group__enrolments__in=studying)
    for title in sorted(set(others.values_list("group__course__programme__title", flat=True))):
        yield f"У обучающихся тех же классов в этот день проверочная на другом курсе: {title}."


def _at_the_edge(lesson: Lesson, classes: Sequence[SchoolClass], pupils: dict[int, int]) -> Iterator[str]:
    """No test on the first or the last lesson of a pupil's day, unless the subject has one hour a week.

    Args:
        pupils: the class of each pupil who studies in the group on that day, ids.
    """
    if lesson.group.course.programme.hours_week == 1:
        return
    days = ClassDay.objects.filter(school_class__in=classes, weekday=lesson.date.isoweekday())
    hours = {day.school_class_id: (day.starts, day.ends) for day in days}
    spans = {pupil: [hours[one]] for pupil, one in pupils.items() if one in hours}
    network = (
        Lesson.objects.filter(
            date=lesson.date, group__enrolments__in=Enrolment.objects.studied_on(lesson.date).filter(student__in=spans)
        )
        .exclude(pk=lesson.pk)
        .exclude(state=LessonState.CANCELLED)
    )
    for pupil, starts, ends in network.values_list("group__enrolments__student", "starts", "ends"):
        spans[pupil].append((starts, ends))
    first = {pupils[pupil] for pupil, span in spans.items() if lesson.starts < min(starts for starts, _ in span)}
    last = {pupils[pupil] for pupil, span in spans.items() if lesson.ends > max(ends for _, ends in span)}
    for word, found in (("первый", first), ("последний", last)):
        if found:
            names = ", ".join(_named(one) for one in classes if one.pk in found)
            yield f"Это {word} урок дня у классов: {names}. На первом и последнем уроке проверочные не проводят."


def _of_the_subject(lesson: Lesson) -> Iterator[str]:
    """One test of the group in two and a half weeks, on a tenth of the programme's hours at most."""
    own = Lesson.objects.filter(group=lesson.group, works__whole_class=True).exclude(state=LessonState.CANCELLED)
    days = set(own.exclude(pk=lesson.pk).values_list("date", flat=True))
    for day in sorted(day for day in days if abs(day - lesson.date) < APART):
        yield f"Проверочная по этому предмету уже есть {ru_day(day)}: нужно не чаще раза в 2,5 недели."
    hours = lesson.group.course.programme.hours_total
    if (len(days) + 1) * SHARE > hours:
        yield f"Проверочных {len(days) + 1} на {hours}{NBSP}ч. программы: на них даётся не больше {SHARE}{NBSP}% часов."


def _of_the_parallels(lesson: Lesson, classes: Sequence[SchoolClass]) -> Iterator[str]:
    """One test of a subject for a parallel in two and a half weeks, at home and in other network groups."""
    own = {one.pk for one in classes}
    parallels = {_parallel(one): one for one in classes}
    subject = lesson.group.course.programme.subject
    near = (lesson.date - APART + DAY, lesson.date + APART - DAY)
    at_home = SchoolTest.objects.filter(
        school_class__organisation__in={school for school, _, _ in parallels}, date__range=near, subject__iexact=subject
    ).values_list("date", "school_class")
    studied = "group__enrolments__student__school_class"
    elsewhere = _tests_elsewhere(lesson).filter(
        date__range=near,
        group__course__programme__subject__iexact=subject,
        group__enrolments__state__in=access.STUDIED,
        **{f"{studied}__organisation__in": {school for school, _, _ in parallels}},
    )
    found = set(at_home) | set(elsewhere.values_list("date", studied))
    known = SchoolClass.objects.in_bulk({school_class for _, school_class in found})
    told = set()
    for day, pk in found:
        parallel = _parallel(known[pk])
        if parallel in parallels and not (pk in own and day == lesson.date):  # that one is told as one of the day
            told.add((day, parallel))
    for day, parallel in sorted(told):
        one = parallels[parallel]
        yield (
            f"В параллели {one.grade} классов ({one.organisation}) по этому предмету уже есть проверочная "
            f"{ru_day(day)}: нужно не чаще раза в 2,5 недели."
        )


def _parallel(one: SchoolClass) -> tuple[int, int, int]:
    return one.organisation_id, one.grade, one.year


def _tests_elsewhere(lesson: Lesson) -> QuerySet[Lesson]:
    """Return the lessons of other network groups with a whole-class test."""
    others = Lesson.objects.filter(works__whole_class=True).exclude(group=lesson.group)
    return others.exclude(state=LessonState.CANCELLED)


def _named(one: SchoolClass) -> str:
    return f"{one} ({one.organisation})"
