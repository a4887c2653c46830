"""Two portals, each with a database and a broker of its own: what one seals, the other takes in once, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.request import urlopen

import psycopg2
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg2 import sql

from gradebook import handlers
from gradebook.enums import PushState
from gradebook.models import MonthlyTransfer, TransferPush
from gradebook.selectors.pushes import full_body
from gradebook.services import endpoints, intakes
from network_portal.embedded import free_port
from network_portal.outbox import sender
from network_portal.outbox.handlers import Permanent
from network_portal.outbox.services import sweep
from schools.enums import DutyKind
from tests.factories.gradebook import month_of_marks, scene, seal
from tests.services import KEPT_OPEN, database_url, kill, running, start_broker, start_worker, wait_until

LEASE = 30


@contextmanager
def copied_database() -> Iterator[str]:
    """Yield the address of a copy of the tests' database as it is now."""
    address = database_url()
    server, _, name = address.rpartition("/")
    copy = f"{name}_partner"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(copy))
    for one in (connection, *KEPT_OPEN):
        one.close()
    admin = psycopg2.connect(f"{server}/postgres")
    admin.autocommit = True
    try:
        with admin.cursor() as cursor:
            cursor.execute(drop)
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (copy, name))))
        yield f"{server}/{copy}"
    finally:
        with admin.cursor() as cursor:
            cursor.execute(drop)
        admin.close()


@contextmanager
def portal(database: str, broker: str) -> Iterator[str]:
    """Run the partner's portal and yield its address once it answers."""
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:network_portal.gunicorn_conf", "network_portal.wsgi"]
    process = subprocess.Popen(argv, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    with suppress(OSError), urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)
    return False


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_what_one_portal_seals_the_other_takes_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PUSH_ALLOWED_NETWORKS", ["127.0.0.0/8"])
    place = scene()
    month_of_marks(place)
    for number, school in enumerate((place.host, place.home)):
        school.ogrn = f"102590000000{number}"
        school.save(update_fields=["ogrn"])
    deputy = place.staff(place.home, DutyKind.DEPUTY)
    issued = intakes.api_key_issue(actor=deputy, title="Гимназия", partner=place.host, at=timezone.now())
    unknown = place.own[0].student_id
    worker, port = start_worker(LEASE), free_port()
    broker = f"redis://127.0.0.1:{port}/0"
    try:
        with copied_database() as database, running(lambda: start_broker(port)):
            there = psycopg2.connect(database)
            there.autocommit = True
            asked = there.cursor()
            asked.execute("UPDATE schools_student SET last_name = 'Другой' WHERE id = %s", [unknown])
            with portal(database, broker) as address:
                endpoints.endpoint_set(
                    actor=deputy,
                    url=f"{address}/api/v1/transfers",
                    key=issued.signing,
                    access_key=issued.access,
                    at=timezone.now(),
                )
                transfer = seal(place, at=timezone.now())
                wait_until(pushed, 60)
                again(address, issued, transfer)
            asked.execute("SELECT state, package_sha256, raw FROM gradebook_intake")
            ((state, package, raw),) = asked.fetchall()
            sent = full_body(MonthlyTransfer.objects.select_related("document").get())
            assert (state, package, bytes(raw)) == ("partial", transfer.sha256, sent)
            asked.execute("SELECT state, student_id FROM gradebook_intakeline ORDER BY no")
            assert asked.fetchall() == [("quarantined", None), ("taken", place.own[1].student_id)]
            asked.execute("SELECT count(*) FROM gradebook_monthlytransfer")
            assert asked.fetchone() == (0,)
            assert redis.Redis.from_url(broker).ping()
            there.close()
    finally:
        kill(worker)


def pushed() -> bool:
    """Tell whether the push was taken; a doorbell that a busy broker missed is rung again, as the beat does."""
    sweep(at=timezone.now())
    push = TransferPush.objects.get()
    assert push.state != PushState.PARKED, push.reason
    return push.state == PushState.DELIVERED


def again(address: str, issued: Any, transfer: MonthlyTransfer) -> None:
    """Send the same message once more, and another one under its id."""
    body = full_body(MonthlyTransfer.objects.select_related("document").get(pk=transfer.pk))
    for sent in (body, body + b" "):
        headers = sender.signed_headers(
            secret=issued.signing,
            message_id=handlers.message_id(f"transfer:{transfer.pk}:push"),
            at=timezone.now(),
            body=sent,
        )
        headers["Authorization"] = f"Bearer {issued.access}"
        if sent == body:
            sender.post(f"{address}/api/v1/transfers", sent, headers)
        else:
            with pytest.raises(Permanent, match="код 409"):
                sender.post(f"{address}/api/v1/transfers", sent, headers)
