"""A real worker over the real broker is killed in the middle of a push; the receiver has the message exactly once."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone

from gradebook.enums import PushState
from gradebook.models import TransferPush
from network_portal.outbox import services
from network_portal.outbox.models import OutboxEvent
from tests.factories.gradebook import PushEndpointFactory, scene, seal
from tests.services import Receiver, kill, start_worker, wait_until

LEASE = 6


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        kill(process)


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_worker_killed_in_the_middle_of_a_push(
    receiver: Receiver, workers: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "OUTBOX_LEASE_SECONDS", LEASE)
    place = scene()
    PushEndpointFactory(organisation=place.home, url=receiver.url)
    receiver.behave("hold")
    workers.append(start_worker(LEASE))
    transfer = seal(place, at=timezone.now())
    event = OutboxEvent.objects.get(key=f"transfer:{transfer.pk}:push")
    wait_until(lambda: receiver.log, 60)
    kill(workers[0])
    event.refresh_from_db()
    assert (event.done_at, event.attempts) == (None, 1)
    assert TransferPush.objects.get().state == PushState.WAITING
    receiver.behave("ok")
    workers.append(start_worker(LEASE))

    def swept() -> bool:
        services.sweep(at=timezone.now())
        return TransferPush.objects.get().state == PushState.DELIVERED

    wait_until(swept, 60)
    time.sleep(1)
    event.refresh_from_db()
    assert (event.done_at is not None, event.dead_at, event.attempts) == (True, None, 2)
    log = receiver.log
    assert [entry["valid"] for entry in log] == [True, True]
    assert ({entry["id"] for entry in log}, sum(entry["new"] for entry in log)) == ({log[0]["id"]}, 1)
