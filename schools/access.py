"""The gate to schools' objects: what the acting person may see and change."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404

from network_portal.accounts.models import User
from network_portal.common.access import allow, get_visible
from network_portal.common.models import in_force
from network_portal.documents.models import Document, SigningAgreement
from network_portal.documents.signing import people_without_agreement, signed_by, signing_agreements_of_school
from schools.acting import Acting
from schools.enums import (
    AccountState,
    AgreementState,
    AmendmentState,
    DutyKind,
    LinkState,
    OfferState,
    OrganisationKind,
    Role,
    Side,
)
from schools.models import (
    SCHOOL_STAFF,
    Agreement,
    AgreementCondition,
    AgreementDuty,
    Amendment,
    Disagreement,
    Duty,
    DutyOffer,
    GuardianLink,
    Membership,
    Network,
    Organisation,
    PupilAccount,
    SigningBasis,
    Student,
)

#: Who checks that a person is a child's parent, and who prepares agreements.
OFFICE = (Role.DIRECTOR, Role.DEPUTY, Role.RESPONSIBLE)
#: Who keeps the school's list of pupils.
KEEPERS = (Role.DEPUTY, Role.RESPONSIBLE)
#: Who reads the list of pupils, whole or of the own class.
PUPIL_READERS = (*SCHOOL_STAFF, Role.CURATOR, Role.CLASS_TEACHER)
#: Who gives pupils of the school their own accounts: those who keep the list, the class teacher in the own class.
ACCOUNT_GIVERS = (*KEEPERS, Role.CLASS_TEACHER)
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


def offers_for(acting: Acting) -> QuerySet[DutyOffer]:
    """Return the duties that the director acted as has offered and nobody has taken yet."""
    require(acting, Role.DIRECTOR)
    return DutyOffer.objects.filter(organisation=acting.organisation_id, state=OfferState.OFFERED)


def offer_for(acting: Acting, pk: int) -> DutyOffer:
    """Return an offer of the own school, to be withdrawn."""
    return get_visible(offers_for(acting), pk)


def own_offers_for(acting: Acting) -> QuerySet[DutyOffer]:
    """Return the duties offered to the person's own address, in whatever context."""
    offers = DutyOffer.objects.filter(email=acting.user.email, state=OfferState.OFFERED)
    return offers.select_related("organisation")


def own_offer_for(acting: Acting, pk: int) -> DutyOffer:
    """Return an offer to the person's own address, to be taken."""
    return get_visible(own_offers_for(acting), pk)


def signing_duties_for(acting: Acting, on: date) -> QuerySet[Duty]:
    """Return the duties by which people sign agreements for the director's school: the own one and the deputies'."""
    kinds = (DutyKind.DIRECTOR, DutyKind.DEPUTY)
    in_office = Duty.objects.in_force(on).filter(kind__in=kinds).values("pk")
    return duties_for(acting).filter(pk__in=in_office).order_by("user__sort_key", "pk")


def basis_for(acting: Acting, pk: int) -> SigningBasis:
    """Return the basis of a signature that the director may withdraw."""
    return get_visible(bases_for(acting), pk)


def bases_for(acting: Acting) -> QuerySet[SigningBasis]:
    """Return by what people sign for the director's school, the latest first."""
    bases = SigningBasis.objects.filter(duty__in=duties_for(acting)).select_related("duty__user", "duty__organisation")
    return bases.order_by("ended_on", "-issued_on", "-pk")


# --- agreements on the simple electronic signature ---------------------------------------------------------------


def people_to_agree_for(acting: Acting, on: date) -> QuerySet[User]:
    """Return with whom the school may conclude T24: its verified guardians and its people in office; never oneself."""
    require(acting, *SCHOOL_STAFF)
    links = GuardianLink.objects.valid(on).filter(organisation=acting.organisation_id)
    duties = Duty.objects.in_force(on).filter(organisation=acting.organisation_id)
    people = User.objects.filter(Q(pk__in=links.values("user")) | Q(pk__in=duties.values("user")), is_active=True)
    return people_without_agreement(people.exclude(pk=acting.user_id)).order_by("sort_key", "pk")


def person_to_agree_for(acting: Acting, pk: int, on: date) -> User:
    """Return one person with whom the school may conclude T24."""
    return get_visible(people_to_agree_for(acting, on), pk)


def signing_agreements_for(acting: Acting) -> QuerySet[SigningAgreement]:
    """Return the agreements T24 of the school acted for; the document of identity stays in that school (L-3)."""
    require(acting, *SCHOOL_STAFF)
    return signing_agreements_of_school(acting.organisation_id)


def signing_agreement_for(acting: Acting, pk: int, *, to_change: bool = False) -> SigningAgreement:
    """Return one of them; nobody registers the own one."""
    agreement = get_visible(signing_agreements_for(acting), pk)
    allow(not to_change or agreement.user_id != acting.user_id)
    return agreement


# --- pupils and their guardians ---------------------------------------------------------------------------------


def students_for(acting: Acting) -> QuerySet[Student]:
    """Return the pupils whom the acting person may see by name (2.3 (1))."""
    return Student.objects.visible_to(acting).select_related("school_class", "home_school").distinct()


def student_for(acting: Acting, pk: int) -> Student:
    """Return a pupil whom the acting person may see by name."""
    return get_visible(students_for(acting), pk)


def student_to_invite_for(acting: Acting, pk: int) -> Student:
    """Return a pupil to whom the acting person may give an account."""
    require(acting, *PUPIL_READERS)
    student = student_for(acting, pk)
    require(acting, *ACCOUNT_GIVERS)
    return student


def pupil_account_for(acting: Acting, pk: int) -> PupilAccount:
    """Return an account or an offer of the own school, to be ended."""
    require(acting, *ACCOUNT_GIVERS)
    return get_visible(PupilAccount.objects.visible_to(acting), pk)


def own_account_offers_for(acting: Acting) -> QuerySet[PupilAccount]:
    """Return the pupils' accounts offered to the person's own address, in whatever context."""
    offered = PupilAccount.objects.at_school(acting.on).filter(state=AccountState.OFFERED)
    return offered.filter(email=acting.user.email.lower()).select_related("organisation")


def own_account_offer_for(acting: Acting, pk: int) -> PupilAccount:
    """Return an offer to the person's own address, to be taken."""
    return get_visible(own_account_offers_for(acting), pk)


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
    """Return the agreements of the school acted for, whichever of the two parties it is."""
    require(acting, *AGREEMENT_READERS)
    return Agreement.objects.visible_to(acting).select_related(
        "network", "home", "host", "document", "host_copy", "protocol", "publication"
    )


def agreement_for(acting: Acting, pk: int, *, to_change: bool = False) -> Agreement:
    """Return an agreement; `to_change` asks for one that the own school prepares, and for someone of its office.

    Whether it is still a draft is the services' question: who comes late with a form is told so, and loses no word.
    """
    agreement = get_visible(agreements_for(acting), pk)
    if to_change:
        allow(acting.is_(*OFFICE) and agreement.home_id == acting.organisation_id)
    return agreement


def agreement_of_office_for(acting: Acting, pk: int) -> Agreement:
    """Return an agreement for what either party's office does: contacts, disagreements, amendments, duties."""
    agreement = agreement_for(acting, pk)
    require(acting, *OFFICE)
    return agreement


def agreement_to_review_for(acting: Acting, pk: int) -> Agreement:
    """Return an agreement that the other party prepared, for the own office to agree or return."""
    agreement = agreement_of_office_for(acting, pk)
    allow(agreement.host_id == acting.organisation_id)
    return agreement


def paper_of(document: Document | None) -> Document:
    """Return the paper of an agreement that passed its gate; 404 while it has none."""
    if document is None:
        raise Http404
    return document


def agreement_to_sign_for(acting: Acting, pk: int) -> Agreement:
    """Return an agreement for its signature or refusal: the director, or a deputy with a power of attorney."""
    agreement = agreement_for(acting, pk)
    allow(signs_agreements(acting))
    return agreement


def agreement_to_decide_for(acting: Acting, pk: int) -> Agreement:
    """Return an agreement for its suspension or end: the parties' directors alone do that."""
    agreement = agreement_for(acting, pk)
    require(acting, Role.DIRECTOR)
    return agreement


def signs_agreements(acting: Acting) -> bool:
    """Tell whether the acting person signs agreements for the school; whether the basis holds is asked at signing."""
    if acting.is_(Role.DIRECTOR):
        return True
    return acting.is_(Role.DEPUTY) and SigningBasis.objects.filter(duty=acting.duty, ended_on=None).exists()


def may_edit(acting: Acting, agreement: Agreement) -> bool:
    """Tell whether the acting person may edit the agreement: a draft, or while its disagreements are settled."""
    return (
        acting.is_(*OFFICE)
        and agreement.home_id == acting.organisation_id
        and agreement.state in (AgreementState.DRAFT, AgreementState.DISPUTED)
    )


def disagreement_for(acting: Acting, pk: int) -> Disagreement:
    """Return a line of a protocol of disagreements for either party's office."""
    require(acting, *OFFICE)
    lines = Disagreement.objects.filter(agreement__in=agreements_for(acting))
    return get_visible(lines.select_related("agreement"), pk)


def agreement_duty_for(acting: Acting, pk: int) -> AgreementDuty:
    """Return a duty of an agreement; only the office of the party that owes it marks it, the other gets 403."""
    require(acting, *AGREEMENT_READERS)
    duties = AgreementDuty.objects.filter(agreement__in=agreements_for(acting))
    duty = get_visible(duties.select_related("agreement"), pk)
    agreement = duty.agreement
    owes = agreement.home_id if duty.party == Side.HOME else agreement.host_id
    allow(acting.is_(*OFFICE) and owes == acting.organisation_id)
    return duty


def amendments_for(acting: Acting) -> QuerySet[Amendment]:
    """Return the supplementary agreements of the own school's agreements; a draft is its author's school's alone."""
    visible = Amendment.objects.filter(agreement__in=agreements_for(acting))
    hidden = Q(state__in=[AmendmentState.DRAFT, AmendmentState.DROPPED]) & ~Q(prepared_by=acting.organisation_id)
    return visible.exclude(hidden).select_related(
        "agreement__network", "agreement__home", "agreement__host", "agreement__document", "prepared_by",
        "document", "host_copy",
    )  # fmt: skip


def amendments_of(agreement: Agreement, acting: Acting) -> QuerySet[Amendment]:
    """Return the supplementary agreements of one agreement that the acting person may see, those given up left out."""
    return amendments_for(acting).filter(agreement=agreement).exclude(state=AmendmentState.DROPPED)


def amendment_for(acting: Acting, pk: int, *, to_change: bool = False) -> Amendment:
    """Return a supplementary agreement; `to_change` asks for the office of the school that prepares it."""
    amendment = get_visible(amendments_for(acting), pk)
    if to_change:
        allow(acting.is_(*OFFICE) and amendment.prepared_by_id == acting.organisation_id)
    return amendment


def amendment_to_sign_for(acting: Acting, pk: int) -> Amendment:
    """Return a supplementary agreement for a signature or refusal: of a director, a deputy with a power of attorney,
    or whoever signed the agreement and works in the school in another duty now.
    """
    amendment = amendment_for(acting, pk)
    agreement = amendment.agreement
    slot = "home_director" if agreement.home_id == acting.organisation_id else "host_director"
    first = signed_by(agreement.document, slot) if agreement.document else None
    allow(signs_agreements(acting) or (first is not None and first.signer_id == acting.user_id))
    return amendment


def public_agreements(on: date) -> QuerySet[Agreement]:
    """Return the agreements in force, for everyone to read (S0-5b); pages show only what L-9 allows."""
    return (
        Agreement.objects.in_force(on)
        .select_related("home", "host", "document", "publication")
        .prefetch_related(Prefetch("conditions", AgreementCondition.objects.select_related("home", "host")))
    )


def published_paper(pk: int, on: date) -> Document:
    """Return the redacted paper of an agreement in force; 404 when there is none."""
    return paper_of(get_visible(public_agreements(on), pk).publication)
