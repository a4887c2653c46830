"""Celery entry points of the outbox."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from network_portal.outbox import services


@shared_task(name="outbox.deliver")
def deliver(*, event_id: int, **_: object) -> None:
    services.deliver(event_id=event_id, at=timezone.now())


@shared_task(name="outbox.sweep")
def sweep(**_: object) -> None:
    services.sweep(at=timezone.now())
