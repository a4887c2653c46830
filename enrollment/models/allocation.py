"""Forming groups: runs, the places they give, seats fixed by hand, quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import ALLOCATION_TRANSITIONS, AllocationState, RequestState
from enrollment.models.applications import Application
from enrollment.models.requests import SchoolRequestLine
from network_portal.common.models import choices_check
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Agreement, GuardianLink, Membership, Network, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


class AllocationRunQuerySet(models.QuerySet["AllocationRun"]):
    def visible_to(self, acting: Acting) -> AllocationRunQuerySet:
        """Staff of the network's schools; who sits in the council sees numbers only, which its page keeps to."""
        if not acting.is_(*SCHOOL_STAFF, Role.COUNCIL_MEMBER, Role.COUNCIL_SECRETARY):
            return self.none()
        return self.filter(network__in=Membership.objects.filter(organisation=acting.organisation_id).values("network"))


class AllocationRun(models.Model):
    """How the groups of a network are formed in a school year: what went in, what came out, who approved it (3.7).

    `sha256` names one version of both: confirmations and approvals bind to it, a new computation drops them (I-5).
    """

    TRANSITIONS: ClassVar = ALLOCATION_TRANSITIONS

    network = models.ForeignKey(Network, models.PROTECT, related_name="allocations", verbose_name="сеть")
    year = models.PositiveSmallIntegerField("учебный год")
    state = models.CharField("состояние", max_length=20, choices=AllocationState, default=AllocationState.DRAFT)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто составил")
    created_at = models.DateTimeField("составлено")
    computed_at = models.DateTimeField("пересчитано")
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name="прежнее распределение")
    snapshot = models.JSONField("исходные данные")
    result = models.JSONField("итог")
    sha256 = models.CharField("версия", max_length=64)
    approved_at = models.DateTimeField("утверждено", null=True)
    basis = models.CharField("основание утверждения", max_length=200, blank=True)

    objects = AllocationRunQuerySet.as_manager()

    class Meta:
        verbose_name = "распределение по группам"
        verbose_name_plural = "распределения по группам"
        ordering = ["-created_at", "-pk"]
        constraints = [
            choices_check("state", AllocationState, name="enrollment_allocation_state"),
            models.UniqueConstraint(
                fields=["network", "year"],
                condition=Q(state=AllocationState.DRAFT),
                name="enrollment_allocation_one_draft",
                violation_error_message="Проект распределения уже есть.",
            ),
            models.UniqueConstraint(
                fields=["network", "year"],
                condition=Q(state=AllocationState.APPROVED),
                name="enrollment_allocation_one_approved",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AllocationState.DRAFT, AllocationState.CANCELLED])
                | Q(approved_at__isnull=False),
                name="enrollment_allocation_approved",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="approved_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__df="draft", new__sha256__df=pgtrigger.F("old__sha256")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.network}, {self.year}/{self.year + 1}"


class AllocationPlaceQuerySet(models.QuerySet["AllocationPlace"]):
    def visible_to(self, acting: Acting) -> AllocationPlaceQuerySet:
        """A home sees its own pupils; a host those in its groups and those on lists sent to it; a family its child."""
        if acting.is_(Role.PARENT):
            return self.filter(
                run__state=AllocationState.APPROVED,
                application__student__guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on),
            )
        if not acting.is_(*SCHOOL_STAFF):
            return self.none()
        listed = SchoolRequestLine.objects.filter(
            request__host=acting.organisation_id,
            request__state__in=[RequestState.SENT, RequestState.ANSWERED, RequestState.CLOSED],
        )
        return self.filter(
            Q(home=acting.organisation_id)
            | Q(group__course__programme__host=acting.organisation_id)
            | Q(application__in=listed.values("application"))
        )


class AllocationPlace(models.Model):
    """What a run gives to one application, and why not what it wanted more.

    `explanation` keeps for each wish that was not met `{"course", "text", "turn"}`: the words for the family and the
    place in the queue, 0 when it stands in none.
    """

    run = models.ForeignKey(AllocationRun, models.CASCADE, related_name="places", verbose_name="распределение")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="заявление")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающегося")
    group = models.ForeignKey(StudyGroup, models.PROTECT, null=True, related_name="+", verbose_name="группа")
    before = models.ForeignKey(StudyGroup, models.PROTECT, null=True, related_name="+", verbose_name="прежняя группа")
    rank = models.PositiveSmallIntegerField("по счёту желание", null=True)
    fixed = models.BooleanField("закреплено вручную", default=False)
    explanation = models.JSONField("почему", default=list)

    objects = AllocationPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = "место по распределению"
        verbose_name_plural = "места по распределению"
        ordering = ["application__student__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "application"], name="enrollment_allocation_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application.student}: {self.group or 'без места'}"


class AllocationConfirmation(models.Model):
    """A host school agrees to one version of a run."""

    run = models.ForeignKey(AllocationRun, models.CASCADE, related_name="confirmations", verbose_name="распределение")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто подтвердил")
    at = models.DateTimeField("когда")
    sha256 = models.CharField("версия", max_length=64)

    class Meta:
        verbose_name = "подтверждение распределения"
        verbose_name_plural = "подтверждения распределений"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "organisation", "sha256"],
                name="enrollment_allocation_confirmed_once",
                violation_error_message="Школа уже подтвердила это распределение.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.run}"


class FixedSeat(models.Model):
    """A place given by hand, with the reason; runs keep it until it is lifted."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="заявление")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="+", verbose_name="группа")
    reason = models.CharField("причина", max_length=500)
    fixed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто закрепил"
    )
    fixed_at = models.DateTimeField("когда")
    lifted_at = models.DateTimeField("снято", null=True)

    class Meta:
        verbose_name = "закреплённое место"
        verbose_name_plural = "закреплённые места"
        ordering = ["fixed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(lifted_at=None),
                name="enrollment_fixed_seat_once",
                violation_error_message="За этим заявлением место уже закреплено.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="enrollment_fixed_seat_reason",
                violation_error_message="Укажите причину.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.student}: {self.group}"


class SeatQuota(models.Model):
    """How many places the agreement sets for the home school: on one course, or on all courses of the host."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="quotas", verbose_name="договор")
    year = models.PositiveSmallIntegerField("учебный год")
    course = models.ForeignKey(
        NetworkCourse, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="курс"
    )
    seats = models.PositiveSmallIntegerField("мест")

    class Meta:
        verbose_name = "квота школы"
        verbose_name_plural = "квоты школ"
        ordering = ["agreement", "course", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "year", "course"],
                name="enrollment_quota_once",
                nulls_distinct=False,
                violation_error_message="Такая квота уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.seats}"
