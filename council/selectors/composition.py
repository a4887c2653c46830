"""Who sits in the council, which seats are vacant, who is in the network, which regulation is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from council.enums import Capacity, MeetingKind
from council.models import Council, CouncilMember, Regulation
from network_portal.common.models import in_force
from schools.enums import DutyKind
from schools.models import Duty, Membership, Organisation, SchoolClass

#: In what capacity a duty of a school makes one fit for the council (S1-1.6).
CAPACITIES = {
    DutyKind.DIRECTOR: Capacity.DIRECTOR,
    DutyKind.DEPUTY: Capacity.DEPUTY,
    DutyKind.CLASS_TEACHER: Capacity.CLASS_TEACHER,
}
#: Whose class teachers sit in the council (S1-1.6).
GRADES = (10, 11)


def composition(council: Council, day: date) -> list[CouncilMember]:
    """Return everyone who has a seat on `day`, by name; a secretary without a vote is among them."""
    seats = CouncilMember.objects.filter(council=council).serving_on(day)
    return list(seats.select_related("duty__user", "duty__organisation"))


def voters(council: Council, day: date) -> QuerySet[CouncilMember]:
    """Return the members with a vote on `day`, for forms and for quorum."""
    members = CouncilMember.objects.filter(council=council).voting_on(day)
    return members.select_related("duty__user", "duty__organisation")


def chair_on(council: Council, day: date) -> CouncilMember | None:
    """Return the chair in office on `day`: a chair whose seat has ended is none."""
    chair = council.chair
    if chair is None or not CouncilMember.objects.filter(pk=chair.pk).serving_on(day).exists():
        return None
    return chair


def secretary_on(council: Council, day: date) -> CouncilMember | None:
    """Return the secretary in office on `day`."""
    seats = CouncilMember.objects.filter(council=council, duty__kind=DutyKind.COUNCIL_SECRETARY).serving_on(day)
    return seats.select_related("duty__user", "duty__organisation").first()


def kinds_allowed(council: Council, day: date) -> list[tuple[str, str]]:
    """Return the kinds of meeting that can be planned: the first one until a chair is in office (S1-5.6)."""
    if chair_on(council, day) is None:
        return [(MeetingKind.FIRST.value, str(MeetingKind.FIRST.label))]
    return [(kind.value, str(kind.label)) for kind in (MeetingKind.REGULAR, MeetingKind.EXTRAORDINARY)]


def schools_of(council: Council, day: date) -> QuerySet[Organisation]:
    """Return the schools that are in the network on `day`."""
    members = Membership.objects.filter(in_force(day), network=council.network)
    return Organisation.objects.filter(pk__in=members.values("organisation")).order_by("short_name")


def schools_outside(council: Council, day: date) -> QuerySet[Organisation]:
    """Return the schools that may be admitted to the network."""
    return Organisation.objects.filter(kind="school").exclude(pk__in=schools_of(council, day).values("pk"))


def appointees(council: Council, day: date) -> QuerySet[Duty]:
    """Return the duties that make one fit for a seat: directors, deputies, class teachers of grades 10–11 (S1-1.6)."""
    teach = SchoolClass.objects.filter(grade__in=GRADES).values("class_teacher")
    duties = Duty.objects.in_force(day).filter(organisation__in=schools_of(council, day).values("pk"))
    managers = duties.filter(kind__in=[DutyKind.DIRECTOR, DutyKind.DEPUTY])
    teachers = duties.filter(kind=DutyKind.CLASS_TEACHER, pk__in=teach)
    return (managers | teachers).select_related("user", "organisation").order_by("user__sort_key", "pk")


@dataclass(frozen=True)
class Vacancy:
    """A school of the network without anyone in one of the capacities of S1-1.6."""

    school: Organisation
    capacity: str


def vacancies(council: Council, members: list[CouncilMember], day: date) -> list[Vacancy]:
    """Return the vacancies on `day` by school: each school sends a director, a deputy, a class teacher (S1-1.6)."""
    taken = {(member.duty.organisation_id, member.capacity) for member in members if member.voting}
    return [
        Vacancy(school, str(capacity.label))
        for school in schools_of(council, day)
        for capacity in Capacity
        if (school.pk, capacity.value) not in taken
    ]


def register(council: Council) -> list[CouncilMember]:
    """Return everyone who ever had a seat, by name, with the decisions behind it (S1-5.7)."""
    seats = CouncilMember.objects.filter(council=council).select_related(
        "duty__user",
        "duty__organisation",
        "admitted_by__item__meeting__document",
        "ended_by__item__meeting__document",
    )
    return list(seats)


def memberships(council: Council) -> list[Membership]:
    """Return the schools that are or were in the network."""
    rows = Membership.objects.filter(network=council.network).select_related("organisation")
    return list(rows.order_by("organisation__short_name", "date_from"))


def regulations(council: Council) -> list[Regulation]:
    """Return the editions of the regulation that came into force, the latest first."""
    editions = Regulation.objects.filter(council=council, in_force_from__isnull=False)
    return list(editions.select_related("file", "item__decision", "item__meeting__document"))
