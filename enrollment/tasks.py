"""Celery entry points of enrolment."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from enrollment import services


@shared_task(name="enrollment.offers_sweep")
def offers_sweep(**_: object) -> None:
    services.offers_sweep(at=timezone.now())
