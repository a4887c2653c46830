"""Waking a worker through the broker; a broker that does not answer never holds up a request."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import Any

import redis
from celery import current_app
from django.utils import timezone
from kombu import Connection
from kombu.transport.redis import Channel, Transport
from redis.backoff import NoBackoff
from redis.retry import Retry

from network_portal.outbox.models import OutboxEvent

log = logging.getLogger(__name__)
PAUSE_AFTER_FAILURE = 30.0
PATIENCE = 0.4  # seconds for one step of the conversation with the broker
_closed_until = 0.0
_threads = threading.local()


class _Impatient(redis.Connection):
    """A connection that gives up after `PATIENCE` and does not try again; redis-py tries four times by default."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "retry": Retry(NoBackoff(), 0)})


class _ImpatientChannel(Channel):
    connection_class: type[redis.Connection] | None = _Impatient


class _ImpatientTransport(Transport):
    Channel = _ImpatientChannel


def ring(event_id: int) -> bool:
    """Tell the workers that the event is there.

    Returns:
        False when the broker failed just now or within the last half minute; the sweep finds the event later.
    """
    global _closed_until
    if time.monotonic() < _closed_until:
        return False
    try:
        current_app.send_task(
            "outbox.deliver", kwargs={"event_id": event_id}, connection=_connection(), retry=False, ignore_result=True
        )
    except Exception as error:
        _hang_up()
        _closed_until = time.monotonic() + PAUSE_AFTER_FAILURE
        log.warning("the broker does not answer (%s); the sweep will announce what is due", type(error).__name__)
        return False
    OutboxEvent.objects.filter(pk=event_id).update(announced_at=timezone.now())
    return True


def _connection() -> Connection:
    """Return this thread's own connection: those of the workers may wait half a minute for an answer."""
    kept: Connection | None = getattr(_threads, "connection", None)
    if kept is None:
        options = {
            **current_app.conf.broker_transport_options,
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0,
        }
        kept = Connection(current_app.conf.broker_url, transport=_ImpatientTransport, transport_options=options)
        _threads.connection = kept
    return kept


def _hang_up() -> None:
    kept: Connection | None = getattr(_threads, "connection", None)
    _threads.connection = None
    if kept is not None:
        with suppress(Exception):
            kept.release()
