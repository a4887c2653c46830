"""Celery entry points of enrolment."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from enrollment import services


@shared_task(name="enrollment.offers_sweep")
def offers_sweep(**_: object) -> None:
    services.offers_sweep(at=timezone.now())


@shared_task(name="enrollment.studies_sweep")
def studies_sweep(**_: object) -> None:
    """Close groups whose course is over; find studies that have lost what they rest on."""
    services.groups_sweep(on=timezone.localdate(), at=timezone.now())
    services.reviews_sweep(at=timezone.now())
