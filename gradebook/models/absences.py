"""Absences beside the journal: what the family says in advance, what the home school refines, who was told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from enrollment.models import Enrolment
from gradebook.enums import AbsenceReason, AttendanceCode
from gradebook.models.lessons import Lesson
from network_portal.common.models import choices_check, period_check
from network_portal.documents.models import append_only
from schools.models import Student


class AbsenceNotice(models.Model):
    """A family's word that a child will be away, from the first to the last day."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="absence_notices", verbose_name="ребёнок")
    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто сообщил")
    date_from = models.DateField("с")
    date_to = models.DateField("по")
    reason = models.CharField("причина", max_length=20, choices=AbsenceReason)
    comment = models.CharField("пояснение", max_length=300, blank=True)
    created_at = models.DateTimeField("когда сообщено")
    withdrawn_at = models.DateTimeField("отозвано", null=True)

    class Meta:
        verbose_name = "сообщение об отсутствии"
        verbose_name_plural = "сообщения об отсутствии"
        ordering = ["-date_from", "-pk"]
        constraints = [
            choices_check("reason", AbsenceReason, name="gradebook_notice_reason"),
            period_check("date_from", "date_to", name="gradebook_notice_period"),
        ]
        indexes = [
            models.Index(
                fields=["student", "date_to"], name="gradebook_notice_of_pupil", condition=Q(withdrawn_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.student}, {self.date_from:%d.%m.%Y}–{self.date_to:%d.%m.%Y}"


class AbsenceRefinement(models.Model):
    """How the home school refined the reason of an absence, and by what paper (6.2)."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="refinements", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="refinements", verbose_name="обучающийся")
    before = models.CharField("было", max_length=20, choices=AttendanceCode)
    after = models.CharField("стало", max_length=20, choices=AttendanceCode)
    basis = models.CharField("основание", max_length=300)
    refined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто уточнил"
    )
    refined_at = models.DateTimeField("когда уточнено")

    class Meta:
        verbose_name = "уточнение причины отсутствия"
        verbose_name_plural = "уточнения причин отсутствия"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(basis=""),
                name="gradebook_refinement_basis",
                violation_error_message="Укажите основание: справка, заявление, приказ.",
            )
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"


class AbsenceSignal(models.Model):
    """What the family and the home school were told last about a pupil at a lesson of that day."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+", verbose_name="обучающийся")
    absent = models.BooleanField("сказано, что отсутствует")
    told_at = models.DateTimeField("когда сказано")

    class Meta:
        verbose_name = "сообщение о пропуске"
        verbose_name_plural = "сообщения о пропусках"
        constraints = [models.UniqueConstraint(fields=["lesson", "enrolment"], name="gradebook_signal_once")]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.lesson}"
