"""Two portals, each with a database and a broker of its own.

What one seals, the other takes in once, byte for byte; its answers travel back, and the answers to them there again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
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
from gradebook.enums import DisputeState, PushState, TransferState
from gradebook.models import MonthlyTransfer, TransferDispute, TransferPush
from gradebook.selectors.pushes import full_body
from gradebook.selectors.received import correction_cells
from gradebook.services import corrections, endpoints, intakes
from gradebook.services.correction_cells import cells_correct
from network_portal.outbox import sender
from network_portal.outbox.handlers import Permanent
from network_portal.outbox.services import sweep
from schools.enums import DutyKind
from tests.factories.gradebook import DECEMBER, Scene, month_of_marks, scene, seal
from tests.services import KEPT_OPEN, database_url, free_port, kill, running, start_broker, start_worker, wait_until

LEASE = 30
#: Processes that start side by side on a busy machine take their time.
LONG = 120


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


def environment(database: str, broker: str, port: int) -> dict[str, str]:
    """Return what the processes of a portal are told."""
    return {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PUSH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }


@contextmanager
def portal(told: dict[str, str]) -> Iterator[str]:
    """Run a portal and yield its address once it answers."""
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:network_portal.gunicorn_conf", "network_portal.wsgi"]
    process = subprocess.Popen(argv, cwd=settings.BASE_DIR, env=told, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(f"{told['PUBLIC_URL']}/healthz"), LONG)
        yield told["PUBLIC_URL"]
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def people(told: dict[str, str]) -> Iterator[Callable[[str], str]]:
    """Yield what lets the home school's curator act at the partner's portal; see `partner.py`."""
    argv = [sys.executable, "-m", "tests.outbox.partner"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        argv, cwd=settings.BASE_DIR, env=told, stdin=pipe, stdout=pipe, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        given, said = process.stdin, process.stdout

        def act(words: str) -> str:
            given.write(f"{words}\n")
            return said.readline().strip()

        try:
            yield act
        finally:
            given.close()


def answers(url: str) -> bool:
    with suppress(OSError), urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)
    return False


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_what_one_portal_seals_the_other_takes_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    port, own_port = free_port(), free_port()
    monkeypatch.setattr(settings, "PUSH_ALLOWED_NETWORKS", ["127.0.0.0/8"])
    monkeypatch.setattr(settings, "PUBLIC_URL", f"http://127.0.0.1:{own_port}")
    place = scene()
    month_of_marks(place)
    for number, school in enumerate((place.host, place.home)):
        school.ogrn = f"102590000000{number}"
        school.save(update_fields=["ogrn"])
    deputy, host_deputy = place.staff(place.home, DutyKind.DEPUTY), place.staff(place.host, DutyKind.DEPUTY)
    place.staff(place.home, DutyKind.CURATOR)
    issued = intakes.api_key_issue(actor=deputy, title="Гимназия", partner=place.host, at=timezone.now())
    unknown, name = place.own[0].student_id, place.own[0].student.last_name
    worker = start_worker(LEASE, PUBLIC_URL=settings.PUBLIC_URL)
    broker = f"redis://127.0.0.1:{port}/0"
    try:
        with copied_database() as database, running(lambda: start_broker(port)):
            there = psycopg2.connect(database)
            there.autocommit = True
            asked = there.cursor()
            asked.execute("UPDATE schools_student SET last_name = 'Другой' WHERE id = %s", [unknown])
            partner = environment(database, broker, free_port())
            own = environment(database_url(), settings.REDIS_URL, own_port)
            with portal(partner) as address:
                endpoints.endpoint_set(
                    actor=deputy,
                    url=f"{address}/api/v1/transfers",
                    key=issued.signing,
                    access_key=issued.access,
                    at=timezone.now(),
                )
                transfer = seal(place, at=timezone.now())
                wait_until(pushed, LONG)
                again(address, issued, transfer)
                asked.execute("SELECT state, package_sha256, raw FROM gradebook_intake")
                ((state, package, raw),) = asked.fetchall()
                sent = full_body(MonthlyTransfer.objects.select_related("document").get())
                assert (state, package, bytes(raw)) == ("partial", transfer.sha256, sent)
                asked.execute("SELECT state, student_id FROM gradebook_intakeline ORDER BY no")
                assert asked.fetchall() == [("quarantined", None), ("taken", place.own[1].student_id)]
                with portal(own), people(partner) as act:
                    assert act("dispute Отметка другая") == "delivered"
                    first, second = TransferDispute.objects.order_by("enrolment")
                    assert (first.reason, first.raised_by, second.state) == ("Отметка другая", None, DisputeState.OPEN)
                    corrections.dispute_reject(actor=host_deputy, dispute=first, answer="Верна", at=timezone.now())
                    wait_until(lambda: answered(asked) == [("Верна",), ("",)], LONG)
                    asked.execute("UPDATE schools_student SET last_name = %s WHERE id = %s", [name, unknown])
                    new = corrected(place, second)
                    wait_until(pushed, LONG)
                    assert act("acknowledge") == "delivered"
                    new.refresh_from_db()
                    old = MonthlyTransfer.objects.get(version=0)
                    assert (old.state, new.state) == (TransferState.CORRECTED, TransferState.ACKNOWLEDGED)
                    assert new.acknowledger.endswith("(портал школы)")
            asked.execute("SELECT version, state FROM gradebook_intake ORDER BY version")
            assert asked.fetchall() == [(0, "partial"), (1, "taken")]
            asked.execute("SELECT count(*) FROM gradebook_monthlytransfer")
            assert asked.fetchone() == (0,)
            assert redis.Redis.from_url(broker).ping()
            there.close()
    finally:
        kill(worker)


def pushed() -> bool:
    """Tell whether the push was taken; a doorbell that a busy broker missed is rung again, as the beat does."""
    sweep(at=timezone.now())
    push = TransferPush.objects.latest("pk")
    assert push.state != PushState.PARKED, push.reason
    return push.state == PushState.DELIVERED


def answered(asked: Any) -> Any:
    """Return what the host has answered to the objections, as the partner's database has it."""
    sweep(at=timezone.now())
    asked.execute("SELECT answer FROM gradebook_intakedispute ORDER BY line_id")
    return asked.fetchall()


def corrected(place: Scene, dispute: TransferDispute) -> MonthlyTransfer:
    """Accept an objection and seal what the teacher has corrected."""
    now = timezone.now()
    deputy = place.staff(place.host, DutyKind.DEPUTY)
    correction = corrections.dispute_accept(actor=deputy, dispute=dispute, at=now)
    cell = correction_cells(correction)[0]
    wanted = {(cell.lesson, cell.enrolment): "5"}
    cells_correct(actor=place.teacher, correction=correction, wanted=wanted, at=max(now, DECEMBER))
    return corrections.transfer_correct(actor=place.coordinator, transfer=dispute.transfer, at=now)


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
            with pytest.raises(Permanent, match=r"код 409\): Под этим номером уже пришло другое сообщение\.$"):
                sender.post(f"{address}/api/v1/transfers", sent, headers)
