"""Celery entry points of the council."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from council import services


@shared_task(name="council.remind")
def remind(**_: object) -> None:
    services.council_remind(on=timezone.localdate(), at=timezone.now())
