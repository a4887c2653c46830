"""Exits and what needs a decision: who may leave how, and which studies lost what they rest on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from enrollment import access
from enrollment.enums import (
    EnrolmentState,
    ExitReason,
    ExitRecord,
    LeaveState,
    OrderState,
    Review,
    SchoolOrderKind,
)
from enrollment.models import Consent, Enrolment, LeaveApplication, Order, SchoolOrder
from enrollment.selectors.conditions import evidence_for
from schools.acting import Acting
from schools.agreements import directions_standing


def exit_record_of(enrolment: Enrolment, last_day: date) -> ExitRecord:
    """Return how an exit is kept: up to the last free day, or before the study began, the pupil has not studied."""
    free = enrolment.group.last_free_exit
    before = enrolment.date_from is not None and last_day < enrolment.date_from
    return ExitRecord.NOT_STUDIED if before or (free is not None and last_day <= free) else ExitRecord.LEFT


def review_needed(enrolment: Enrolment, on: date) -> Review:
    """Return why a pupil's study needs a decision on the day `on`."""
    if enrolment.student.home_school_id != enrolment.home_id:
        return Review.MOVED
    given = evidence_for([enrolment.line.application], on).consents
    operators = (enrolment.home_id, enrolment.course.programme.host_id)
    if any((enrolment.student_id, operator) not in given for operator in operators):
        return Review.CONSENT
    if not _rests_on_agreement([enrolment], on)[enrolment.pk]:
        return Review.AGREEMENT
    return Review.NONE


def _rests_on_agreement(enrolments: Collection[Enrolment], on: date) -> dict[int, bool]:
    """Tell of each study, its course and host loaded, whether an agreement that has not ended covers it."""
    standing = directions_standing(on, homes={one.home_id for one in enrolments})
    return {
        one.pk: standing.covers(home=one.home_id, host=one.course.programme.host_id, year=one.course.year)
        for one in enrolments
    }


def reviews_to_check(on: date) -> list[Enrolment]:
    """Return the studies that are flagged, or whose pupil, consent or agreement has changed."""
    studying = Enrolment.objects.filter(state=EnrolmentState.ENROLLED)
    rests = _rests_on_agreement(studying.select_related("course__programme"), on)
    withdrawn = Consent.objects.exclude(withdrawn_at=None).values("student")
    over = Consent.objects.filter(date_to__lt=on).values("student")
    return list(
        studying.filter(
            ~Q(review="")
            | ~Q(student__home_school=F("home"))
            | Q(student__in=withdrawn)
            | Q(student__in=over)
            | Q(pk__in=[pk for pk, stands in rests.items() if not stands])
        ).order_by("pk")
    )


def leaves_to_execute(acting: Acting) -> QuerySet[LeaveApplication]:
    """Return the families' applications that wait for an order of the own school."""
    return access.leaves_for(acting).filter(state=LeaveState.REGISTERED).order_by("registered_at", "pk")


def reviews_of(acting: Acting) -> QuerySet[Enrolment]:
    """Return the own school's pupils whose study needs a decision."""
    return (
        access.enrolments_for(acting)
        .filter(home=acting.organisation_id)
        .exclude(review="")
        .select_related("course__programme__host")
        .order_by("review_due", "pk")
    )


@dataclass(frozen=True)
class HomeExit:
    """A pupil whom the home school's order may take off its list, and why; a wish names the last day itself."""

    enrolment: Enrolment
    reason: ExitReason
    last_day: date | None


def exits_of_home(order: SchoolOrder) -> list[HomeExit]:
    """Return the pupils of a T04 whose family asks to leave, or whose study lost what it rests on."""
    studying = (
        Enrolment.objects.filter(
            home=order.home_id,
            course__programme__host=order.host_id,
            course__year=order.year,
            state=EnrolmentState.ENROLLED,
        )
        .select_related("student__school_class", "course__programme", "group__course__programme")
        .order_by("student__sort_key", "pk")
    )
    wishes = {
        leave.enrolment_id: leave.last_day
        for leave in LeaveApplication.objects.filter(enrolment__in=studying, state=LeaveState.REGISTERED)
    }
    because = {
        Review.MOVED: ExitReason.MOVED,
        Review.CONSENT: ExitReason.CONSENT,
        Review.AGREEMENT: ExitReason.AGREEMENT,
    }
    rows = []
    for enrolment in studying:
        if enrolment.pk in wishes:
            rows.append(HomeExit(enrolment, ExitReason.WISH, wishes[enrolment.pk]))
        elif enrolment.review:
            rows.append(HomeExit(enrolment, because[Review(enrolment.review)], None))
    return rows


def members_to_exclude(acting: Acting, order: Order) -> QuerySet[Enrolment]:
    """Return the pupils enrolled by an order of the own school who still study."""
    return (
        access.enrolments_for(acting)
        .filter(order=order, state=EnrolmentState.ENROLLED)
        .select_related("student__school_class", "course__programme", "group__course__programme")
    )


def main_order_of(acting: Acting, enrolment: Enrolment) -> SchoolOrder | None:
    """Return the T04 that a pupil's exit changes."""
    return (
        access.school_orders_for(acting)
        .filter(
            kind=SchoolOrderKind.ORGANISE,
            state=OrderState.REGISTERED,
            home=enrolment.home_id,
            host=enrolment.course.programme.host_id,
            year=enrolment.course.year,
        )
        .first()
    )
