"""Works of a lesson, marks for them, and attendance: separate records, each with its history (6.1, 6.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courses.enums import WorkType
from enrollment.models import Enrolment
from gradebook.enums import LATEST_MINUTES, LONGEST_COMMENT, MOST_WORKS, AttendanceCode, MarkValue
from gradebook.models.guards import history, sealed_rows, sealed_works
from gradebook.models.lessons import Lesson
from network_portal.common.models import choices_check


class Work(models.Model):
    """What marks of a lesson are given for; a lesson has one from the start and may have more (6.1)."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="works", verbose_name="занятие")
    no = models.PositiveSmallIntegerField("номер", default=1)
    kind = models.CharField("вид работы", max_length=20, choices=WorkType, default=WorkType.ANSWER)
    title = models.CharField("название", max_length=200, blank=True)
    criteria = models.TextField("критерии", max_length=2000, blank=True)
    whole_class = models.BooleanField("проверочная для всей группы, 30 минут и дольше", default=False)

    class Meta:
        verbose_name = "работа на занятии"
        verbose_name_plural = "работы на занятиях"
        ordering = ["lesson", "no"]
        constraints = [
            choices_check("kind", WorkType, name="gradebook_work_kind"),
            models.UniqueConstraint(fields=["lesson", "no"], name="gradebook_work_once"),
            models.CheckConstraint(
                condition=Q(no__gte=1, no__lte=MOST_WORKS),
                name="gradebook_work_no",
                violation_error_message=f"На одном занятии не больше {MOST_WORKS} работ.",
            ),
        ]
        triggers = [sealed_works()]

    def __str__(self) -> str:
        return self.title or str(self.get_kind_display())


@history("MarkEvent")
class Mark(models.Model):
    """A mark of a pupil for a work; `given_at` is when it was first given, which opens the free correction (3.8)."""

    work = models.ForeignKey(Work, models.PROTECT, related_name="marks", verbose_name="работа")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="marks", verbose_name="обучающийся")
    value = models.PositiveSmallIntegerField("отметка", choices=MarkValue)
    given_at = models.DateTimeField("выставлена")

    class Meta:
        verbose_name = "отметка"
        verbose_name_plural = "отметки"
        constraints = [
            models.UniqueConstraint(fields=["work", "enrolment"], name="gradebook_mark_once"),
            models.CheckConstraint(
                condition=Q(value__in=MarkValue.values),
                name="gradebook_mark_value",
                violation_error_message="Отметка: от 2 до 5, зачёт или незачёт.",
            ),
        ]
        triggers = [sealed_rows("work")]

    def __str__(self) -> str:
        return str(self.get_value_display())


@history("AttendanceEvent")
class Attendance(models.Model):
    """Why a pupil was not at a lesson, or was late; no row means present once the lesson's roll call is confirmed."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="attendance", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attendance", verbose_name="обучающийся")
    code = models.CharField("посещаемость", max_length=20, choices=AttendanceCode)
    minutes_late = models.PositiveSmallIntegerField("опоздание, минут", null=True)

    class Meta:
        verbose_name = "посещаемость"
        verbose_name_plural = "посещаемость"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "enrolment"], name="gradebook_attendance_once"),
            choices_check("code", AttendanceCode, name="gradebook_attendance_code"),
            models.CheckConstraint(
                condition=Q(minutes_late=None)
                | Q(code=AttendanceCode.LATE, minutes_late__gte=1, minutes_late__lte=LATEST_MINUTES),
                name="gradebook_attendance_minutes",
                violation_error_message=f"Опоздание: от 1 до {LATEST_MINUTES} минут.",
            ),
        ]
        triggers = [sealed_rows("lesson")]

    def __str__(self) -> str:
        return str(self.get_code_display())


@history("CellCommentEvent")
class CellComment(models.Model):
    """What the teacher says to a pupil and the family about a lesson, beside the mark or the absence (2.1b)."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="comments", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="comments", verbose_name="обучающийся")
    text = models.CharField("комментарий", max_length=LONGEST_COMMENT)

    class Meta:
        verbose_name = "комментарий в журнале"
        verbose_name_plural = "комментарии в журнале"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "enrolment"], name="gradebook_comment_once"),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="gradebook_comment_text",
                violation_error_message="Напишите комментарий.",
            ),
        ]
        triggers = [sealed_rows("lesson")]

    def __str__(self) -> str:
        return self.text
