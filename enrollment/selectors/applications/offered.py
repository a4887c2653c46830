"""The courses that a pupil may apply for, their seats and their windows."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from courses.enums import CourseState
from courses.models import NetworkCourse, StudyGroup
from network_portal.common.dates import local_day, ru_date
from network_portal.common.models import in_force
from schools.models import Membership, Student


def with_seats(courses: QuerySet[NetworkCourse]) -> QuerySet[NetworkCourse]:
    """Return `courses` with the number `taken` of seats held in their groups."""
    held = (
        StudyGroup.objects.filter(course=OuterRef("pk"))
        .order_by()
        .values("course")
        .annotate(held=Sum("seats_taken"))
        .values("held")
    )
    return courses.annotate(taken=Coalesce(Subquery(held, output_field=IntegerField()), Value(0)))


def courses_offered(student: Student, at: datetime) -> QuerySet[NetworkCourse]:
    """Return the courses that a pupil may apply for at the moment `at`.

    Published, with an open window, of another school in a network of the home school, and fit for the class in which
    the pupil will be in the course's year.
    """
    return _fit_for(with_seats(NetworkCourse.objects.open_for_applications(at)), student, at)


def courses_late(student: Student, at: datetime) -> QuerySet[NetworkCourse]:
    """Return the courses whose window has closed before the moment `at`: an application for them is late (3.3)."""
    over = NetworkCourse.objects.published().filter(applications_until__lte=at, date_to__gte=at.date())
    return _fit_for(with_seats(over), student, at)


def _fit_for(courses: QuerySet[NetworkCourse], student: Student, at: datetime) -> QuerySet[NetworkCourse]:
    school_class = student.school_class
    grade = F("year") + (school_class.grade - school_class.year)
    networks = Membership.objects.filter(in_force(at.date()), organisation=student.home_school_id).values("network")
    return (
        courses.filter(network__in=networks, programme__grade_from__lte=grade, programme__grade_to__gte=grade)
        .exclude(programme__host=student.home_school_id)
        .select_related("programme__host", "network")
        .prefetch_related(Prefetch("groups", StudyGroup.objects.order_by("name").prefetch_related("slots")))
    )


def seats_left(course: Any) -> int:
    """Return how many seats of a course that has `taken` are free."""
    free: int = course.seats - course.taken
    return max(free, 0)


def window_end_words(course: NetworkCourse) -> str:
    """Say until when applications are taken: «по 28 августа 2026 г. включительно», or the day with the hour."""
    until = course.applications_until.astimezone(ZoneInfo(course.network.time_zone))
    if until.time() == time.min:
        return f"по {ru_date(until.date() - timedelta(days=1))} включительно"
    return f"до {until:%H:%M} {ru_date(until.date())}"


def late_for(course: NetworkCourse, at: datetime) -> bool:
    """Tell whether an application registered at the moment `at` is late: the window is over, the course is not."""
    last = local_day(at, course.network.time_zone) <= course.date_to
    return course.state == CourseState.PUBLISHED and at >= course.applications_until and last


def late_words(course: NetworkCourse) -> str:
    """Say what it means that an application is late."""
    return (
        f"Срок приёма прошёл: заявления принимали {window_end_words(course)}. Заявление зарегистрируют с пометкой "
        "«после срока»: его может принять только заместитель директора, указав причину, и в очереди оно встанет после "
        "поданных вовремя."
    )
