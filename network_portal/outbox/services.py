"""Emitting, claiming, finishing, retrying and parking events.

A claim is a lease: `claimed_at` fences every later write, so that a worker that wakes up after its lease has run
out cannot overwrite what another one did meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from network_portal.common.errors import StaleError
from network_portal.outbox import doorbell
from network_portal.outbox.handlers import LocalEffect, Permanent, Temporary, handler_of
from network_portal.outbox.models import OutboxEvent, PeriodicRun

LEASE = timedelta(seconds=120)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 12
SWEEP_LIMIT = 500


def emit(*, topic: str, key: str, payload: Mapping[str, Any], at: datetime) -> OutboxEvent:
    """Queue an event in the caller's transaction; a key that is already there is left as it is.

    Args:
        topic: name under which an app registered its handler.
        key: what makes the event happen once, for instance `transfer:12:deliver`.
        payload: ids only, as JSON.
        at: the moment of the change that causes the event; the event is due from it.
    """
    handler_of(topic)
    event, created = OutboxEvent.objects.get_or_create(
        key=key, defaults={"topic": topic, "payload": dict(payload), "created_at": at, "available_at": at}
    )
    if created:
        transaction.on_commit(lambda: doorbell.ring(event.pk), robust=True)
    return event


def deliver(*, event_id: int, at: datetime) -> bool:
    """Claim the event and do it; the same event may arrive any number of times.

    Returns:
        True when this call did the work, False when there was nothing to do or someone else holds the lease.
    """
    claimed = (
        OutboxEvent.objects.due(at)
        .filter(pk=event_id)
        .update(claimed_at=at, locked_until=at + LEASE, attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    event = OutboxEvent.objects.get(pk=event_id)
    try:
        effect = handler_of(event.topic).handle(event)
    except Temporary as reason:
        if event.attempts >= MOST_ATTEMPTS:
            _park(event, at, f"{reason} Попыток: {event.attempts}.")
        else:
            _postpone(event, at, str(reason))
        return True
    except Permanent as reason:
        _park(event, at, str(reason))
        return True
    except Exception as error:
        _park(event, at, f"Непредвиденная ошибка: {type(error).__name__}.")
        raise
    _finish(event, effect)
    return True


def sweep(*, at: datetime) -> int:
    """Announce again what is due and was not announced within a lease: the broker may have lost the message.

    Returns:
        How many events were announced.
    """
    waiting = OutboxEvent.objects.due(at).exclude(announced_at__gt=at - LEASE).order_by("available_at")
    ids = list(waiting.values_list("pk", flat=True)[:SWEEP_LIMIT])
    return sum(doorbell.ring(pk) for pk in ids)


def retry(*, event_id: int, at: datetime) -> None:
    """Take a parked event up again; a person asked for it.

    Raises:
        StaleError: the event is not parked.
    """
    with transaction.atomic():
        if not (
            OutboxEvent.objects.filter(pk=event_id)
            .exclude(dead_at=None)
            .update(dead_at=None, attempts=0, available_at=at, locked_until=None, announced_at=None)
        ):
            raise StaleError("Отправка уже не отложена: обновите страницу.")
        transaction.on_commit(lambda: doorbell.ring(event_id), robust=True)


def run_once(*, job: str, slot: str, at: datetime, work: Callable[[], None]) -> bool:
    """Do `work` if nobody has taken this slot of the schedule yet; slot and work commit together.

    Returns:
        False when the slot was taken before.
    """
    with transaction.atomic():
        _, created = PeriodicRun.objects.get_or_create(job=job, slot=slot, defaults={"at": at})
        if created:
            work()
    return created


def _held(event: OutboxEvent) -> Any:
    return OutboxEvent.objects.open().filter(pk=event.pk, claimed_at=event.claimed_at)


def _finish(event: OutboxEvent, effect: LocalEffect | None) -> None:
    with transaction.atomic():
        if _held(event).update(done_at=timezone.now(), locked_until=None, last_error="") and effect is not None:
            effect()


def _postpone(event: OutboxEvent, at: datetime, reason: str) -> None:
    pause = min(FIRST_PAUSE * 2 ** (event.attempts - 1), LONGEST_PAUSE) * random.uniform(0.8, 1.2)
    _held(event).update(available_at=at + pause, locked_until=None, announced_at=None, last_error=reason)


def _park(event: OutboxEvent, at: datetime, reason: str) -> None:
    with transaction.atomic():
        if _held(event).update(dead_at=at, locked_until=None, last_error=reason):
            event.last_error = reason
            if on_parked := handler_of(event.topic).on_parked:
                on_parked(event)
