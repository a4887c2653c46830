"""Consents to the processing of data, what they need to name, and the pupil's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from enrollment.models.applications import Application
from network_portal.common.models import period_check
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF, Organisation, Student

if TYPE_CHECKING:
    from datetime import date

    from schools.acting import Acting


class FamilyDetails(models.Model):
    """Addresses and identity documents that consents need, asked once and kept encrypted (L-2, L-3).

    The home school and the parent read them in the full copy of a consent; no other school ever does.
    """

    student = models.ForeignKey(Student, models.PROTECT, related_name="family_details", verbose_name="обучающийся")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="законный представитель"
    )
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, related_name="details", verbose_name="заявление без учётной записи"
    )
    sealed = models.TextField("сведения в зашифрованном виде")
    kept_at = models.DateTimeField("сохранены")

    class Meta:
        verbose_name = "сведения для согласий"
        verbose_name_plural = "сведения для согласий"
        constraints = [
            models.UniqueConstraint(fields=["student", "guardian"], name="enrollment_family_details_once"),
            models.CheckConstraint(
                condition=Q(guardian__isnull=False) | Q(application__isnull=False),
                name="enrollment_family_details_whose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.kept_at:%d.%m.%Y}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def in_force(self, on: date | None = None) -> ConsentQuerySet:
        """Consents that were given and not taken back; with a day, those whose term covers it."""
        given = self.filter(withdrawn_at=None, given_at__isnull=False)
        if on is None:
            return given
        return given.filter(Q(date_from=None) | Q(date_from__lte=on), Q(date_to=None) | Q(date_to__gte=on))

    def visible_to(self, acting: Acting) -> ConsentQuerySet:
        """A family sees the consents for its child; the pupil those that were given."""
        if acting.is_(*FAMILY_READERS):
            own = self.filter(student__in=Student.objects.own_of(acting))
            return own if acting.is_(Role.PARENT) else own.filter(given_at__isnull=False)
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(student__home_school=acting.organisation_id, given_at__isnull=False)
        return self.none()


class Consent(models.Model):
    """A guardian's consent to one operator for one purpose, apart from the application (L-2, T02).

    Until it is given it is a draft that belongs to an application; `agreed_at` says that the parent has ticked it.
    The paper names the parent's documents only by a digest: they are kept apart, encrypted (`FamilyDetails`).
    """

    student = models.ForeignKey(Student, models.PROTECT, related_name="consents", verbose_name="обучающийся")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="законный представитель"
    )
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, related_name="consents", verbose_name="к какому заявлению"
    )
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="оператор")
    purpose = models.CharField("цель", max_length=300)
    text = models.TextField("текст согласия")
    agreed_at = models.DateTimeField("отмечено", null=True)
    given_at = models.DateTimeField("дано", null=True)
    date_from = models.DateField("действует с", null=True)
    date_to = models.DateField("действует по", null=True)
    evidence = models.JSONField("чем подтверждено", default=dict)
    withdrawn_at = models.DateTimeField("отозвано", null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = "согласие на обработку данных"
        verbose_name_plural = "согласия на обработку данных"
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "operator", "purpose", "date_to"],
                condition=Q(withdrawn_at=None, given_at__isnull=False),
                name="enrollment_consent_once",
                nulls_distinct=False,
                violation_error_message="Такое согласие уже дано.",
            ),
            models.UniqueConstraint(
                fields=["application", "operator", "purpose"],
                condition=Q(given_at=None),
                name="enrollment_consent_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(given_at__isnull=False) | Q(application__isnull=False, withdrawn_at=None),
                name="enrollment_consent_draft_of",
            ),
            period_check("date_from", "date_to", name="enrollment_consent_period"),
        ]

    def __str__(self) -> str:
        return f"{self.operator}: {self.purpose}"


class PupilWord(models.Model):
    """The own confirmation of a pupil of fourteen or older to a consent (L-2).

    Registered by the school from a paper, or given by the pupil with the own account; `evidence` says by what then.
    """

    consent = models.OneToOneField(Consent, models.PROTECT, related_name="pupil_word", verbose_name="согласие")
    paper = models.CharField("документ", max_length=200)
    signed_on = models.DateField("подписан обучающимся")
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто зарегистрировал"
    )
    registered_at = models.DateTimeField("когда зарегистрирован")
    evidence = models.JSONField("чем подтверждено", default=dict, blank=True)

    class Meta:
        verbose_name = "подтверждение обучающегося"
        verbose_name_plural = "подтверждения обучающихся"

    def __str__(self) -> str:
        return self.paper
