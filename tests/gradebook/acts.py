"""What tests of the journal do again and again: the work of a worker, acts at the same moment."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from django.db import connection

from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from tests.factories.gradebook import DECEMBER


def work(topic: str, at: datetime = DECEMBER) -> None:
    """Do the events of a topic as a worker would."""
    for event in OutboxEvent.objects.filter(topic=topic):
        deliver(event_id=event.pk, at=at)


def run_together(*acts: Any) -> list[Any]:
    """Run the acts in threads of their own; return what each gave or raised."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts), timeout=60)

    def run(place: int) -> None:
        start.wait()
        try:
            results[place] = acts[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results
