"""The gate of enrolment: who sees and changes applications, lists, orders, enrolments and groups (2.3, 2.4).

Not visible is 404, visible but not allowed is 403. Each gate fetches what the page of the object shows around it.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from courses.models import StudyGroup
from enrollment.models import (
    Application,
    Consent,
    Enrolment,
    EnrolmentQuerySet,
    Order,
    SchoolRequest,
    SchoolRequestLine,
)
from network_portal.common.access import allow, get_visible
from schools.acting import Acting
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Student

#: Who composes lists at home, answers them at the host and drafts orders.
MANAGERS = (Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR)


def children_for(acting: Acting) -> QuerySet[Student]:
    """Return the children for whom the acting person may apply."""
    if not acting.is_(Role.PARENT):
        return Student.objects.none()
    return Student.objects.visible_to(acting).select_related("home_school", "school_class")


def applications_for(acting: Acting) -> QuerySet[Application]:
    """Return the applications that the acting person may see."""
    return Application.objects.visible_to(acting).select_related(
        "student__school_class", "home", "guardian", "document", "prepared"
    )


def application_for(acting: Acting, pk: int, *, to_change: bool = False) -> Application:
    """Return one application; a family changes its own one, the home school's staff decides on it.

    Raises:
        Http404: it is not visible.
        PermissionDenied: `to_change` and the person may only read it.
    """
    application = get_visible(applications_for(acting), pk)
    if to_change:
        allow(acting.is_(*SCHOOL_STAFF) or (acting.is_(Role.PARENT) and application.guardian_id == acting.user_id))
    return application


def consent_for(acting: Acting, pk: int) -> Consent:
    """Return a consent of the acting person's family."""
    return get_visible(Consent.objects.visible_to(acting).select_related("operator", "student"), pk)


def requests_for(acting: Acting) -> QuerySet[SchoolRequest]:
    """Return the lists of the own school and those sent to it."""
    return SchoolRequest.objects.visible_to(acting).select_related("home", "host", "agreement__network", "document")


def request_for(acting: Acting, pk: int, *, to_change: bool = False) -> SchoolRequest:
    """Return one list; `to_change` is for those who compose and send it at home."""
    request = get_visible(requests_for(acting), pk)
    if to_change:
        allow(acting.is_(*MANAGERS) and request.home_id == acting.organisation_id)
    return request


def request_to_sign(acting: Acting, pk: int) -> SchoolRequest:
    """Return a list for its own director to sign or to return."""
    request = get_visible(requests_for(acting), pk)
    allow(acting.is_(Role.DIRECTOR) and request.home_id == acting.organisation_id)
    return request


def request_to_answer(acting: Acting, pk: int) -> SchoolRequest:
    """Return a received list for the host's managers."""
    request = get_visible(requests_for(acting), pk)
    allow(acting.is_(*MANAGERS) and request.host_id == acting.organisation_id)
    return request


def lines_for(acting: Acting) -> QuerySet[SchoolRequestLine]:
    """Return the lines of the lists that the acting person may see."""
    return SchoolRequestLine.objects.filter(request__in=SchoolRequest.objects.visible_to(acting)).select_related(
        "request__home", "request__host", "request__agreement__network", "course__programme", "application__student"
    )


def line_to_remove(acting: Acting, pk: int) -> SchoolRequestLine:
    """Return a line of the own school's list for those who compose it."""
    line = get_visible(lines_for(acting), pk)
    allow(acting.is_(*MANAGERS) and line.request.home_id == acting.organisation_id)
    return line


def line_to_answer(acting: Acting, pk: int) -> SchoolRequestLine:
    """Return a line of a received list for the host's managers."""
    line = get_visible(lines_for(acting), pk)
    allow(acting.is_(*MANAGERS) and line.request.host_id == acting.organisation_id)
    return line


def orders_for(acting: Acting) -> QuerySet[Order]:
    """Return the host's own orders, and for the home school those registered."""
    return Order.objects.visible_to(acting).select_related(
        "request__home", "request__host", "request__agreement__network", "request__document", "document",
        "group__course__programme__host", "group__teacher__user",
    )  # fmt: skip


def order_for(acting: Acting, pk: int, *, to_change: bool = False) -> Order:
    """Return one order; `to_change` is for the host's managers."""
    order = get_visible(orders_for(acting), pk)
    if to_change:
        allow(acting.is_(*MANAGERS) and order.request.host_id == acting.organisation_id)
    return order


def order_to_sign(acting: Acting, pk: int) -> Order:
    """Return an order for the host's director."""
    order = get_visible(orders_for(acting), pk)
    allow(acting.is_(Role.DIRECTOR) and order.request.host_id == acting.organisation_id)
    return order


def enrolments_for(acting: Acting) -> EnrolmentQuerySet:
    """Return the enrolments that the acting person may see: the host all of its groups, the home its own pupils."""
    return Enrolment.objects.visible_to(acting).select_related("student__school_class", "home", "group", "course")


def groups_for(acting: Acting) -> QuerySet[StudyGroup]:
    """Return the host's own groups, the teacher's own ones, and for a home school those with its own pupils."""
    own = Q(pk__in=StudyGroup.objects.visible_to(acting).values("pk"))
    if acting.is_(*SCHOOL_STAFF, Role.CURATOR, Role.CLASS_TEACHER):
        own |= Q(pk__in=Enrolment.objects.visible_to(acting).holding_seats().values("group"))
    return StudyGroup.objects.filter(own).select_related("course__programme__host", "course__network", "teacher__user")


def group_for(acting: Acting, pk: int, *, to_change: bool = False) -> StudyGroup:
    """Return one group; `to_change` is for the host's staff."""
    group = get_visible(groups_for(acting), pk)
    if to_change:
        allow(acting.is_(*SCHOOL_STAFF) and group.course.programme.host_id == acting.organisation_id)
    return group
