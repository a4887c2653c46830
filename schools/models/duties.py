"""Who may act for a school, and by what they sign."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from network_portal.common.models import choices_check, in_force, period_check
from schools.enums import OFFER_TRANSITIONS, BasisKind, DutyKind, OfferState, Role
from schools.models.organisations import Organisation

#: Duties that see every pupil and every paper of the school they were appointed in (requirements 2.3).
SCHOOL_STAFF = (Role.DIRECTOR, Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR)


class DutyQuerySet(models.QuerySet["Duty"]):
    def in_force(self, on: date) -> DutyQuerySet:
        """Duties that give rights on the day `on` (2.3 (6): expiry removes access the same day)."""
        return self.filter(in_force(on))


class Duty(models.Model):
    """Who may act for an organisation, as what, by which order, from–to (glossary: Assignment)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="duties", verbose_name="кто")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="duties", verbose_name="организация")
    kind = models.CharField("полномочие", max_length=20, choices=DutyKind)
    order = models.CharField("приказ", max_length=100, help_text="Номер и дата приказа о назначении.")
    date_from = models.DateField("с")
    date_to = models.DateField("по", null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "полномочие"
        verbose_name_plural = "полномочия"
        ordering = ["organisation", "kind", "pk"]
        constraints = [
            choices_check("kind", DutyKind, name="schools_duty_kind"),
            # The day before the first one ends a duty that was given by mistake and never comes into force.
            models.CheckConstraint(
                condition=Q(date_to__isnull=True) | Q(date_to__gte=F("date_from") - timedelta(days=1)),
                name="schools_duty_period",
                violation_error_message="Дата окончания раньше даты начала.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.organisation}"


class SigningBasis(models.Model):
    """By what a person signs agreements for the school: the charter, or a power of attorney with its days.

    A director without a row signs by the charter; a deputy signs only by a power of attorney.
    """

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="bases", verbose_name="кто подписывает")
    kind = models.CharField("основание", max_length=10, choices=BasisKind)
    number = models.CharField("номер", max_length=50, blank=True)
    issued_on = models.DateField("дата")
    valid_until = models.DateField("действует по", null=True)
    ended_on = models.DateField("отменено с", null=True)

    class Meta:
        verbose_name = "основание подписи"
        verbose_name_plural = "основания подписи"
        ordering = ["duty", "-issued_on", "-pk"]
        constraints = [
            choices_check("kind", BasisKind, name="schools_basis_kind"),
            period_check("issued_on", "valid_until", name="schools_basis_period"),
            models.CheckConstraint(
                condition=Q(kind=BasisKind.CHARTER) | Q(valid_until__isnull=False) & ~Q(number=""),
                name="schools_basis_power_has_number_and_term",
                violation_error_message="У доверенности есть номер и срок.",
            ),
        ]

    def __str__(self) -> str:
        if self.kind == BasisKind.CHARTER:
            return "на основании устава"
        return (
            f"по доверенности №\u00a0{self.number} от {self.issued_on:%d.%m.%Y}, "
            f"действительной по {self.valid_until:%d.%m.%Y}"
        )


class DutyOffer(models.Model):
    """A duty that the director offers to an address; whether anyone has an account there is told to nobody."""

    TRANSITIONS: ClassVar = OFFER_TRANSITIONS

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="организация")
    email = models.EmailField("электронная почта")
    kind = models.CharField("полномочие", max_length=20, choices=DutyKind)
    order = models.CharField("приказ", max_length=100)
    date_from = models.DateField("с")
    date_to = models.DateField("по", null=True, blank=True)
    state = models.CharField("состояние", max_length=20, choices=OfferState, default=OfferState.OFFERED)
    offered_at = models.DateTimeField("предложено")

    class Meta:
        verbose_name = "предложенное полномочие"
        verbose_name_plural = "предложенные полномочия"
        ordering = ["-offered_at", "-pk"]
        constraints = [
            choices_check("kind", DutyKind, name="schools_offer_kind"),
            choices_check("state", OfferState, name="schools_offer_state"),
            period_check("date_from", "date_to", name="schools_offer_period"),
            models.UniqueConstraint(
                fields=["organisation", "email", "kind"],
                condition=Q(state=OfferState.OFFERED),
                name="schools_offer_once",
                violation_error_message="Это полномочие по этому адресу уже предложено.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.organisation}"
