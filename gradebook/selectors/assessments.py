"""Whole-class tests: those a home school has planned, and what stands against one on a lesson (6.7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook import access
from gradebook.enums import LessonState
from gradebook.models import Lesson, SchoolTest, Work
from network_portal.common.dates import ru_day
from network_portal.common.russian import NBSP

#: One whole-class test of a subject in two and a half weeks, and not more than a tenth of its hours.
APART = timedelta(days=17)
SHARE = 10


def assessment_warnings(lesson: Lesson, works: Iterable[Work]) -> list[str]:
    """Return what stands against the whole-class tests of a lesson, in Russian; nothing for a lesson without one.

    The day's limit is counted for the class of each pupil, at home and in other network groups.
    """
    if not any(work.whole_class for work in works):
        return []
    return [*_of_the_day(lesson), *_of_the_subject(lesson)]


def _of_the_day(lesson: Lesson) -> list[str]:
    classes = set(_studying(lesson.group, lesson.date).values_list("student__school_class", flat=True))
    tests = SchoolTest.objects.filter(school_class__in=classes, date=lesson.date).select_related(
        "school_class__organisation"
    )
    found = [
        f"У класса {test.school_class} ({test.school_class.organisation}) в этот день уже проверочная: {test.subject}."
        for test in tests.order_by("school_class__organisation__short_name", "school_class", "subject")
    ]
    others = (
        Work.objects.filter(whole_class=True, lesson__date=lesson.date)
        .exclude(lesson__state=LessonState.CANCELLED)
        .exclude(lesson__group=lesson.group)
        .filter(
            lesson__group__enrolments__in=Enrolment.objects.filter(
                _on(lesson.date), student__school_class__in=classes, state__in=access.STUDIED
            )
        )
    )
    titles = others.values_list("lesson__group__course__programme__title", flat=True).distinct()
    found += (f"У обучающихся тех же классов в этот день проверочная на другом курсе: {one}." for one in sorted(titles))
    return found


def _of_the_subject(lesson: Lesson) -> list[str]:
    own = Lesson.objects.filter(group=lesson.group, works__whole_class=True).exclude(state=LessonState.CANCELLED)
    days = set(own.exclude(pk=lesson.pk).values_list("date", flat=True))
    near = sorted(day for day in days if abs(day - lesson.date) < APART)
    found = [f"Проверочная по этому предмету уже есть {ru_day(day)}: нужно не чаще раза в 2,5 недели." for day in near]
    hours = lesson.group.course.programme.hours_total
    if (len(days) + 1) * SHARE > hours:
        found.append(
            f"Проверочных {len(days) + 1} на {hours}{NBSP}ч. программы: на них даётся не больше {SHARE}{NBSP}% часов."
        )
    return found


def _studying(group: StudyGroup, day: date) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(_on(day), group=group, state__in=access.STUDIED)


def _on(day: date) -> Q:
    return Q(Q(date_to=None) | Q(date_to__gte=day), date_from__lte=day)
