"""Celery entry points of the journal."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from gradebook.services import plan


@shared_task(name="gradebook.plan_transfers")
def plan_transfers(**_: object) -> None:
    plan.transfers_plan(at=timezone.now())
    plan.overdue_tell(at=timezone.now())
