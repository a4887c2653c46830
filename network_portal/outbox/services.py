"""Emitting, claiming, finishing, retrying and parking events.

A claim is a lease: `claimed_at` fences every later write, so that a worker that wakes up after its lease has run
out cannot overwrite what another one did meanwhile.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from network_portal.common.errors import StaleError
from network_portal.outbox import doorbell
from network_portal.outbox.handlers import LocalEffect, Permanent, Temporary, handler_of, parked_hook
from network_portal.outbox.models import OutboxEvent, PeriodicRun

log = logging.getLogger(__name__)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 12
SWEEP_LIMIT = 500


def lease() -> timedelta:
    """Return how long a claim lasts; it must exceed the longest handler."""
    return timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


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


def emit_all(*, topic: str, events: Iterable[tuple[str, Mapping[str, Any]]], at: datetime) -> None:
    """Queue many events of one topic, key and payload of each; keys and other arguments as of `emit`."""
    handler_of(topic)
    rows = OutboxEvent.objects.bulk_create(
        (
            OutboxEvent(key=key, topic=topic, payload=dict(payload), created_at=at, available_at=at)
            for key, payload in events
        ),
        ignore_conflicts=True,
    )
    keys = [row.key for row in rows]

    def ring() -> None:
        for pk in OutboxEvent.objects.open().filter(key__in=keys, announced_at=None).values_list("pk", flat=True):
            if not doorbell.ring(pk):
                return  # the sweep announces the rest

    transaction.on_commit(ring, robust=True)


def deliver(*, event_id: int, at: datetime) -> bool:
    """Claim the event and do it; the same event may arrive any number of times.

    Returns:
        True when this call did the work, False when there was nothing to do or someone else holds the lease.
    """
    claimed = (
        OutboxEvent.objects.due(at)
        .filter(pk=event_id)
        .update(claimed_at=at, locked_until=at + lease(), attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    event = OutboxEvent.objects.get(pk=event_id)
    if event.attempts > MOST_ATTEMPTS:  # only a worker that dies in the middle comes here
        _park(event, at, f"Обработка обрывалась, попыток: {MOST_ATTEMPTS}.")
        return True
    try:
        _finish(event, handler_of(event.topic).handle(event))
    except Temporary as reason:
        _postpone(event, at, str(reason))
    except Permanent as reason:
        _park(event, at, str(reason))
    except OperationalError:
        log.exception("the database did not do the work of %s", event.key)
        _postpone(event, at, "База данных не ответила.")
    except Exception as error:
        _park(event, at, f"Непредвиденная ошибка: {type(error).__name__}.")
        raise
    return True


def sweep(*, at: datetime) -> int:
    """Announce again what is due and was not announced within a lease: the broker may have lost the message.

    Returns:
        How many events were announced.
    """
    waiting = OutboxEvent.objects.due(at).exclude(announced_at__gt=at - lease()).order_by("available_at")
    ids = list(waiting.values_list("pk", flat=True)[:SWEEP_LIMIT])
    return sum(doorbell.ring(pk) for pk in ids)


def retry(*, key: str, at: datetime) -> None:
    """Take a parked event up again under its own key; a person asked for it. The caller is in a transaction.

    Raises:
        StaleError: the event is not parked.
    """
    event = OutboxEvent.objects.select_for_update().filter(key=key).exclude(dead_at=None).first()
    if event is None:
        raise StaleError("Отправка уже возобновлена. Обновите страницу.")
    event.dead_at, event.attempts, event.available_at = None, 0, at
    event.locked_until = event.announced_at = None
    event.save(update_fields=["dead_at", "attempts", "available_at", "locked_until", "announced_at"])
    transaction.on_commit(lambda: doorbell.ring(event.pk), robust=True)


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


def free_slots(*, job: str, slots: Iterable[str]) -> list[str]:
    """Return those of `slots` that nobody has taken yet, one query for all."""
    wanted = list(slots)
    taken = set(PeriodicRun.objects.filter(job=job, slot__in=wanted).values_list("slot", flat=True))
    return [slot for slot in wanted if slot not in taken]


def _held(event: OutboxEvent) -> QuerySet[OutboxEvent]:
    return OutboxEvent.objects.open().filter(pk=event.pk, claimed_at=event.claimed_at)


def _finish(event: OutboxEvent, effect: LocalEffect | None) -> None:
    with transaction.atomic():
        if _held(event).update(done_at=timezone.now(), locked_until=None, last_error="") and effect is not None:
            effect()


def _postpone(event: OutboxEvent, at: datetime, reason: str) -> None:
    if event.attempts >= MOST_ATTEMPTS:
        _park(event, at, f"{reason} Попыток: {event.attempts}.")
        return
    first = timedelta(seconds=settings.OUTBOX_FIRST_PAUSE_SECONDS)
    pause = min(first * 2 ** (event.attempts - 1), LONGEST_PAUSE) * random.uniform(0.8, 1.2)
    _held(event).update(available_at=at + pause, locked_until=None, announced_at=None, last_error=reason)


def _park(event: OutboxEvent, at: datetime, reason: str) -> None:
    with transaction.atomic():
        if _held(event).update(dead_at=at, locked_until=None, last_error=reason):
            event.last_error = reason
            if on_parked := parked_hook(event.topic):
                on_parked(event)
