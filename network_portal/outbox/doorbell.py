"""Waking a worker through the broker; a broker that does not answer never holds up a request."""

from __future__ import annotations

import logging
import time

from celery import current_app
from django.utils import timezone

from network_portal.outbox.models import OutboxEvent

log = logging.getLogger(__name__)
PAUSE_AFTER_FAILURE = 30.0
_closed_until = 0.0


def ring(event_id: int) -> bool:
    """Tell the workers that the event is there.

    Returns:
        False when the broker failed just now or within the last half minute; the sweep finds the event later.
    """
    global _closed_until
    if time.monotonic() < _closed_until:
        return False
    try:
        current_app.send_task("outbox.deliver", kwargs={"event_id": event_id}, retry=False)
    except Exception:
        _closed_until = time.monotonic() + PAUSE_AFTER_FAILURE
        log.exception("the broker does not answer; the sweep will announce what is due")
        return False
    OutboxEvent.objects.filter(pk=event_id).update(announced_at=timezone.now())
    return True
