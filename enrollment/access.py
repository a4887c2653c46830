"""The gate of enrolment: who sees and changes applications, lists, orders, enrolments and groups (2.3, 2.4).

Not visible is 404, visible but not allowed is 403. Each gate fetches what the page of the object shows around it.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import ApplicationState
from enrollment.models import (
    AllocationPlace,
    AllocationPlaceQuerySet,
    AllocationRun,
    Application,
    Consent,
    Contract,
    Enrolment,
    EnrolmentQuerySet,
    FamilyCall,
    LeaveApplication,
    Order,
    SchoolOrder,
    SchoolRequest,
    SchoolRequestLine,
    SeatOffer,
    SeatQuota,
)
from network_portal.common.access import allow, get_one, get_visible
from network_portal.common.dates import years_before
from network_portal.documents.selectors import normal_code
from schools.acting import Acting
from schools.enums import Role
from schools.guardians import of_age
from schools.models import ADULT, SCHOOL_STAFF, Agreement, Network, Student

#: Who composes lists at home, answers them at the host and drafts orders.
MANAGERS = (Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR)


def children_for(acting: Acting) -> QuerySet[Student]:
    """Return the children for whom the acting person may apply."""
    if not acting.is_(Role.PARENT):
        return Student.objects.none()
    minors = Student.objects.visible_to(acting).filter(birth_date__gt=years_before(acting.on, ADULT))
    return minors.select_related("home_school", "school_class")


def pupil_acting(acting: Acting) -> Student:
    """Return the pupil who acts with the own account; 403 in every other context."""
    allow(acting.is_(Role.PUPIL))
    return get_one(Student.objects.own_of(acting).select_related("home_school", "school_class"))


def decides_for(acting: Acting, application: Application) -> bool:
    """Tell whether the acting person speaks for the family of an application.

    A parent does while the child is not of age. For a family without an account, and for a pupil who is of age, the
    home school's clerk enters what they have written on paper.
    """
    alone = of_age(application.student, acting.on)
    if acting.is_(Role.PARENT):
        return not alone
    on_paper = alone or application.guardian_id is None
    return on_paper and acting.is_(*MANAGERS) and acting.organisation_id == application.home_id


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
        own = acting.is_(Role.PARENT) and application.guardian_id == acting.user_id
        allow(acting.is_(*SCHOOL_STAFF) or (own and decides_for(acting, application)))
    return application


def application_to_withdraw(acting: Acting, pk: int) -> Application:
    """Return an application for the family to take back, or for the clerk who has the family's paper."""
    application = application_for(acting, pk, to_change=True)
    allow(decides_for(acting, application))
    return application


def paper_draft_for(acting: Acting, code: str) -> Application:
    """Return the draft with this code of the form, for the clerk of the child's school: to everyone else it is 404.

    Drafts are the family's own; by bringing the printed form the family shows this one to the school.
    """
    allow(acting.is_(*MANAGERS))
    drafts = Application.objects.filter(
        home=acting.organisation_id, state__in=[ApplicationState.DRAFT, ApplicationState.RETURNED]
    ).select_related("student__school_class", "home", "guardian", "applicant", "prepared", "document")
    return get_one(drafts, form_code=normal_code(code) or "")


def pupils_to_enter(acting: Acting) -> QuerySet[Student]:
    """Return the pupils for whom the clerk writes an application down from paper."""
    allow(acting.is_(*MANAGERS))
    return Student.objects.visible_to(acting).filter(left_on=None).select_related("school_class", "home_school")


def calls_for(acting: Acting) -> QuerySet[FamilyCall]:
    """Return what families without accounts have to be told by the own school."""
    if not acting.is_(*MANAGERS):
        return FamilyCall.objects.none()
    return FamilyCall.objects.filter(application__home=acting.organisation_id).select_related("application__student")


def call_for(acting: Acting, pk: int) -> FamilyCall:
    """Return one thing to tell a family of the own school."""
    return get_visible(calls_for(acting), pk)


def leaves_for(acting: Acting) -> QuerySet[LeaveApplication]:
    """Return the applications to leave a group that the acting person may see."""
    return LeaveApplication.objects.visible_to(acting).select_related(
        "enrolment__student__school_class", "enrolment__home", "enrolment__group", "enrolment__course__programme__host",
        "enrolment__line__application", "guardian", "document",
    )  # fmt: skip


def leave_for(acting: Acting, pk: int, *, to_change: bool = False) -> LeaveApplication:
    """Return one application to leave a group; the family signs and withdraws its own, on paper through the clerk."""
    leave = get_visible(leaves_for(acting), pk)
    if to_change:
        allow(decides_for(acting, leave.enrolment.line.application))
        allow(not acting.is_(Role.PARENT) or leave.guardian_id == acting.user_id)
    return leave


def place_to_leave(acting: Acting, pk: int) -> Enrolment:
    """Return a place that an order has given, for the family to leave it, on paper through the clerk."""
    enrolment = get_visible(enrolments_for(acting), pk)
    allow(decides_for(acting, enrolment.line.application))
    return enrolment


def consents_for(acting: Acting) -> QuerySet[Consent]:
    """Return the consents of the acting person's family, and those given by families of the own school."""
    return Consent.objects.visible_to(acting).select_related(
        "operator", "student__home_school", "document", "application__guardian", "guardian"
    )


def consent_for(acting: Acting, pk: int, *, to_change: bool = False) -> Consent:
    """Return a consent of the acting person's family, or one given by a family of the own school.

    The family withdraws it; for a family without an account, and for a pupil who is of age, those who enter
    applications from paper do.
    """
    consent = get_visible(consents_for(acting), pk)
    if to_change:
        alone = of_age(consent.student, acting.on)
        by_clerk = (alone or consent.guardian_id is None) and acting.is_(*MANAGERS)
        allow(by_clerk or (acting.is_(Role.PARENT) and not alone))
    return consent


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


def enrolment_for(acting: Acting, pk: int) -> Enrolment:
    """Return one enrolment of the own pupils or groups for a manager of either school."""
    enrolment = get_visible(enrolments_for(acting).select_related("order__request", "course__programme"), pk)
    allow(acting.is_(*MANAGERS))
    return enrolment


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


# --- forming groups -----------------------------------------------------------------------------------------------

#: Who starts a run for the network, fixes seats and answers by it, in a school that teaches there.
ALLOCATORS = (Role.DEPUTY, Role.COORDINATOR)


def networks_taught_by(acting: Acting) -> QuerySet[Network]:
    """Return the networks in which the own school has courses."""
    return Network.objects.filter(courses__programme__host=acting.organisation_id).distinct()


def allocations_for(acting: Acting) -> QuerySet[AllocationRun]:
    """Return the runs of the networks of the own school."""
    return AllocationRun.objects.visible_to(acting).select_related("network", "organisation", "base")


def allocation_for(acting: Acting, pk: int, *, to_change: bool = False, to_approve: bool = False) -> AllocationRun:
    """Return one run.

    Args:
        acting: who asks.
        pk: the run.
        to_change: only those who may start one.
        to_approve: only the director or the deputy of a school that teaches in the network.
    """
    run = get_visible(allocations_for(acting), pk)
    teaches = networks_taught_by(acting).filter(pk=run.network_id)
    allow(not to_change or (acting.is_(*ALLOCATORS) and teaches.exists()))
    allow(not to_approve or (acting.is_(Role.DIRECTOR, Role.DEPUTY) and teaches.exists()))
    return run


def places_for(acting: Acting) -> AllocationPlaceQuerySet:
    """Return the rows of runs that the acting person may see by name."""
    return AllocationPlace.objects.visible_to(acting).select_related(
        "application__student__school_class", "home", "group__course__programme__host", "before__course__programme",
        "run__network",
    )  # fmt: skip


def place_to_fix(acting: Acting, pk: int) -> AllocationPlace:
    """Return a row of a run for those who may fix seats: a host fixes in its own groups."""
    place = get_visible(places_for(acting), pk)
    allow(acting.is_(*ALLOCATORS) and place.home_id != acting.organisation_id)
    return place


def quotas_for(acting: Acting) -> QuerySet[SeatQuota]:
    """Return the quotas in the agreements by which the own school teaches."""
    return SeatQuota.objects.filter(agreement__host=acting.organisation_id).select_related(
        "agreement__home", "course__programme"
    )


def agreements_taught_by(acting: Acting) -> QuerySet[Agreement]:
    """Return the agreements by which the own school teaches other schools' pupils."""
    return Agreement.objects.visible_to(acting).filter(host=acting.organisation_id).select_related("home", "network")


def courses_taught_by(acting: Acting) -> QuerySet[NetworkCourse]:
    """Return the own courses, for the host's managers."""
    if not acting.is_(*SCHOOL_STAFF):
        return NetworkCourse.objects.none()
    return NetworkCourse.objects.filter(programme__host=acting.organisation_id).select_related("programme", "network")


def line_to_skip(acting: Acting, pk: int) -> SchoolRequestLine:
    """Return a line of the waiting list of an own course, for those who offer its places."""
    line = get_visible(lines_for(acting), pk)
    allow(acting.is_(*ALLOCATORS) and line.request.host_id == acting.organisation_id)
    return line


def queue_for(acting: Acting, course_pk: int, *, to_change: bool = False) -> NetworkCourse:
    """Return a course of the own school to read its waiting list; `to_change` is for those who offer places."""
    course = get_visible(courses_taught_by(acting), course_pk)
    allow(not to_change or acting.is_(*ALLOCATORS))
    return course


def offers_for(acting: Acting) -> QuerySet[SeatOffer]:
    """Return the offers that the acting person may see."""
    return SeatOffer.objects.visible_to(acting).select_related(
        "line__application__student", "line__application__home", "line__request__home", "line__request__host",
        "line__request__agreement__network", "line__course__programme", "group__course__programme",
    )  # fmt: skip


def offer_to_answer(acting: Acting, pk: int) -> SeatOffer:
    """Return an offer for the family, or for the clerk who has the family's word on paper; the host may only read."""
    offer = get_visible(offers_for(acting), pk)
    allow(decides_for(acting, offer.line.application))
    return offer


# --- orders of both schools, exits, contracts of three parties ------------------------------------------------------


def school_orders_for(acting: Acting) -> QuerySet[SchoolOrder]:
    """Return the own school's orders, the partner's registered ones, and those that name the acting person."""
    return SchoolOrder.objects.visible_to(acting).select_related(
        "school", "home", "host", "agreement__network", "document", "responsible__user", "curator__user",
        "amends__document", "amends_order__document", "amends_order__group__course__programme",
    )  # fmt: skip


def school_order_for(acting: Acting, pk: int, *, to_change: bool = False) -> SchoolOrder:
    """Return one order; `to_change` is for the managers of the school that issues it."""
    order = get_visible(school_orders_for(acting), pk)
    if to_change:
        allow(acting.is_(*MANAGERS) and order.school_id == acting.organisation_id)
    return order


def school_order_to_sign(acting: Acting, pk: int) -> SchoolOrder:
    """Return an order for the director of the school that issues it."""
    order = get_visible(school_orders_for(acting), pk)
    allow(acting.is_(Role.DIRECTOR) and order.school_id == acting.organisation_id)
    return order


def contracts_for(acting: Acting) -> QuerySet[Contract]:
    """Return the contracts of three parties that the acting person may see."""
    return Contract.objects.visible_to(acting).select_related(
        "document", "line__course__programme", "line__application__student__school_class", "line__request__home",
        "line__request__host", "line__request__agreement__network",
    )  # fmt: skip


def contract_for(acting: Acting, pk: int) -> Contract:
    """Return one contract."""
    return get_visible(contracts_for(acting), pk)


def contract_slot(acting: Acting, contract: Contract) -> str | None:
    """Return the place in which the acting person signs a contract; None when there is none."""
    request = contract.line.request
    if acting.is_(Role.PARENT):
        return "guardian" if decides_for(acting, contract.line.application) else None
    if acting.is_(Role.DIRECTOR):
        return "base_director" if request.host_id == acting.organisation_id else "home_director"
    return None


def contract_to_sign(acting: Acting, pk: int) -> Contract:
    """Return a contract for the two directors and the child's guardians."""
    contract = get_visible(contracts_for(acting), pk)
    allow(contract_slot(acting, contract) is not None)
    return contract


def mappable_courses(acting: Acting) -> QuerySet[NetworkCourse]:
    """Return the courses that pupils of the own school apply for or take, for those who map them."""
    if not acting.is_(*MANAGERS):
        return NetworkCourse.objects.none()
    chosen = Application.objects.filter(home=acting.organisation_id).exclude(state="draft")
    return NetworkCourse.objects.filter(choices__application__in=chosen).select_related("programme__host").distinct()


def course_to_map(acting: Acting, pk: int) -> NetworkCourse:
    """Return a course for the home school to map to its own curriculum."""
    return get_visible(mappable_courses(acting), pk)
