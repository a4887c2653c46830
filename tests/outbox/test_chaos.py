"""Workers, beat, broker and receiver are killed at random points while months are sealed and pushed.

Whatever dies when, in the end every package is at the receiver once, byte for byte, and nothing is left half done.
`CHAOS_SEED` chooses the points; a run prints its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from gradebook import handlers
from gradebook.enums import PushState, TransferState, Verb
from gradebook.models import MonthlyTransfer, TransferPush
from gradebook.selectors.pushes import full_body
from gradebook.services.transfers import push_key
from network_portal.audit.models import AuditEntry
from network_portal.documents.models import RegisterCounter, RegisteredPdf
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import emit
from schools.models import Organisation
from tests.factories.gradebook import KEY, PushEndpointFactory, Scene, month_of_marks, scene
from tests.services import (
    Killable,
    Receiver,
    free_port,
    running,
    running_receiver,
    start_broker,
    start_worker,
    wait_until,
)

LEASE = 6
SEED = int(os.environ.get("CHAOS_SEED", "20261122"))
PARTS = ("worker", "process of a worker", "beat", "broker", "receiver")
ONCE = (Verb.TRANSFER_SEALED, Verb.TRANSFER_DELIVERED, Verb.PUSH_DELIVERED)


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("scenes", "kills", "longest"), [(2, 7, 0.5), pytest.param(15, 60, 4.0, marks=pytest.mark.slow)]
)
def test_every_package_arrives_once_whatever_is_killed(
    scenes: int, kills: int, longest: float, silent: list[int], tmp_path: Path
) -> None:
    print(f"CHAOS_SEED={SEED}")  # noqa: T201 # a run that fails is repeated by it
    chance = random.Random(SEED)
    places = [own_schools(scene(), no) for no in range(scenes)]
    months = [(place, home, month) for place in places for home in (place.home, place.other) for month in (10, 11)]
    chance.shuffle(months)
    victims = [*chance.sample(PARTS, len(PARTS)), *chance.choices(PARTS, k=kills - len(PARTS))]
    port = free_port()
    address = {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    with ExitStack() as stack:
        receiver = stack.enter_context(running_receiver(tmp_path, KEY))
        receiver.behave("ok:0.2")
        for place in places:
            month_of_marks(place)
            for home in (place.home, place.other):
                PushEndpointFactory(organisation=home, url=receiver.url)
        parts = {
            "receiver": receiver.part,
            "broker": stack.enter_context(running(lambda: start_broker(port))),
            "beat": stack.enter_context(running(lambda: start_worker(LEASE, tmp_path / "schedule", **address))),
        }
        workers = [stack.enter_context(running(lambda: start_worker(LEASE, **address))) for _ in range(2)]
        queue_seal(*months.pop())
        wait_until(lambda: receiver.log, 240)
        for victim in victims:
            for _ in range(-(-len(months) // kills)):
                queue_seal(*months.pop())
            before = claims()
            wait_until(lambda before=before: claims() > before or nothing_is_due(), 60)
            time.sleep(chance.uniform(0, longest))
            part = parts.get(victim) or chance.choice(workers)
            if victim == "process of a worker":
                kill_children(part)
                continue
            part.kill()
            time.sleep(chance.uniform(0, longest / 2))
            part.start_again()
        while months:
            queue_seal(*months.pop())
        receiver.behave("ok")
        wait_until(lambda: not OutboxEvent.objects.open().exists(), 300)
        came_once(receiver, len(places) * 4)


def own_schools(place: Scene, no: int) -> Scene:
    """Give the schools of a scene names of their own, so that there can be another scene."""
    for school in (place.host, place.home, place.other):
        school.short_name += f", {no}"
        school.save(update_fields=["short_name"])
    return place


def queue_seal(place: Scene, home: Organisation, month: int) -> None:
    """Queue a seal as the plan of the beat does."""
    what = {"pairs": [(place.group.pk, home.pk)], "year": 2026, "month": month}
    with transaction.atomic():
        emit(topic="transfer.seal", key=f"seal:{place.group.pk}:{home.pk}:{month}", payload=what, at=timezone.now())


def claims() -> int:
    """Return how many times an event was taken up."""
    return int(OutboxEvent.objects.aggregate(sum=Sum("attempts"))["sum"] or 0)


def nothing_is_due() -> bool:
    """Tell whether all that is left waits for another attempt."""
    return not OutboxEvent.objects.due(timezone.now()).exists()


def kill_children(worker: Killable) -> None:
    """Kill the processes in which a worker does its tasks, as a machine out of memory does."""
    pid = worker.process.pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def came_once(receiver: Receiver, number: int) -> None:
    """Every package is there exactly once, its hash is right, registers have no gap, nothing waits or was given up."""
    transfers = list(MonthlyTransfer.objects.select_related("document").order_by("pk"))
    assert len(transfers) == number
    taken = [entry for entry in receiver.log if entry["new"]]
    assert all(entry["valid"] for entry in receiver.log)
    assert Counter(entry["id"] for entry in taken) == {handlers.message_id(push_key(one.pk)): 1 for one in transfers}
    bodies = {entry["id"]: entry["body"] for entry in taken}
    for one in transfers:
        body = bodies[handlers.message_id(push_key(one.pk))]
        assert body == full_body(one).decode()
        sealed = body.partition('"data": ')[2][:-1]
        assert hashlib.sha256(sealed.encode()).hexdigest() == json.loads(body)["sha256"] == one.sha256
    for counter in RegisterCounter.objects.filter(kind="T16"):
        numbers = [one.document.number for one in transfers if one.host_id == counter.organisation_id]
        assert sorted(numbers) == list(range(1, counter.last + 1))
    assert set(OutboxEvent.objects.values_list("dead_at", "last_error")) == {(None, "")}
    assert {one.state for one in transfers} == {TransferState.DELIVERED}
    assert list(TransferPush.objects.values_list("state", flat=True)) == [PushState.DELIVERED] * number
    assert RegisteredPdf.objects.filter(document__kind="T16").count() == number
    said = Counter(AuditEntry.objects.filter(verb__in=ONCE).values_list("verb", "target_id"))
    assert said == {(verb.value, one.pk): 1 for verb in ONCE for one in transfers}
