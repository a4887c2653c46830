"""What stands around a lesson: files of the homework, who accompanies, messages of two schools, who looked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import StudyGroup
from gradebook.models.lessons import Lesson
from network_portal.documents.models import KeptFile, append_only
from schools.models import Organisation


class HomeworkFile(models.Model):
    """A file of the homework of a lesson; a removed one is kept and shown to nobody."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="files", verbose_name="занятие")
    file = models.OneToOneField(KeptFile, models.PROTECT, related_name="+", verbose_name="файл")
    removed_at = models.DateTimeField("убран", null=True)

    class Meta:
        verbose_name = "файл домашнего задания"
        verbose_name_plural = "файлы домашних заданий"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file)


class Escort(models.Model):
    """Who accompanies the pupils of one school to a lesson at the partner's premises (S1-4.7)."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="escorts", verbose_name="занятие")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    name = models.CharField("сопровождающий", max_length=200)
    phone = models.CharField("телефон", max_length=30, blank=True)

    class Meta:
        verbose_name = "сопровождающий"
        verbose_name_plural = "сопровождающие"
        constraints = [models.UniqueConstraint(fields=["lesson", "home"], name="gradebook_escort_once")]

    def __str__(self) -> str:
        return self.name


class GroupMessage(models.Model):
    """A message between one home school and those who teach its pupils in a group (S0-8)."""

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="messages", verbose_name="группа")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто написал")
    capacity = models.CharField("в каком качестве", max_length=200)
    text = models.TextField("сообщение", max_length=2000)
    at = models.DateTimeField("когда")

    class Meta:
        verbose_name = "сообщение о группе"
        verbose_name_plural = "сообщения о группах"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="gradebook_message_text", violation_error_message="Напишите сообщение."
            )
        ]
        indexes = [models.Index(fields=["group", "home", "id"], name="gradebook_thread")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.text[:80]


class ThreadRead(models.Model):
    """Up to which message a person has read a thread."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="кто читает")
    group = models.ForeignKey(StudyGroup, models.CASCADE, related_name="+", verbose_name="группа")
    home = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="школа обучающихся")
    last = models.PositiveBigIntegerField("последнее прочитанное")

    class Meta:
        verbose_name = "прочитанная переписка"
        verbose_name_plural = "прочитанная переписка"
        constraints = [models.UniqueConstraint(fields=["user", "group", "home"], name="gradebook_thread_read_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.group}"


class JournalView(models.Model):
    """That a person looked into the live journal of a group on a day; one row however often."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто смотрел")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="за какую школу")
    role = models.CharField("в каком качестве", max_length=20)
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="views", verbose_name="группа")
    day = models.DateField("день")

    class Meta:
        verbose_name = "просмотр журнала"
        verbose_name_plural = "просмотры журналов"
        ordering = ["-day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "day", "user", "organisation", "role"], name="gradebook_view_once_a_day"
            )
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.user}, {self.day:%d.%m.%Y}"
