"""Marks and attendance: two separate records, each with its history (6.1, 6.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from enrollment.models import Enrolment
from gradebook.enums import AttendanceCode, MarkValue
from gradebook.models.guards import history, sealed_rows
from gradebook.models.lessons import Lesson
from network_portal.common.models import choices_check


@history("MarkEvent")
class Mark(models.Model):
    """A mark of a pupil for the work of a lesson."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="marks", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="marks", verbose_name="обучающийся")
    value = models.PositiveSmallIntegerField("отметка", choices=MarkValue)

    class Meta:
        verbose_name = "отметка"
        verbose_name_plural = "отметки"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "enrolment"], name="gradebook_mark_once"),
            models.CheckConstraint(
                condition=Q(value__in=MarkValue.values),
                name="gradebook_mark_value",
                violation_error_message="Отметка: от 2 до 5.",
            ),
        ]
        triggers = [sealed_rows()]

    def __str__(self) -> str:
        return str(self.value)


@history("AttendanceEvent")
class Attendance(models.Model):
    """Why a pupil was not at a lesson, or was late; no row means present once the lesson's roll call is confirmed."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="attendance", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attendance", verbose_name="обучающийся")
    code = models.CharField("посещаемость", max_length=20, choices=AttendanceCode)

    class Meta:
        verbose_name = "посещаемость"
        verbose_name_plural = "посещаемость"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "enrolment"], name="gradebook_attendance_once"),
            choices_check("code", AttendanceCode, name="gradebook_attendance_code"),
        ]
        triggers = [sealed_rows()]

    def __str__(self) -> str:
        return str(self.get_code_display())
