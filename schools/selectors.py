"""Reads that others ask for: agreements in force, who works where, what waits, what a page shows of an agreement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.audit.models import AuditEntry
from network_portal.audit.selectors import history_of
from network_portal.common import russian
from network_portal.common.dates import add_working_days, local_day, ru_date, ru_day
from network_portal.common.models import in_force
from network_portal.documents.selectors import SlotState, next_slot, refusal_of, signature_slots
from network_portal.notices.selectors import Task
from schools import access
from schools.acting import Acting
from schools.enums import AgreementState, DutyKind, LinkState, Role
from schools.models import Agreement, Duty, GuardianLink, Network, Organisation, Student
from schools.pupils import expected_match

HOME_SLOT, HOST_SLOT = "home_director", "host_director"
TERMS = ("subject", "duties", "resources", "safety", "issued_documents", "funding", "date_from", "date_to")
MOST_CANDIDATES = 20
SHORTEST_STEM = 3
DAYS_TO_SIGN = 5


@dataclass(frozen=True)
class Status:
    """A state in words, with the tone of its badge."""

    label: str
    tone: str


# --- people of a school -----------------------------------------------------------------------------------------


def staff_of(organisation: Organisation, *kinds: DutyKind, on: date) -> list[User]:
    """Return who has one of the duties in the school on the day `on`, each person once; for notices."""
    duties = Duty.objects.in_force(on).filter(organisation=organisation, kind__in=kinds)
    return list(User.objects.filter(pk__in=duties.values("user"), is_active=True))


def director_of(organisation: Organisation, on: date) -> Duty | None:
    """Return the director's duty in force on the day `on`."""
    duties = Duty.objects.in_force(on).filter(organisation=organisation, kind=DutyKind.DIRECTOR)
    return duties.select_related("user", "organisation").first()


@dataclass(frozen=True)
class DutyRow:
    """A line of the list of duties."""

    duty: Duty
    status: Status
    may_end: bool


def duty_rows(duties: QuerySet[Duty], on: date) -> list[DutyRow]:
    """Return the duties of a school as they stand on the day `on`, those in force first."""
    rows = []
    for duty in duties:
        ended = duty.date_to is not None and duty.date_to < on
        if ended:
            status = Status("прекращено", "neutral")
        elif duty.date_from > on:
            status = Status(f"с {ru_day(duty.date_from)}", "info")
        else:
            status = Status("действует", "good")
        rows.append(DutyRow(duty, status, may_end=not ended and duty.kind in access.GIVEN_BY_DIRECTOR))
    rows.sort(key=lambda row: (row.status.label == "прекращено", row.duty.user.sort_key, row.duty.pk))
    return rows


# --- networks and agreements ------------------------------------------------------------------------------------


def network_of(home: Organisation, host: Organisation, *, on: date) -> Network | None:
    """Return the network of which both schools are members on the day `on`."""
    members = in_force(on, start="memberships__date_from", end="memberships__date_to")
    return (
        Network.objects.filter(members, memberships__organisation=home)
        .filter(pk__in=Network.objects.filter(members, memberships__organisation=host).values("pk"))
        .first()
    )


def agreement_in_force(*, home: Organisation, host: Organisation, on: date) -> Agreement | None:
    """Return the agreement by which the host teaches pupils of the home school on the day `on` (3.2, I-4).

    This is the one place that answers the question; a suspended or ended agreement is not in force.
    """
    agreements = Agreement.objects.in_force(on).filter(home=home, host=host)
    return agreements.select_related("document").order_by("-date_from", "-pk").first()


def agreement_covers(*, home: Organisation, host: Organisation, first: date, last: date) -> bool:
    """Tell whether what the host taught between two days rests on an agreement, so that it may be handed over (3.2).

    An agreement that has ended since still covers the time of its term; nothing is handed over under a suspended one.
    """
    agreements = Agreement.objects.filter(
        home=home, host=host, state__in=[AgreementState.SIGNED, AgreementState.ENDED], date_from__lte=last
    )
    return agreements.filter(date_to__gte=first).exists()


def agreement_status(agreement: Agreement, on: date) -> Status:
    """Say how the agreement stands on the day `on`: its term counts as much as its state."""
    if agreement.state == AgreementState.SIGNED:
        if on < agreement.date_from:
            return Status(f"подписан, вступит в силу {ru_date(agreement.date_from)}", "info")
        if on > agreement.date_to:
            return Status("истёк", "neutral")
        return Status("подписан, действует", "good")
    tones = {AgreementState.SIGNING: "warn", AgreementState.SUSPENDED: "bad"}
    return Status(agreement.get_state_display(), tones.get(AgreementState(agreement.state), "neutral"))


@dataclass(frozen=True)
class AgreementRow:
    """A line of the list of agreements."""

    agreement: Agreement
    partner: Organisation
    side: str
    status: Status


def agreement_rows(agreements: Iterable[Agreement], organisation_id: int | None, on: date) -> list[AgreementRow]:
    """Return the lines of a list as the school `organisation_id` reads them."""
    return [
        AgreementRow(
            agreement=agreement,
            partner=agreement.host if agreement.home_id == organisation_id else agreement.home,
            side="учит наших учеников" if agreement.home_id == organisation_id else "мы учим её учеников",
            status=agreement_status(agreement, on),
        )
        for agreement in agreements
    ]


@dataclass(frozen=True)
class AgreementCard:
    """What the page of an agreement shows beside its terms."""

    status: Status
    slots: list[SlotState]
    own_slot: SlotState | None
    returned_because: str
    history: QuerySet[AuditEntry]
    may_edit: bool
    may_suspend: bool
    may_resume: bool
    may_end: bool


def terms_of(agreement: Agreement) -> dict[str, object]:
    """Return the terms of an agreement as its form shows them."""
    return {name: getattr(agreement, name) for name in TERMS}


def slot_of(agreement: Agreement, organisation_id: int | None) -> str | None:
    """Return the key of the place where the director of the school signs; None for a school that is no party."""
    return {agreement.home_id: HOME_SLOT, agreement.host_id: HOST_SLOT}.get(organisation_id or 0)


def waiting_slot(agreement: Agreement, acting: Acting) -> SlotState | None:
    """Return the place for a signature whose turn it is, if the acting person is the one to sign there."""
    if agreement.state != AgreementState.SIGNING or agreement.document is None or not access.signs_agreements(acting):
        return None
    slot = next_slot(agreement.document)
    return slot if slot and slot.key == slot_of(agreement, acting.organisation_id) else None


def agreement_card(agreement: Agreement, acting: Acting, on: date) -> AgreementCard:
    """Return what the page shows to the acting person, who passed the gate of the agreement."""
    director = acting.is_(Role.DIRECTOR)
    refusal = refusal_of(agreement.document) if agreement.document else None
    return AgreementCard(
        status=agreement_status(agreement, on),
        slots=signature_slots(agreement.document) if agreement.document else [],
        own_slot=waiting_slot(agreement, acting),
        returned_because=refusal.reason if refusal and agreement.state == AgreementState.DRAFT else "",
        history=history_of(agreement),
        may_edit=access.may_edit(acting, agreement),
        may_suspend=director and agreement.state == AgreementState.SIGNED,
        may_resume=director and agreement.state == AgreementState.SUSPENDED,
        may_end=director and agreement.state in (AgreementState.SIGNED, AgreementState.SUSPENDED),
    )


# --- guardians --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A pupil who may be the child of a claim, with what agrees; `expected` is what the school knows of the parent."""

    student: Student
    same_name: bool
    same_birth_date: bool
    expected: str = ""


def candidates_for(acting: Acting, link: GuardianLink) -> list[Candidate]:
    """Return the pupils of the claim's school with the same birth date or a similar surname, the likeliest first.

    Surnames are alike when they begin alike: the ending differs between brother and sister.
    """
    wanted = russian.fold(" ".join(link.child_name.split()))
    surname = russian.fold(link.child_name.split()[0])
    stem = surname[: max(SHORTEST_STEM, len(surname) - 2)]
    pool = access.candidates_pool(acting, link).filter(
        Q(birth_date=link.child_birth_date)
        | Q(sort_key__startswith=stem)
        | Q(sort_key__contains=f"{russian.FOLDED}{stem}")
    )
    students = list(pool)
    expected = expected_match(link, students)
    candidates = [
        Candidate(
            student=student,
            same_name=russian.fold(student.full_name) == wanted,
            same_birth_date=student.birth_date == link.child_birth_date,
            expected=expected.get(student.pk, ""),
        )
        for student in students
    ]
    candidates.sort(key=lambda c: (-(c.same_name + c.same_birth_date), not c.expected, c.student.sort_key))
    return candidates[:MOST_CANDIDATES]


# --- what waits -------------------------------------------------------------------------------------------------


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return the guardians to check for the school's office, and the agreements to sign for its director."""
    tasks: list[Task] = []
    if acting.is_(*access.FAMILY):
        tasks += [
            Task("Принять полномочие", str(offer), reverse("duty_offer_list"), "Прочитать и принять")
            for offer in access.own_offers_for(acting)
        ]
    if acting.is_(Role.DEPUTY, Role.RESPONSIBLE):
        tasks += [
            Task(
                title="Проверить, кто родитель",
                about=f"{link.user.short_name} — {link.child_name}, {link.child_class}",
                url=reverse("guardian_claim", args=[link.pk]),
                action="Проверить",
            )
            for link in access.waiting_claims_for(acting).order_by("requested_at", "pk")
        ]
        tasks += [
            Task(
                title="Исправить договор",
                about=f"Возвращён с замечаниями: {agreement.host}",
                url=reverse("agreement", args=[agreement.pk]),
                action="Открыть договор",
            )
            for agreement in access.agreements_for(acting).filter(
                home=acting.organisation_id, state=AgreementState.DRAFT, document__isnull=False
            )
        ]
    tasks += [
        Task(
            title="Подписать договор",
            about=f"{agreement}, с {ru_day(agreement.date_from)} по {ru_day(agreement.date_to)}",
            url=reverse("agreement", args=[agreement.pk]),
            action="Прочитать и подписать",
            due=_signature_due(agreement),
        )
        for agreement in access.agreements_to_sign_for(acting)
        if waiting_slot(agreement, acting)
    ]
    return tasks


def _signature_due(agreement: Agreement) -> date:
    """Return the day the agreement begins; one sent later waits for the usual days of an answer."""
    assert agreement.document is not None
    sent = local_day(agreement.document.created_at, agreement.network.time_zone)
    return max(agreement.date_from, add_working_days(sent, DAYS_TO_SIGN))


@dataclass(frozen=True)
class ClaimCounts:
    """How many claims of the school wait and how many are decided."""

    waiting: int
    decided: int


def claim_counts(links: QuerySet[GuardianLink]) -> ClaimCounts:
    """Count the claims of a gate's queryset by whether they wait."""
    waiting = links.filter(state=LinkState.REQUESTED).count()
    return ClaimCounts(waiting=waiting, decided=links.count() - waiting)
