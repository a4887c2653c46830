"""Certificates of learning that the host issues, with their issue book (S0-8p, T20)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from enrollment.models import Enrolment
from gradebook.enums import CERTIFICATE_OPEN, CERTIFICATE_TRANSITIONS, CertificateResult, CertificateState, Receipt
from gradebook.models.transfers import steps_of
from network_portal.common.models import choices_check
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting

#: What still changes once a certificate is registered, as an array of PostgreSQL.
CHANGEABLE = "{state,handed_on,received_by,receipt,handed_by_id,annulled_at,annulled_by_id,annul_reason}"


class StudyCertificateQuerySet(models.QuerySet["StudyCertificate"]):
    def visible_to(self, acting: Acting) -> StudyCertificateQuerySet:
        """The host's staff; the home's staff, curator, class teacher and the family once it is registered (2.4)."""
        if acting.is_(*SCHOOL_STAFF):
            received = Q(home=acting.organisation_id) & ~Q(state__in=CERTIFICATE_OPEN)
            return self.filter(Q(host=acting.organisation_id) | received)
        if acting.is_(Role.CURATOR, Role.CLASS_TEACHER, *FAMILY_READERS):
            own = Enrolment.objects.visible_to(acting)
            return self.filter(enrolment__in=own).exclude(state__in=CERTIFICATE_OPEN)
        return self.none()


class StudyCertificate(models.Model):
    """A certificate of what a pupil has learnt in a group; its number is that of the host's register of T20.

    A wrong one is annulled and another is prepared; in place of a lost one a duplicate is signed, which replaces it
    on the day of its registration (I-6). The book keeps who received it and how.
    """

    TRANSITIONS: ClassVar = CERTIFICATE_TRANSITIONS

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="certificates", verbose_name="обучающийся в группе"
    )
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающегося")
    state = models.CharField("состояние", max_length=20, choices=CertificateState, default=CertificateState.PREPARED)
    result = models.CharField("результат", max_length=20, choices=CertificateResult)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    duplicate = models.BooleanField("дубликат", default=False)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="later", verbose_name="взамен какой справки"
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто подготовил"
    )
    prepared_at = models.DateTimeField("подготовлена")
    issued_at = models.DateTimeField("подписана", null=True)
    handed_on = models.DateField("выдана", null=True)
    received_by = models.CharField("кто получил", max_length=300, blank=True)
    receipt = models.CharField("чем подтверждено получение", max_length=20, choices=Receipt, blank=True)
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто внёс запись о выдаче"
    )
    annulled_at = models.DateTimeField("аннулирована", null=True)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто аннулировал"
    )
    annul_reason = models.CharField("почему аннулирована", max_length=300, blank=True)

    objects = StudyCertificateQuerySet.as_manager()

    class Meta:
        verbose_name = "справка об обучении"
        verbose_name_plural = "справки об обучении"
        ordering = ["-pk"]
        constraints = [
            choices_check("state", CertificateState, name="gradebook_certificate_state"),
            choices_check("result", CertificateResult, name="gradebook_certificate_result"),
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state__in=CERTIFICATE_OPEN),
                name="gradebook_certificate_one_open",
                violation_error_message="Справка этому обучающемуся уже подготовлена.",
            ),
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state=CertificateState.ISSUED),
                name="gradebook_certificate_one_issued",
                violation_error_message="Справка этому обучающемуся уже выдана.",
            ),
            models.CheckConstraint(
                condition=Q(handed_on=None, received_by="", receipt="")
                | (Q(handed_on__isnull=False) & ~Q(received_by="") & Q(receipt__in=Receipt.values)),
                name="gradebook_certificate_receipt",
                violation_error_message="Укажите день выдачи и кто получил справку.",
            ),
            models.CheckConstraint(
                condition=~Q(state=CertificateState.ANNULLED) | ~Q(annul_reason=""),
                name="gradebook_certificate_annul_reason",
                violation_error_message="Укажите, почему справка аннулируется.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="issued_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.issued_at IS NOT NULL AND "
                    f"to_jsonb(OLD) - '{CHANGEABLE}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{CHANGEABLE}'::text[]"
                ),
            ),
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
            pgtrigger.FSM(name="state_by_the_table", field="state", transitions=steps_of(CERTIFICATE_TRANSITIONS)),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.get_state_display()}"

    @property
    def label(self) -> str:
        """«№ 5», and «проект» until it is signed."""
        return f"№\u00a0{self.document.number}" if self.document.number else "проект"
