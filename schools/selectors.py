"""Reads that others ask for: agreements in force, who works where, what waits, what a page shows of an agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.common import russian
from network_portal.common.dates import ru_day
from network_portal.common.models import in_force
from network_portal.notices.selectors import Task
from schools import access, agreements
from schools.acting import Acting
from schools.agreements import HOME_SLOT as HOME_SLOT
from schools.agreements import HOST_SLOT as HOST_SLOT
from schools.agreements import Status
from schools.agreements import agreement_in_force as agreement_in_force
from schools.agreements import slot_of as slot_of
from schools.enums import DutyKind, LinkState, Role
from schools.models import Duty, GuardianLink, Network, Organisation, Route, Student
from schools.pupils import expected_match

MOST_CANDIDATES = 20
SHORTEST_STEM = 3


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
        tasks += [
            Task(
                "Принять учётную запись обучающегося",
                account.organisation.short_name,
                reverse("pupil_account_take", args=[account.pk]),
                "Принять",
            )
            for account in access.own_account_offers_for(acting)
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
    tasks += agreements.tasks_for(acting, today)
    return tasks


@dataclass(frozen=True)
class ClaimCounts:
    """How many claims of the school wait and how many are decided."""

    waiting: int
    decided: int


def claim_counts(links: QuerySet[GuardianLink]) -> ClaimCounts:
    """Count the claims of a gate's queryset by whether they wait."""
    waiting = links.filter(state=LinkState.REQUESTED).count()
    return ClaimCounts(waiting=waiting, decided=links.count() - waiting)


def route_minutes(acting: Acting) -> dict[int, int]:
    """Return the minutes from the school acted for to each school for which somebody has said."""
    own = acting.organisation_id
    known = Route.objects.filter(Q(first=own) | Q(second=own))
    return {route.second_id if route.first_id == own else route.first_id: route.minutes for route in known}
