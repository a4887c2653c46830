"""Printed copies of the journal (S1-4.8b)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from courses.models import StudyGroup
from network_portal.documents.models import Document, append_only
from schools.models import Organisation


class JournalPrint(models.Model):
    """A stretch of a group's journal as a numbered paper of the school that printed it: a home school's has its own
    pupils only.
    """

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="prints", verbose_name="группа")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="чья копия")
    period = models.CharField("период", max_length=10)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто напечатал"
    )
    printed_at = models.DateTimeField("когда напечатано")

    class Meta:
        verbose_name = "печать журнала"
        verbose_name_plural = "печати журналов"
        ordering = ["-pk"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return str(self.document)
