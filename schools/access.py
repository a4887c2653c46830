"""The gate to schools' objects: what the acting person may see and change."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.http import Http404

from network_portal.common.access import allow, get_visible
from network_portal.common.models import in_force
from network_portal.documents.models import Document
from schools.acting import Acting
from schools.enums import AgreementState, DutyKind, LinkState, OrganisationKind, Role
from schools.models import SCHOOL_STAFF, Agreement, Duty, GuardianLink, Membership, Network, Organisation, Student

#: Who checks that a person is a child's parent, and who prepares agreements.
OFFICE = (Role.DIRECTOR, Role.DEPUTY, Role.RESPONSIBLE)
#: Who keeps the school's list of pupils.
KEEPERS = (Role.DEPUTY, Role.RESPONSIBLE)
#: Who reads the list of pupils, whole or of the own class.
PUPIL_READERS = (*SCHOOL_STAFF, Role.CURATOR, Role.CLASS_TEACHER)
#: Contexts in which a person is a parent, or may become one.
FAMILY = (Role.PARENT, Role.NOBODY)
#: Who reads the agreements of the school.
AGREEMENT_READERS = (*OFFICE, Role.COORDINATOR, Role.CURATOR)
#: Duties that a director gives in the own school; those of the council follow from its decisions.
GIVEN_BY_DIRECTOR = (
    DutyKind.DEPUTY,
    DutyKind.RESPONSIBLE,
    DutyKind.CURATOR,
    DutyKind.COORDINATOR,
    DutyKind.NETWORK_TEACHER,
    DutyKind.CLASS_TEACHER,
)


def require(acting: Acting, *roles: Role) -> None:
    """Refuse with 403 everyone who acts in another role; for lists and forms that tell nobody anything."""
    allow(acting.is_(*roles))


# --- schools ----------------------------------------------------------------------------------------------------


def member_schools(on: date) -> QuerySet[Organisation]:
    """Return the schools that are in a network on the day `on`; everyone may know them."""
    return Organisation.objects.filter(
        kind=OrganisationKind.SCHOOL, memberships__in=Membership.objects.filter(in_force(on))
    ).distinct()


def partners_for(acting: Acting, on: date) -> QuerySet[Organisation]:
    """Return the other schools of the networks of the school acted for."""
    members = Membership.objects.filter(in_force(on))
    networks = members.filter(organisation=acting.organisation_id).values("network")
    return (
        member_schools(on)
        .filter(memberships__in=members.filter(network__in=networks))
        .exclude(pk=acting.organisation_id or 0)
    )


def networks_for(acting: Acting, on: date) -> QuerySet[Network]:
    """Return the networks of which the school acted for is a member on the day `on`."""
    own = Membership.objects.filter(in_force(on), organisation=acting.organisation_id)
    return Network.objects.filter(pk__in=own.values("network"))


def teachers_for(acting: Acting, on: date) -> QuerySet[Duty]:
    """Return the duties of the network teachers of the school acted for, in force on the day `on`."""
    return (
        Duty.objects.in_force(on)
        .filter(organisation=acting.organisation_id, kind=DutyKind.NETWORK_TEACHER)
        .select_related("user", "organisation")
        .order_by("user__sort_key", "pk")
    )


# --- duties -----------------------------------------------------------------------------------------------------


def duties_for(acting: Acting) -> QuerySet[Duty]:
    """Return the duties of the school acted for; its director's alone to see."""
    if not acting.is_(Role.DIRECTOR):
        return Duty.objects.none()
    return Duty.objects.filter(organisation=acting.organisation_id).select_related("user", "organisation")


def duty_for(acting: Acting, pk: int) -> Duty:
    """Return a duty that the director may end; the own one and those of the council are not among them."""
    duty = get_visible(duties_for(acting), pk)
    allow(duty.kind in GIVEN_BY_DIRECTOR)
    return duty


# --- pupils and their guardians ---------------------------------------------------------------------------------


def students_for(acting: Acting) -> QuerySet[Student]:
    """Return the pupils whom the acting person may see by name (2.3 (1))."""
    return Student.objects.visible_to(acting).select_related("school_class", "home_school").distinct()


def student_for(acting: Acting, pk: int) -> Student:
    """Return a pupil whom the acting person may see by name."""
    return get_visible(students_for(acting), pk)


def own_links_for(acting: Acting) -> QuerySet[GuardianLink]:
    """Return the person's own claims and links; 403 in the context of a school's duty (I-8)."""
    require(acting, *FAMILY)
    return GuardianLink.objects.filter(user=acting.user_id).select_related(
        "organisation", "student__school_class", "student__home_school"
    )


def guardian_claims_for(acting: Acting) -> QuerySet[GuardianLink]:
    """Return the claims addressed to the school acted for, whatever their state."""
    require(acting, *OFFICE)
    return GuardianLink.objects.visible_to(acting).select_related("user", "student__school_class", "decided_by")


def guardian_claim_for(acting: Acting, pk: int) -> GuardianLink:
    """Return a claim that the acting person may decide on, or end once it was verified."""
    return get_visible(guardian_claims_for(acting), pk)


def candidates_pool(acting: Acting, link: GuardianLink) -> QuerySet[Student]:
    """Return the pupils among whom the child of a claim may be: those of the school it is addressed to."""
    return students_for(acting).filter(home_school=link.organisation_id, left_on=None)


def waiting_claims_for(acting: Acting) -> QuerySet[GuardianLink]:
    """Return the claims that wait for the school's check."""
    return guardian_claims_for(acting).filter(state=LinkState.REQUESTED)


# --- agreements -------------------------------------------------------------------------------------------------


def agreements_for(acting: Acting) -> QuerySet[Agreement]:
    """Return the agreements of the school acted for, as home or as host."""
    require(acting, *AGREEMENT_READERS)
    return Agreement.objects.visible_to(acting).select_related("network", "home", "host", "document")


def agreement_for(acting: Acting, pk: int, *, to_change: bool = False) -> Agreement:
    """Return an agreement; `to_change` asks for one of the own school as home, and for someone of its office.

    Whether it is still a draft is the services' question: who comes late with a form is told so, and loses no word.
    """
    agreement = get_visible(agreements_for(acting), pk)
    if to_change:
        allow(acting.is_(*OFFICE) and agreement.home_id == acting.organisation_id)
    return agreement


def paper_of(agreement: Agreement) -> Document:
    """Return the paper of an agreement that passed its gate; 404 while it has none."""
    if agreement.document is None:
        raise Http404
    return agreement.document


def agreement_to_decide_for(acting: Acting, pk: int) -> Agreement:
    """Return an agreement for its signature, refusal, suspension or end: the parties' directors alone do that."""
    agreement = agreement_for(acting, pk)
    require(acting, Role.DIRECTOR)
    return agreement


def may_edit(acting: Acting, agreement: Agreement) -> bool:
    """Tell whether the acting person may edit the agreement and send it for signature."""
    return (
        acting.is_(*OFFICE) and agreement.home_id == acting.organisation_id and agreement.state == AgreementState.DRAFT
    )


def agreements_to_sign_for(acting: Acting) -> QuerySet[Agreement]:
    """Return the agreements on which a director's signature may be waited for."""
    if not acting.is_(Role.DIRECTOR):
        return Agreement.objects.none()
    return agreements_for(acting).filter(state=AgreementState.SIGNING)


def public_agreements(on: date) -> QuerySet[Agreement]:
    """Return the agreements in force, for everyone to read (S0-5b); pages show only what L-9 allows."""
    return Agreement.objects.in_force(on).select_related("home", "host", "document")
