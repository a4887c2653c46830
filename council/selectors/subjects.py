"""What a question may be about, for the form that puts it on the agenda."""

from __future__ import annotations

from django.db.models import QuerySet

from council.enums import NOT_REVOKED, ExecutionState
from council.models import Council, Decision
from courses.enums import CourseState, GroupState
from courses.models import NetworkCourse, Programme, StudyGroup
from enrollment.enums import AllocationState
from enrollment.models import AllocationRun
from network_portal.common.dates import school_year_label
from schools.enums import AgreementState, AllocationApproval
from schools.models import Agreement, Organisation


def schools() -> QuerySet[Organisation]:
    """Return every school: which of them may be admitted or leave, the service says."""
    return Organisation.objects.filter(kind="school").order_by("short_name")


def groups(council: Council) -> QuerySet[StudyGroup]:
    """Return the groups of the network that are not closed."""
    rows = StudyGroup.objects.filter(course__network=council.network).exclude(state=GroupState.CLOSED)
    return rows.select_related("course__programme__host").prefetch_related("slots")


def programmes(council: Council) -> QuerySet[Programme]:
    """Return the programmes taught in the network."""
    return Programme.objects.filter(courses__network=council.network).distinct().select_related("host")


def agreements(council: Council) -> QuerySet[Agreement]:
    """Return the agreements of the network's schools that are not ended."""
    rows = Agreement.objects.filter(network=council.network).exclude(state=AgreementState.ENDED)
    return rows.select_related("home", "host")


def courses(council: Council) -> QuerySet[NetworkCourse]:
    """Return the published courses of the network: what routes of pupils are made of."""
    rows = NetworkCourse.objects.filter(network=council.network, state=CourseState.PUBLISHED)
    return rows.select_related("programme__host").order_by("-year", "programme__title", "pk")


def runs(council: Council) -> QuerySet[AllocationRun]:
    """Return the drafts that the council approves, where the network says that it does (3.7)."""
    approves = council.network.allocation_approval == AllocationApproval.COUNCIL
    rows = AllocationRun.objects.filter(network=council.network, state=AllocationState.DRAFT)
    return rows if approves else rows.none()


def run_words(run: AllocationRun) -> str:
    return f"Проект на {school_year_label(run.year)} учебный год"


def revocable(council: Council) -> QuerySet[Decision]:
    """Return the decisions in effect that can be undone."""
    rows = Decision.objects.filter(item__meeting__council=council, effective_at__isnull=False)
    rows = rows.exclude(execution__state=ExecutionState.REVOKED).exclude(item__kind__in=NOT_REVOKED)
    return rows.select_related("item__meeting").order_by("-effective_at")
