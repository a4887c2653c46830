"""Lessons, where they were before, for whom they are held at a distance (3.8)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import StudyGroup, ThematicRow
from gradebook.enums import LESSON_TRANSITIONS, LessonState
from gradebook.models.guards import sealed_lessons
from network_portal.common.models import choices_check
from network_portal.documents.models import append_only
from schools.models import Duty, Organisation


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
    state = models.CharField("состояние", max_length=20, choices=LessonState, default=LessonState.PLANNED)
    cancel_reason = models.CharField("причина отмены", max_length=300, blank=True)
    attendance_confirmed_at = models.DateTimeField("посещаемость отмечена", null=True)
    plan_row = models.ForeignKey(
        ThematicRow, models.PROTECT, null=True, blank=True, related_name="lessons", verbose_name="тема по плану"
    )
    substitute = models.ForeignKey(
        Duty, models.PROTECT, null=True, blank=True, related_name="substitutions", verbose_name="заменяющий учитель"
    )

    class Meta:
        verbose_name = "занятие"
        verbose_name_plural = "занятия"
        ordering = ["date", "starts"]
        constraints = [
            choices_check("state", LessonState, name="gradebook_lesson_state"),
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


class LessonMove(models.Model):
    """Where and when a lesson stood before it was moved; the lesson itself keeps its identity."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="moves", verbose_name="занятие")
    date = models.DateField("прежняя дата")
    starts = models.TimeField("прежнее начало")
    ends = models.TimeField("прежнее окончание")
    room = models.CharField("прежний кабинет", max_length=100)
    reason = models.CharField("причина переноса", max_length=300)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто перенёс"
    )
    moved_at = models.DateTimeField("когда перенесено")

    class Meta:
        verbose_name = "перенос занятия"
        verbose_name_plural = "переносы занятий"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="gradebook_move_reason",
                violation_error_message="Укажите причину переноса.",
            )
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.date:%d.%m.%Y}, {self.starts:%H:%M}"


class RemoteLesson(models.Model):
    """A lesson that is held at a distance: for the pupils of one school, or for all when no school is named."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="remote", verbose_name="занятие")
    home = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="для какой школы"
    )
    link = models.URLField("ссылка", max_length=300, blank=True)

    class Meta:
        verbose_name = "дистанционное занятие"
        verbose_name_plural = "дистанционные занятия"
        constraints = [
            models.UniqueConstraint(
                fields=["lesson", "home"],
                name="gradebook_remote_once",
                nulls_distinct=False,
                violation_error_message="Занятие для этой школы уже проводится дистанционно.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.lesson}: {self.home or 'для всех'}"
