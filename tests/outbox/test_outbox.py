"""The outbox: emit, claim, fence, retry, park, sweep, two workers, a broker that is down."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from network_portal.celery import app
from network_portal.common.errors import StaleError
from network_portal.outbox import doorbell, services
from network_portal.outbox.handlers import Permanent, Temporary
from network_portal.outbox.models import OutboxEvent, PeriodicRun

Topic = Callable[..., None]
NOW = timezone.now().replace(microsecond=0)


def emit(key: str = "a") -> OutboxEvent:
    with transaction.atomic():
        return services.emit(topic="test", key=key, payload={"id": 1}, at=NOW)


def state(event: OutboxEvent) -> str:
    event.refresh_from_db()
    return "done" if event.done_at else "parked" if event.dead_at else "open"


# --- emitting -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_event_is_rung_after_the_commit_and_once_per_key(topic: Topic, silent: list[int]) -> None:
    topic(lambda event: None)
    with transaction.atomic():
        event = services.emit(topic="test", key="a", payload={}, at=NOW)
        assert silent == []
    again = emit("a")
    assert (again.pk, silent, OutboxEvent.objects.count()) == (event.pk, [event.pk], 1)


@pytest.mark.django_db(transaction=True)
def test_event_of_a_rolled_back_change_is_gone(topic: Topic, silent: list[int]) -> None:
    topic(lambda event: None)

    @transaction.atomic
    def change() -> None:
        services.emit(topic="test", key="a", payload={}, at=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert (OutboxEvent.objects.count(), silent) == (0, [])


@pytest.mark.django_db
def test_event_without_a_handler_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        services.emit(topic="nobody", key="a", payload={}, at=NOW)


# --- doing --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_event_is_done_once_however_often_it_arrives(topic: Topic) -> None:
    done: list[int] = []
    topic(lambda event: lambda: done.append(event.pk))
    event = emit()
    assert [services.deliver(event_id=event.pk, at=NOW) for _ in range(3)] == [True, False, False]
    assert (done, state(event)) == ([event.pk], "done")


@pytest.mark.django_db(transaction=True)
def test_effect_and_done_commit_together(topic: Topic, silent: list[int]) -> None:
    def effect() -> None:
        PeriodicRun.objects.create(job="effect", slot="1", at=NOW)
        raise Temporary("рано")

    topic(lambda event: effect)
    event = emit()
    services.deliver(event_id=event.pk, at=NOW)
    assert (PeriodicRun.objects.count(), state(event), event.last_error) == (0, "open", "рано")


@pytest.mark.django_db
def test_temporary_failure_waits_longer_each_time_and_is_parked_at_last(topic: Topic) -> None:
    told: list[str] = []

    def fail(event: OutboxEvent) -> None:
        raise Temporary("Сервер ответил кодом 500.")

    topic(fail, lambda event: told.append(event.last_error))
    event, at, pauses = emit(), NOW, []
    for _ in range(services.MOST_ATTEMPTS):
        assert services.deliver(event_id=event.pk, at=at)
        event.refresh_from_db()
        pauses.append((event.available_at - at).total_seconds())
        assert services.deliver(event_id=event.pk, at=at) is False
        at = max(at, event.available_at)
    waited = pauses[:-1]
    assert all(0.8 * 30 * 2**n <= pause <= 1.2 * 30 * 2**n for n, pause in enumerate(waited[:9]))
    assert max(waited) <= 1.2 * 6 * 3600
    assert (state(event), told) == ("parked", ["Сервер ответил кодом 500. Попыток: 12."])


@pytest.mark.django_db
def test_permanent_failure_is_parked_at_once_and_taken_up_by_a_person(topic: Topic) -> None:
    failing = [True]

    def handle(event: OutboxEvent) -> None:
        if failing:
            raise Permanent("Отказано.")

    topic(handle)
    event = emit()
    services.deliver(event_id=event.pk, at=NOW)
    assert (state(event), event.last_error) == ("parked", "Отказано.")
    assert services.deliver(event_id=event.pk, at=NOW + timedelta(days=9)) is False
    failing.clear()
    services.retry(key="a", at=NOW)
    services.deliver(event_id=event.pk, at=NOW)
    assert (state(event), event.attempts) == ("done", 1)
    with pytest.raises(StaleError):
        services.retry(key="a", at=NOW)


@pytest.mark.django_db
def test_unexpected_failure_is_parked_and_raised(topic: Topic) -> None:
    topic(lambda event: 1 / 0)
    event = emit()
    with pytest.raises(ZeroDivisionError):
        services.deliver(event_id=event.pk, at=NOW)
    assert (state(event), event.last_error) == ("parked", "Непредвиденная ошибка: ZeroDivisionError.")


@pytest.mark.django_db
def test_database_that_does_not_answer_is_a_failure_for_a_while(topic: Topic) -> None:
    def handle(event: OutboxEvent) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    topic(handle)
    event = emit()
    services.deliver(event_id=event.pk, at=NOW)
    assert (state(event), event.last_error) == ("open", "База данных не ответила.")


@pytest.mark.django_db
def test_topic_that_this_version_does_not_know_is_parked(topic: Topic) -> None:
    topic(lambda event: None)
    event = emit()
    OutboxEvent.objects.update(topic="tomorrow")
    with pytest.raises(KeyError):
        services.deliver(event_id=event.pk, at=NOW)
    assert state(event) == "parked"


# --- leases -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_claim_is_a_lease_and_the_slow_worker_cannot_overwrite(topic: Topic) -> None:
    done: list[str] = []
    later = NOW + services.lease() + timedelta(seconds=1)

    def handle(event: OutboxEvent) -> Callable[[], None]:
        if event.attempts == 1:  # this worker sleeps past its lease; another one does the work meanwhile
            assert services.deliver(event_id=event.pk, at=NOW + timedelta(seconds=1)) is False
            assert services.deliver(event_id=event.pk, at=later) is True
            return lambda: done.append("slow")
        return lambda: done.append("second")

    topic(handle)
    event = emit()
    services.deliver(event_id=event.pk, at=NOW)
    assert (done, state(event), event.attempts) == (["second"], "done", 2)


@pytest.mark.django_db
def test_slow_worker_cannot_postpone_what_another_has_done(topic: Topic) -> None:
    later = NOW + services.lease() + timedelta(seconds=1)

    def handle(event: OutboxEvent) -> None:
        if event.attempts == 1:
            services.deliver(event_id=event.pk, at=later)
            raise Permanent("поздно")

    topic(handle)
    event = emit()
    services.deliver(event_id=event.pk, at=NOW)
    assert (state(event), event.last_error) == ("done", "")


@pytest.mark.django_db
def test_event_that_kills_its_workers_is_parked(topic: Topic) -> None:
    topic(lambda event: None)
    event = emit()
    OutboxEvent.objects.update(attempts=services.MOST_ATTEMPTS)
    services.deliver(event_id=event.pk, at=NOW)
    assert (state(event), event.last_error) == ("parked", "Обработка обрывалась, попыток: 12.")


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_event_do_it_once(topic: Topic, silent: list[int]) -> None:
    done: list[int] = []

    def handle(event: OutboxEvent) -> Callable[[], None]:
        time.sleep(0.2)
        return lambda: done.append(event.pk)

    topic(handle)
    event = emit()
    results: list[bool] = []

    def work() -> None:
        results.append(services.deliver(event_id=event.pk, at=NOW))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (sorted(results), done) == ([False, False, False, True], [event.pk])


# --- the sweep and the schedule -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_sweep_announces_what_is_due_and_was_not_announced(topic: Topic, silent: list[int]) -> None:
    topic(lambda event: None)
    lost, fresh, later, leased, done = (emit(key) for key in "abcde")
    later_than_now = NOW + timedelta(hours=1)
    OutboxEvent.objects.filter(pk=lost.pk).update(announced_at=NOW - services.lease() - timedelta(seconds=1))
    OutboxEvent.objects.filter(pk=fresh.pk).update(announced_at=NOW)
    OutboxEvent.objects.filter(pk=later.pk).update(available_at=later_than_now)
    OutboxEvent.objects.filter(pk=leased.pk).update(locked_until=later_than_now)
    OutboxEvent.objects.filter(pk=done.pk).update(done_at=NOW)
    assert (services.sweep(at=NOW), silent) == (1, [lost.pk])


@pytest.mark.django_db
def test_slot_of_the_schedule_is_taken_once_and_freed_by_a_failure() -> None:
    done: list[int] = []

    def take(work: Callable[[], Any]) -> bool:
        return services.run_once(job="transfers", slot="2026-11", at=NOW, work=work)

    with pytest.raises(ZeroDivisionError):
        take(lambda: 1 / 0)
    assert [take(lambda: done.append(1)), take(lambda: done.append(2))] == [True, False]
    assert done == [1]


# --- the broker ---------------------------------------------------------------------------------------------------


@pytest.fixture
def broker_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def point(port: int) -> None:
        monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")

    return point


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", ["silent", "refusing"])
def test_broker_that_is_down_does_not_hold_the_request_and_the_sweep_delivers(
    topic: Topic, broker_at: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, broker: str
) -> None:
    done: list[int] = []
    topic(lambda event: lambda: done.append(event.pk))
    tries: list[str] = []
    send_task = app.send_task

    def counted(name: str, **options: Any) -> Any:
        tries.append(name)
        return send_task(name, **options)

    monkeypatch.setattr(app, "send_task", counted)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if broker == "refusing":
            server.close()
        broker_at(port)
        start = time.monotonic()
        for key in "abc":
            emit(key)
        took = time.monotonic() - start
    assert tries == ["outbox.deliver"]
    assert took < 30  # far more than a busy machine needs, and less than a broker is waited for otherwise
    assert list(OutboxEvent.objects.values_list("announced_at", flat=True)) == [None] * 3
    doorbell._closed_until = 0.0
    rung: list[int] = []
    monkeypatch.setattr(doorbell, "ring", lambda event_id: rung.append(event_id) is None)
    assert services.sweep(at=NOW) == 3
    for event_id in rung:
        services.deliver(event_id=event_id, at=NOW)
    assert len(done) == 3


@pytest.mark.django_db(transaction=True)
def test_ring_puts_the_message_into_the_queue_of_the_workers(topic: Topic) -> None:
    import redis

    topic(lambda event: None)
    queue = f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}celery"
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(queue)
        event = emit()
        waiting = client.lrange(queue, 0, -1)
        client.delete(queue)
    assert [b"outbox.deliver" in message for message in waiting] == [True]
    event.refresh_from_db()
    assert event.announced_at is not None
