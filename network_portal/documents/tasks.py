"""Celery entry points of the papers."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from network_portal.documents import services


@shared_task(name="documents.keep")  # type: ignore[untyped-decorator]  # Celery has no types
def keep(**_: object) -> None:
    services.documents_keep(on=timezone.localdate(), at=timezone.now())
