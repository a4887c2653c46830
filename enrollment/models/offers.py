"""Freed places offered to the waiting list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from courses.models import StudyGroup
from enrollment.enums import OFFER_TRANSITIONS, OfferState
from enrollment.models.requests import SchoolRequestLine
from network_portal.common.models import choices_check
from schools.enums import Role
from schools.models import SCHOOL_STAFF, GuardianLink

if TYPE_CHECKING:
    from schools.acting import Acting


class SeatOfferQuerySet(models.QuerySet["SeatOffer"]):
    def visible_to(self, acting: Acting) -> SeatOfferQuerySet:
        """The family whom the place is offered; the host that offers it; the pupil's home school."""
        if acting.is_(Role.PARENT):
            return self.filter(
                line__application__student__guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on)
            )
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(
                Q(line__request__home=acting.organisation_id) | Q(line__request__host=acting.organisation_id)
            )
        return self.none()

    def open(self) -> SeatOfferQuerySet:
        """Offers that wait for the family; each of them holds a seat of its group."""
        return self.filter(state=OfferState.OFFERED)


class SeatOffer(models.Model):
    """A freed place offered to a family of the waiting list, or the reason for which its turn was passed over.

    An open offer holds its seat: it is counted in `StudyGroup.seats_taken`, so that nobody else can be put there.
    """

    TRANSITIONS: ClassVar = OFFER_TRANSITIONS

    line = models.ForeignKey(SchoolRequestLine, models.PROTECT, related_name="offers", verbose_name="строка заявки")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="offers", verbose_name="группа")
    state = models.CharField("состояние", max_length=20, choices=OfferState, default=OfferState.OFFERED)
    offered_at = models.DateTimeField("предложено")
    expires_at = models.DateTimeField("ответить до", null=True)
    answered_at = models.DateTimeField("ответ получен", null=True)
    reason = models.CharField("причина", max_length=500, blank=True)

    objects = SeatOfferQuerySet.as_manager()

    class Meta:
        verbose_name = "предложение места"
        verbose_name_plural = "предложения мест"
        ordering = ["offered_at", "pk"]
        constraints = [
            choices_check("state", OfferState, name="enrollment_offer_state"),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(state=OfferState.OFFERED),
                name="enrollment_offer_one_open",
                violation_error_message="Место уже предложено этой семье.",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.OFFERED) | Q(expires_at__isnull=False),
                name="enrollment_offer_has_term",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.SKIPPED) | ~Q(reason=""),
                name="enrollment_offer_skip_reason",
                violation_error_message="Укажите причину: её увидит семья.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_state_display()}"
