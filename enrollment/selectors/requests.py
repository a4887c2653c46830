"""The home school's lists: who may be put on one, what stands against a line, what the host has to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from courses.enums import GroupState
from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import (
    AllocationState,
    ApplicationState,
    ContractState,
    EnrolmentState,
    LineDecision,
    OrderState,
    RequestState,
)
from enrollment.models import (
    AllocationPlace,
    Application,
    ApplicationChoice,
    Contract,
    Enrolment,
    Order,
    SchoolRequest,
    SchoolRequestLine,
)
from enrollment.selectors.applications import remaining_choice
from enrollment.selectors.conditions import Condition, Evidence, enrolment_conditions, evidence_for
from enrollment.selectors.outcomes import TwoStates
from schools.agreements import directions_in_force, taught_by
from schools.models import Organisation

#: Applications that wait to be put on a list; NOT_PLACED ones by their next choice, and while they wait for a course
#: those to which the approved allocation has given a place on another one.
LISTABLE = (ApplicationState.ACCEPTED, ApplicationState.NOT_PLACED)

TONES = {
    RequestState.DRAFT: "neutral",
    RequestState.SIGNING: "warn",
    RequestState.SIGNED: "info",
    RequestState.SENT: "info",
    RequestState.ANSWERED: "good",
    RequestState.CLOSED: "good",
}
DECISION_TONES = {
    LineDecision.PENDING: "info",
    LineDecision.ACCEPTED: "good",
    LineDecision.WAITLISTED: "warn",
    LineDecision.REFUSED: "bad",
    LineDecision.WITHDRAWN: "neutral",
}


@dataclass(frozen=True)
class Candidate:
    """A pupil who may be put on a list, with the course and the conditions."""

    application: Application
    course: NetworkCourse
    conditions: list[Condition]

    @property
    def ready(self) -> bool:
        return all(condition.met for condition in self.conditions)


def listable_applications(home_id: int, year: int | None = None) -> list[tuple[Application, NetworkCourse]]:
    """Return the accepted applications that no list holds, each with the course it now points to.

    That is the course on which the approved allocation gave a place. Without one it is the first choice; when its host
    refused, the next one in the family's order, which only the home knows.
    """
    applications = (
        Application.objects.filter(home=home_id, state__in=[*LISTABLE, ApplicationState.WAITLISTED])
        .select_related("student__school_class", "home", "document")
        .prefetch_related(
            Prefetch("choices", ApplicationChoice.objects.order_by("rank").select_related("course__programme__host")),
            "lines",
        )
        .order_by("registered_at", "pk")
    )
    if year is not None:
        applications = applications.filter(year=year)
    placed = placed_courses(application.pk for application in applications)
    pairs = []
    for application in applications:
        lines = application.lines.all()
        choice = next(
            (choice for choice in application.choices.all() if choice.course_id == placed.get(application.pk)), None
        )
        if choice and any(line.course_id == choice.course_id for line in lines):
            choice = None
        if choice is None and application.state != ApplicationState.WAITLISTED:
            choice = remaining_choice(application, lines)
        if choice:
            pairs.append((application, choice.course))
    return pairs


def placed_courses(applications: Iterable[int]) -> dict[int, int]:
    """Return the course on which the approved allocation has placed each application."""
    return dict(
        AllocationPlace.objects.filter(
            run__state=AllocationState.APPROVED, application__in=list(applications), group__isnull=False
        ).values_list("application_id", "group__course_id")
    )


def candidates_for(request: SchoolRequest, on: date) -> list[Candidate]:
    """Return who may be put on the draft `request`, in the order of registration, with ticks and reasons."""
    pairs = [
        (application, course)
        for application, course in listable_applications(request.home_id, request.year)
        if course.programme.host_id == request.host_id
    ]
    evidence = evidence_for([application for application, _ in pairs], on)
    return [
        Candidate(
            application,
            course,
            enrolment_conditions(application=application, course=course, evidence=evidence),
        )
        for application, course in pairs
    ]


@dataclass(frozen=True)
class HostToAsk:
    """A host for whose courses accepted applications wait."""

    host: Organisation
    year: int
    waiting: int
    agreed: bool
    draft: SchoolRequest | None


def hosts_to_ask(home_id: int, on: date) -> list[HostToAsk]:
    """Return the hosts for which the home school can compose a list, with what waits for each."""
    counts: dict[tuple[int, int], int] = {}
    hosts: dict[int, Organisation] = {}
    for application, course in listable_applications(home_id):
        key = (course.programme.host_id, application.year)
        counts[key] = counts.get(key, 0) + 1
        hosts[course.programme.host_id] = course.programme.host
    agreements = directions_in_force(on, homes=[home_id])
    drafts = {
        (draft.host_id, draft.year): draft
        for draft in SchoolRequest.objects.filter(home=home_id, state=RequestState.DRAFT)
    }
    return [
        HostToAsk(
            hosts[host_id],
            year,
            counts[host_id, year],
            agreements.covers(home=home_id, host=host_id, year=year),
            drafts.get((host_id, year)),
        )
        for host_id, year in sorted(counts, key=lambda key: (hosts[key[0]].short_name, key[1]))
    ]


@dataclass(frozen=True)
class LineRow:
    """A line as the page of a list shows it; `place` is its turn by the moment of registration on this course."""

    line: SchoolRequestLine
    conditions: list[Condition]
    place: int
    enrolment: Enrolment | None

    @property
    def tone(self) -> str:
        return DECISION_TONES[LineDecision(self.line.decision)]

    @property
    def both(self) -> TwoStates | None:
        return TwoStates(self.enrolment) if self.enrolment else None

    @property
    def met(self) -> bool:
        return all(condition.met for condition in self.conditions)

    @property
    def can_accept(self) -> bool:
        return self.line.decision in (LineDecision.PENDING, LineDecision.WAITLISTED)

    @property
    def can_waitlist(self) -> bool:
        return self.line.decision == LineDecision.PENDING

    @property
    def can_refuse(self) -> bool:
        return self.can_accept or (self.enrolment is not None and self.enrolment.state == EnrolmentState.BOOKED)


def lines_of_request(request: SchoolRequest) -> list[SchoolRequestLine]:
    """Return the lines of a list in the Russian order of surnames."""
    return list(
        request.lines.select_related(
            "course__programme__host",
            "application__student__school_class",
            "application__home",
            "application__document",
            "decided_by",
            "enrolment__group",
            "enrolment__order__document",
            "enrolment__state_by",
            "enrolment__home_by",
        )
    )


def request_rows(request: SchoolRequest, on: date) -> list[LineRow]:
    """Return the lines of a list with the conditions of each."""
    lines = lines_of_request(request)
    evidence = evidence_for([line.application for line in lines], on)
    places = places_of(lines)
    return [
        LineRow(line, line_conditions(line, request, evidence), places[line.pk], getattr(line, "enrolment", None))
        for line in lines
    ]


def line_conditions(line: SchoolRequestLine, request: SchoolRequest, evidence: Evidence) -> list[Condition]:
    """Return the conditions of one line; those of a sent list count once it left the draft."""
    return enrolment_conditions(
        application=line.application,
        course=line.course,
        evidence=evidence,
        request=None if request.state in (RequestState.DRAFT, RequestState.SIGNING, RequestState.SIGNED) else request,
    )


def places_of(lines: list[SchoolRequestLine]) -> dict[int, int]:
    """Return for each line its turn on its course, by the moment of registration."""
    turns: dict[int, int] = {}
    places: dict[int, int] = {}
    for line in sorted(lines, key=lambda line: (line.application.registered_at, line.application_id)):
        turns[line.course_id] = turns.get(line.course_id, 0) + 1
        places[line.pk] = turns[line.course_id]
    return places


def groups_for_answers(request: SchoolRequest) -> list[StudyGroup]:
    """Return the groups into which the host may put the pupils of a list."""
    return list(
        StudyGroup.objects.filter(course__in=request.lines.values("course"))
        .exclude(state=GroupState.CLOSED)
        .select_related("course__programme")
        .order_by("course__programme__title", "name")
    )


def with_counts(requests: QuerySet[SchoolRequest]) -> QuerySet[SchoolRequest]:
    """Return lists with the numbers of their lines by decision."""
    return requests.annotate(
        lines_all=Count("lines"),
        lines_pending=Count("lines", filter=Q(lines__decision=LineDecision.PENDING)),
        lines_accepted=Count("lines", filter=Q(lines__decision=LineDecision.ACCEPTED)),
        lines_waitlisted=Count("lines", filter=Q(lines__decision=LineDecision.WAITLISTED)),
        lines_refused=Count("lines", filter=Q(lines__decision=LineDecision.REFUSED)),
    ).order_by("-created_at", "-pk")


@dataclass(frozen=True)
class GroupToOrder:
    """Booked places of a list in one group that no order covers yet."""

    group: StudyGroup
    booked: int
    draft: Order | None


def groups_to_order(request: SchoolRequest) -> list[GroupToOrder]:
    """Return the groups for which the host has to draft an order, and drafts that wait for a signature."""
    booked = Enrolment.objects.filter(line__request=request, state=EnrolmentState.BOOKED).select_related(
        "group", "order"
    )
    rows: dict[int, GroupToOrder] = {}
    for enrolment in booked:
        row = rows.get(enrolment.group_id)
        rows[enrolment.group_id] = GroupToOrder(
            enrolment.group, (row.booked if row else 0) + 1, enrolment.order or (row.draft if row else None)
        )
    return sorted(rows.values(), key=lambda row: row.group.name)


def orders_of(request: SchoolRequest, *, drafts: bool) -> list[Order]:
    """Return the orders made by a list; `drafts` are the host's alone."""
    states = [OrderState.REGISTERED, OrderState.DRAFT] if drafts else [OrderState.REGISTERED]
    return list(request.orders.filter(state__in=states).select_related("document", "group").order_by("pk"))


def counts_by_side(requests: QuerySet[SchoolRequest], organisation_id: int) -> dict[str, int]:
    """Return how many of `requests` the school sends and receives, in one query."""
    return requests.order_by().aggregate(
        sent=Count("pk", filter=Q(home=organisation_id)), received=Count("pk", filter=Q(host=organisation_id))
    )


def counts_of(rows: list[LineRow]) -> list[tuple[str, int, str]]:
    """Return the label, the number and the tone of each answer that occurs among the lines of a list."""
    counts = Counter(row.line.decision for row in rows)
    return [
        (decision.label, counts[decision], DECISION_TONES[decision]) for decision in LineDecision if counts[decision]
    ]


def partner_schools(home_id: int) -> QuerySet[Organisation]:
    """Return the schools with which the home school has, or had, an agreement as the one that sends."""
    return taught_by(home_id)


def contracts_of(request: SchoolRequest) -> list[tuple[SchoolRequestLine, Contract | None]]:
    """Return the accepted lines of a list with the three-party contract of each, where the network needs one."""
    if not request.agreement.network.tripartite:
        return []
    found = {
        contract.line_id: contract
        for contract in Contract.objects.filter(line__request=request).exclude(state=ContractState.CANCELLED)
    }
    lines = request.lines.filter(decision=LineDecision.ACCEPTED).select_related(
        "application__student", "course__programme"
    )
    return [(line, found.get(line.pk)) for line in lines]
