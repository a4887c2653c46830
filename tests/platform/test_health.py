"""What a monitor is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from network_portal import health
from network_portal.outbox.models import OutboxEvent

pytestmark = pytest.mark.django_db
READY = {
    "ready": True,
    "database": "ok",
    "migrations": "ok",
    "broker": "ok",
    "outbox": "ok",
    "oldest_due_seconds": 0,
}


def test_alive_asks_no_database(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"alive": True})


def test_ready_when_all_parts_work(client: Client) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, READY)


def test_not_ready_without_broker_and_the_address_is_not_told(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {**READY, "ready": False, "broker": "unavailable"})


def test_not_ready_with_an_unapplied_migration(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    health._migrations.cache_clear()
    plan = "django.db.migrations.executor.MigrationExecutor.migration_plan"
    with monkeypatch.context() as patched:
        patched.setattr(plan, lambda *args: ["one"])
        response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {**READY, "ready": False, "migrations": "unapplied"})
    assert client.get("/readyz").status_code == 200


def test_not_ready_when_nobody_takes_what_is_due(client: Client) -> None:
    due = timezone.now() - timedelta(minutes=20)
    OutboxEvent.objects.create(key="forgotten", topic="any", payload={}, created_at=due, available_at=due)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["outbox"] == "late"
    assert 1200 <= response.json()["oldest_due_seconds"] < 1260


def test_not_ready_without_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError("password of the database")

    monkeypatch.setattr(health, "oldest_due_age", fail)
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)

    response = client.get("/readyz")

    unavailable = {"database": "unavailable", "outbox": "unavailable", "oldest_due_seconds": None}
    assert (response.status_code, response.json()) == (503, {**READY, "ready": False, **unavailable})
