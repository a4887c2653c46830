"""What operators look at."""

from __future__ import annotations

from datetime import datetime, timedelta

from network_portal.outbox.models import OutboxEvent


def oldest_due_age(at: datetime) -> timedelta:
    """Return how long the oldest due event has been waiting at the moment `at`; zero when none is due."""
    oldest = OutboxEvent.objects.due(at).order_by("available_at").values_list("available_at", flat=True).first()
    return at - oldest if oldest else timedelta(0)
