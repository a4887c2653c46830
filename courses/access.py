"""The gate to courses and groups: the public catalogue, and what the host school's staff see and change."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch, QuerySet

from courses.enums import CourseState, GroupState
from courses.models import NetworkCourse, Programme, StudyGroup, TimetableSlot
from network_portal.common.access import get_visible
from schools.access import require
from schools.acting import Acting
from schools.enums import Role
from schools.models import SCHOOL_STAFF

#: Who prepares courses and groups at the host.
MANAGERS = (Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR)


def _with_groups(courses: QuerySet[NetworkCourse]) -> QuerySet[NetworkCourse]:
    groups = (
        StudyGroup.objects.exclude(state=GroupState.CLOSED)
        .select_related("teacher__user")
        .prefetch_related("slots")
        .order_by("name", "pk")
    )
    return courses.select_related("programme__host", "network").prefetch_related(Prefetch("groups", groups))


# --- everyone ---------------------------------------------------------------------------------------------------


def catalogue_courses(on: date) -> QuerySet[NetworkCourse]:
    """Return the published courses that are not over on the day `on`, for everyone to read."""
    return NetworkCourse.objects.published().filter(date_to__gte=on)


def catalogue_course(pk: int, on: date) -> NetworkCourse:
    """Return a course of the public catalogue with its groups and slots."""
    return get_visible(_with_groups(catalogue_courses(on)), pk)


# --- the host's staff -------------------------------------------------------------------------------------------


def courses_for(acting: Acting) -> QuerySet[NetworkCourse]:
    """Return the courses of the school acted for, in any state."""
    require(acting, *SCHOOL_STAFF)
    return _with_groups(NetworkCourse.objects.visible_to(acting))


def course_for(acting: Acting, pk: int, *, to_change: bool = False) -> NetworkCourse:
    """Return a course of the school acted for; `to_change` asks for someone who prepares courses there."""
    course = get_visible(courses_for(acting), pk)
    if to_change:
        require(acting, *MANAGERS)
    return course


def may_publish(course: NetworkCourse) -> bool:
    """Tell whether the table of states lets the course be published."""
    return CourseState.PUBLISHED in course.TRANSITIONS[CourseState(course.state)]


def groups_for(acting: Acting) -> QuerySet[StudyGroup]:
    """Return the groups of the school acted for; a network teacher's own ones."""
    return (
        StudyGroup.objects.visible_to(acting)
        .select_related("course__programme__host", "course__network", "teacher__user")
        .prefetch_related("slots")
    )


def group_for(acting: Acting, pk: int, *, to_change: bool = False) -> StudyGroup:
    """Return a group; `to_change` asks for someone who prepares groups at the host.

    A closed group is refused by the services, with words.
    """
    group = get_visible(groups_for(acting), pk)
    if to_change:
        require(acting, *MANAGERS)
    return group


def programme_for(acting: Acting, pk: int, *, to_change: bool = False) -> Programme:
    """Return a programme of the school acted for, or one that the network teacher teaches; both keep its plan."""
    seen = Programme.objects.filter(courses__groups__in=StudyGroup.objects.visible_to(acting))
    if acting.is_(*SCHOOL_STAFF):
        seen = Programme.objects.filter(host=acting.organisation_id)
    programme = get_visible(seen.select_related("host").distinct(), pk)
    if to_change:
        require(acting, *MANAGERS, Role.NETWORK_TEACHER)
    return programme


def slot_for(acting: Acting, group_pk: int, pk: int) -> TimetableSlot:
    """Return a slot of a group that the acting person may change."""
    group = group_for(acting, group_pk, to_change=True)
    return get_visible(TimetableSlot.objects.filter(group=group), pk)


def forming_groups_for(acting: Acting) -> QuerySet[StudyGroup]:
    """Return the groups that the acting person still has to prepare."""
    if not acting.is_(*MANAGERS):
        return StudyGroup.objects.none()
    return groups_for(acting).filter(state=GroupState.FORMING)
