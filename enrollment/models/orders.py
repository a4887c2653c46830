"""The host's order of enrolment, and who has to read an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import StudyGroup
from enrollment.enums import ORDER_TRANSITIONS, OrderState
from enrollment.models.requests import SchoolRequest
from network_portal.common.models import choices_check, period_check
from network_portal.documents.models import Document
from schools.models import SCHOOL_STAFF, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, acting: Acting) -> OrderQuerySet:
        """The host's staff; the home school's staff once registered; whoever has to acquaint oneself with it."""
        if not acting.is_(*SCHOOL_STAFF):
            return self.filter(document__acquaintances__in=Acquaintance.objects.asked_of(acting))
        registered = Q(state=OrderState.REGISTERED)
        return self.filter(
            Q(request__host=acting.organisation_id) | Q(request__home=acting.organisation_id) & registered
        )


class Order(models.Model):
    """The host director's order that enrols the accepted pupils of a list in a group (S0-4p, T05)."""

    TRANSITIONS: ClassVar = ORDER_TRANSITIONS

    request = models.ForeignKey(SchoolRequest, models.PROTECT, related_name="orders", verbose_name="заявка")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="orders", verbose_name="группа")
    date_from = models.DateField("зачислить с")
    date_to = models.DateField("по")
    state = models.CharField("состояние", max_length=20, choices=OrderState, default=OrderState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("составлен")

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = "приказ о зачислении"
        verbose_name_plural = "приказы о зачислении"
        ordering = ["-created_at", "-pk"]
        constraints = [
            choices_check("state", OrderState, name="enrollment_order_state"),
            period_check("date_from", "date_to", name="enrollment_order_period"),
            models.UniqueConstraint(
                fields=["request", "group"],
                condition=Q(state=OrderState.DRAFT),
                name="enrollment_order_one_draft",
                violation_error_message="Проект приказа по этой заявке и группе уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return f"Приказ о зачислении: {self.group}"


class AcquaintanceQuerySet(models.QuerySet["Acquaintance"]):
    def asked_of(self, acting: Acting) -> AcquaintanceQuerySet:
        """What the acting person has to acquaint oneself with, or has already."""
        return self.filter(user=acting.user_id, organisation=acting.organisation_id)


class Acquaintance(models.Model):
    """One person named in a registered order reads it and says so (3.5 «доведён», T28)."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="acquaintances", verbose_name="приказ")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    capacity = models.CharField("кем назван", max_length=100)
    due = models.DateField("ознакомиться до")
    seen_at = models.DateTimeField("когда ознакомлен", null=True)

    objects = AcquaintanceQuerySet.as_manager()

    class Meta:
        verbose_name = "ознакомление"
        verbose_name_plural = "ознакомления"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["document", "user", "organisation"], name="enrollment_acquaintance_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.document}"
