"""Orders beside that of enrolment as pages show them: whom to send, the chain of changes, who has read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from enrollment import access
from enrollment.enums import EnrolmentState, HomeState, OrderState, SchoolOrderKind
from enrollment.models import Acquaintance, Enrolment, Order, SchoolOrder, SchoolOrderLine
from network_portal.documents.models import Document
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import Duty, Organisation

TONES = {OrderState.DRAFT: "warn", OrderState.REGISTERED: "good", OrderState.CANCELLED: "neutral"}


def to_direct(home_id: int, host_id: int, year: int) -> QuerySet[Enrolment]:
    """Return the home school's pupils whom the host has enrolled and no order of the home school names yet."""
    return (
        Enrolment.objects.filter(
            home=home_id,
            course__programme__host=host_id,
            course__year=year,
            state=EnrolmentState.ENROLLED,
            home_state=HomeState.PROPOSED,
            review="",
        )
        .select_related("student__school_class__class_teacher__user", "group__course__programme", "course__programme")
        .order_by("course__programme__title", "student__sort_key", "pk")
    )


def directed(order: SchoolOrder) -> QuerySet[Enrolment]:
    """Return the pupils on the list of a T04 as its changes have left it."""
    return (
        Enrolment.objects.filter(
            home=order.home_id,
            course__programme__host=order.host_id,
            course__year=order.year,
            state=EnrolmentState.ENROLLED,
            home_state=HomeState.DIRECTED,
        )
        .select_related("student__school_class", "group__course__programme", "course__programme")
        .order_by("student__sort_key", "pk")
    )


@dataclass(frozen=True)
class HostToOrder:
    """A host that has enrolled pupils of the home school whom no T04 names."""

    host: Organisation
    year: int
    waiting: int
    main: SchoolOrder | None
    draft: SchoolOrder | None


def hosts_to_order(home_id: int) -> list[HostToOrder]:
    """Return for which hosts the home school has to issue T04 or change it."""
    waiting = Enrolment.objects.filter(
        home=home_id, state=EnrolmentState.ENROLLED, home_state=HomeState.PROPOSED, review=""
    ).select_related("course__programme__host")
    counts: dict[tuple[int, int], int] = {}
    hosts: dict[int, Organisation] = {}
    for enrolment in waiting:
        host = enrolment.course.programme.host
        hosts[host.pk] = host
        counts[host.pk, enrolment.course.year] = counts.get((host.pk, enrolment.course.year), 0) + 1
    mains = {
        (order.host_id, order.year): order
        for order in SchoolOrder.objects.filter(home=home_id, kind=SchoolOrderKind.ORGANISE).exclude(
            state=OrderState.CANCELLED
        )
    }
    drafts = {
        (order.host_id, order.year): order
        for order in SchoolOrder.objects.filter(school=home_id, state=OrderState.DRAFT)
    }
    return [
        HostToOrder(hosts[key[0]], key[1], count, mains.get(key), drafts.get(key))
        for key, count in sorted(counts.items(), key=lambda item: (hosts[item[0][0]].short_name, item[0][1]))
    ]


def staff_duties(school_id: int, kinds: Iterable[DutyKind], on: date) -> QuerySet[Duty]:
    """Return the duties of a school from which an order names people."""
    return (
        Duty.objects.in_force(on).filter(organisation=school_id, kind__in=list(kinds)).select_related("user")
    ).order_by("user__sort_key", "pk")


def lines_of(order: SchoolOrder) -> QuerySet[SchoolOrderLine]:
    """Return whom an order names, by surname."""
    return order.lines.select_related(
        "enrolment__student__school_class", "enrolment__course__programme", "enrolment__group"
    )


def changes_of(order: SchoolOrder | Order, *, drafts: bool) -> list[SchoolOrder]:
    """Return the orders that change this one, oldest first; `drafts` are for the school that issues them."""
    states = [OrderState.REGISTERED, OrderState.DRAFT] if drafts else [OrderState.REGISTERED]
    return list(order.changes.filter(state__in=states).select_related("document").order_by("created_at", "pk"))


@dataclass(frozen=True)
class Reader:
    """A row of the sheet of acquaintance; `overdue` in words and not by colour alone."""

    row: Acquaintance
    overdue: bool


def readers_of(document: Document, on: date) -> list[Reader]:
    """Return who has to read an order, and who has."""
    rows = document.acquaintances.select_related("user", "organisation").order_by("pk")
    return [Reader(row, row.seen_at is None and row.due < on) for row in rows]


def asked_now(acting: Acting, document: Document) -> Acquaintance | None:
    """Return what the acting person has still to acknowledge on an order."""
    return Acquaintance.objects.asked_of(acting).filter(document=document, seen_at=None).first()


def unread_of(acting: Acting) -> QuerySet[Acquaintance]:
    """Return the orders that the acting person has still to read."""
    return Acquaintance.objects.asked_of(acting).filter(seen_at=None).select_related("document").order_by("due", "pk")


def page_of(acting: Acting, document: Document) -> tuple[str, int] | None:
    """Return the name and the number of the page of an order that the acting person may see."""
    own = access.school_orders_for(acting).filter(document=document).first()
    if own is not None:
        return "school_order", own.pk
    enrolling = access.orders_for(acting).filter(document=document).first()
    return ("order", enrolling.pk) if enrolling else None
