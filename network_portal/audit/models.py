"""Who did what: an append-only trail, closed against change by the database."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act: the verb has a Russian sentence in the enum of the app that owns the target."""

    at = models.DateTimeField("когда")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто")
    organisation = models.ForeignKey(
        "schools.Organisation", models.PROTECT, null=True, related_name="+", verbose_name="от имени"
    )
    verb = models.CharField("действие", max_length=60)
    sentence = models.CharField("что сделано", max_length=200)
    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    changes = models.JSONField("изменения", default=dict)

    class Meta:
        verbose_name = "запись журнала действий"
        verbose_name_plural = "журнал действий"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_target")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sentence
