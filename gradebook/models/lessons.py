"""Lessons (3.8)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from courses.models import StudyGroup
from gradebook.enums import LESSON_TRANSITIONS, LessonState, WorkType
from gradebook.models.guards import sealed_lessons
from network_portal.common.models import choices_check


class Lesson(models.Model):
    """One lesson of a group, laid out from its weekly slots (3.8)."""

    TRANSITIONS: ClassVar = LESSON_TRANSITIONS

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="lessons", verbose_name="группа")
    date = models.DateField("дата")
    starts = models.TimeField("начало")
    ends = models.TimeField("окончание")
    room = models.CharField("кабинет или ссылка", max_length=100)
    topic = models.CharField("тема", max_length=300, blank=True)
    homework = models.CharField("домашнее задание", max_length=500, blank=True)
    work_type = models.CharField("вид работы", max_length=20, choices=WorkType, default=WorkType.ANSWER)
    state = models.CharField("состояние", max_length=20, choices=LessonState, default=LessonState.PLANNED)
    cancel_reason = models.CharField("причина отмены", max_length=300, blank=True)
    attendance_confirmed_at = models.DateTimeField("посещаемость отмечена", null=True)

    class Meta:
        verbose_name = "занятие"
        verbose_name_plural = "занятия"
        ordering = ["date", "starts"]
        constraints = [
            choices_check("state", LessonState, name="gradebook_lesson_state"),
            choices_check("work_type", WorkType, name="gradebook_lesson_work_type"),
            models.UniqueConstraint(fields=["group", "date", "starts"], name="gradebook_lesson_once"),
            models.CheckConstraint(
                condition=~Q(state=LessonState.CANCELLED) | ~Q(cancel_reason=""),
                name="gradebook_lesson_cancel_reason",
                violation_error_message="Укажите причину отмены.",
            ),
        ]
        triggers = [sealed_lessons(), pgtrigger.ReadOnly(name="group_is_final", fields=["group"])]

    def __str__(self) -> str:
        return f"{self.group}, {self.date:%d.%m.%Y}"
