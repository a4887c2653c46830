"""Network courses beside the home school's own curriculum: what is mapped and what is not (lessons, addition 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from courses.models import NetworkCourse
from enrollment.enums import ApplicationState
from enrollment.models import ApplicationChoice, CourseMapping, SchoolRequest, SchoolRequestLine


def mappings_of(home_id: int, courses: Iterable[int]) -> dict[int, CourseMapping]:
    """Return the mappings of a home school by course."""
    found = CourseMapping.objects.filter(home=home_id, course__in=list(courses))
    return {mapping.course_id: mapping for mapping in found}


def unmapped_courses(request: SchoolRequest) -> list[NetworkCourse]:
    """Return the courses of a list to which the home school has given no part of its curriculum."""
    lines = SchoolRequestLine.objects.filter(request=request)
    mapped = CourseMapping.objects.filter(home=request.home_id).values("course")
    return list(
        NetworkCourse.objects.filter(pk__in=lines.values("course"))
        .exclude(pk__in=mapped)
        .select_related("programme")
        .order_by("programme__title", "pk")
    )


@dataclass(frozen=True)
class MappingRow:
    """A course that the home school's pupils want or take, with its mapping if there is one."""

    course: NetworkCourse
    mapping: CourseMapping | None


def mapping_rows(home_id: int) -> list[MappingRow]:
    """Return every course of accepted applications and of lists of a home school, those without a mapping first."""
    accepted = ApplicationChoice.objects.filter(
        application__home=home_id, application__state__in=[ApplicationState.ACCEPTED, ApplicationState.LISTED]
    )
    listed = SchoolRequestLine.objects.filter(request__home=home_id)
    courses = (
        NetworkCourse.objects.filter(pk__in=accepted.values("course").union(listed.values("course")))
        .select_related("programme__host")
        .order_by("-year", "programme__title", "pk")
    )
    mappings = mappings_of(home_id, [course.pk for course in courses])
    rows = [MappingRow(course, mappings.get(course.pk)) for course in courses]
    return sorted(rows, key=lambda row: row.mapping is not None)
