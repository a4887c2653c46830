"""What must happen after a commit: the row is the queue, the broker only a doorbell (design, section 6)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q


class OutboxQuerySet(models.QuerySet["OutboxEvent"]):
    def open(self) -> OutboxQuerySet:
        """Events that are neither done nor parked."""
        return self.filter(done_at=None, dead_at=None)

    def due(self, at: datetime) -> OutboxQuerySet:
        """Events that a worker may claim at the moment `at`."""
        return self.open().filter(Q(locked_until=None) | Q(locked_until__lt=at), available_at__lte=at)


class OutboxEvent(models.Model):
    """One thing to do, under a key that makes it happen once."""

    key = models.CharField("ключ", max_length=120, unique=True)
    topic = models.CharField("тема", max_length=60)
    payload = models.JSONField("данные", default=dict)
    created_at = models.DateTimeField("создано")
    available_at = models.DateTimeField("не раньше")
    announced_at = models.DateTimeField("объявлено", null=True)
    claimed_at = models.DateTimeField("взято", null=True)
    locked_until = models.DateTimeField("занято до", null=True)
    attempts = models.PositiveSmallIntegerField("попыток", default=0)
    done_at = models.DateTimeField("выполнено", null=True)
    dead_at = models.DateTimeField("отложено", null=True)
    last_error = models.TextField("последняя ошибка", blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "событие"
        verbose_name_plural = "очередь событий"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(dead_at=None),
                name="outbox_done_or_parked",
                violation_error_message="Событие не может быть сразу выполненным и отложенным.",
            )
        ]
        indexes = [
            models.Index(fields=["available_at"], name="outbox_due", condition=Q(done_at=None, dead_at=None)),
        ]

    def __str__(self) -> str:
        return self.key


class PeriodicRun(models.Model):
    """A slot of the schedule that has been taken: two beats cannot run one slot twice."""

    job = models.CharField(max_length=60)
    slot = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="outbox_one_run_per_slot")]

    def __str__(self) -> str:
        return f"{self.job} {self.slot}"
