"""The monthly transfers, and the way of each to the home school's own system (3.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.enums import (
    PUSH_TRANSITIONS,
    TRANSFER_TRANSITIONS,
    PushState,
    TransferState,
)
from network_portal.common.models import choices_check
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting

#: What may still change in a sealed transfer, as an array of PostgreSQL.
CHANGEABLE = "{state,delivered_at,acknowledged_at,acknowledged_by_id}"


class MonthlyTransferQuerySet(models.QuerySet["MonthlyTransfer"]):
    def visible_to(self, acting: Acting) -> MonthlyTransferQuerySet:
        """The host's staff and the teacher; the home's staff, curator and class teacher once it came (2.4)."""
        own = Q(host=acting.organisation_id)
        received = Q(home=acting.organisation_id) & ~Q(state=TransferState.SEALED)
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(own | received)
        if acting.is_(Role.CURATOR):
            return self.filter(received)
        if acting.is_(Role.CLASS_TEACHER):
            own_class = Enrolment.objects.visible_to(acting)
            return self.filter(received, group__in=own_class.values("group"))
        if acting.is_(Role.NETWORK_TEACHER):
            return self.filter(own, group__teacher__user=acting.user_id)
        return self.none()


class MonthlyTransfer(models.Model):
    """What the host recorded of one home school's pupils in one group in one month, sealed (S1-4.9, 4.11, T16).

    `payload` is the canonical JSON that `sha256` is of; the rows of the month are locked by triggers from the seal on.
    """

    TRANSITIONS: ClassVar = TRANSFER_TRANSITIONS

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="transfers", verbose_name="группа")
    year = models.PositiveSmallIntegerField("год")
    month = models.PositiveSmallIntegerField("месяц")
    state = models.CharField("состояние", max_length=20, choices=TransferState, default=TransferState.SEALED)
    payload = models.TextField("содержание")
    sha256 = models.CharField("контрольная сумма", max_length=64)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    sealed_at = models.DateTimeField("запечатана")
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто запечатал"
    )
    delivered_at = models.DateTimeField("доставлена", null=True)
    acknowledged_at = models.DateTimeField("подтверждена", null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто подтвердил"
    )

    objects = MonthlyTransferQuerySet.as_manager()

    class Meta:
        verbose_name = "ведомость передачи"
        verbose_name_plural = "ведомости передачи"
        ordering = ["-year", "-month", "group", "home"]
        constraints = [
            choices_check("state", TransferState, name="gradebook_transfer_state"),
            models.UniqueConstraint(
                fields=["group", "home", "year", "month"],
                name="gradebook_transfer_once",
                violation_error_message="Ведомость за этот месяц уже запечатана.",
            ),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="gradebook_transfer_month"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="content_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"to_jsonb(OLD) - '{CHANGEABLE}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{CHANGEABLE}'::text[]"
                ),
            ),
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.host} → {self.home}, {self.month:02}.{self.year}"


class PushEndpoint(models.Model):
    """Where a home school's own system takes transfers by signed HTTP push (Standard Webhooks)."""

    organisation = models.OneToOneField(
        Organisation, models.CASCADE, related_name="push_endpoint", verbose_name="школа"
    )
    url = models.URLField("адрес", max_length=500)
    secret = models.TextField("ключ подписи, зашифрованный")

    class Meta:
        verbose_name = "адрес внешней системы"
        verbose_name_plural = "адреса внешних систем"

    def __str__(self) -> str:
        return self.url


class TransferPush(models.Model):
    """One transfer on its way to the home school's own system."""

    TRANSITIONS: ClassVar = PUSH_TRANSITIONS

    transfer = models.OneToOneField(MonthlyTransfer, models.PROTECT, related_name="push", verbose_name="ведомость")
    state = models.CharField("состояние", max_length=20, choices=PushState, default=PushState.WAITING)
    reason = models.CharField("причина остановки", max_length=500, blank=True)
    delivered_at = models.DateTimeField("доставлена", null=True)

    class Meta:
        verbose_name = "отправка во внешнюю систему"
        verbose_name_plural = "отправки во внешние системы"
        constraints = [choices_check("state", PushState, name="gradebook_push_state")]

    def __str__(self) -> str:
        return str(self.get_state_display())
