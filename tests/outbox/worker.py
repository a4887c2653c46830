"""A Celery worker of the tests: the tests' database and their queues in the broker. With a file, a beat that sweeps.

DATABASE_URL=… python -m tests.outbox.worker KEY_PREFIX LEASE_SECONDS [SCHEDULE_FILE]

Pauses and sweeps keep their proportion to the lease.
"""

from __future__ import annotations

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "network_portal.settings"
django.setup()

from django.conf import settings

from network_portal.celery import app
from network_portal.outbox import doorbell

prefix, lease, *schedule = sys.argv[1:]
settings.OUTBOX_LEASE_SECONDS = int(lease)
settings.OUTBOX_FIRST_PAUSE_SECONDS = doorbell.PAUSE_AFTER_FAILURE = int(lease) / 4
app.conf.broker_transport_options = {**app.conf.broker_transport_options, "global_keyprefix": prefix}
app.conf.beat_schedule = {"outbox.sweep": {"task": "outbox.sweep", "schedule": int(lease) / 8}}
if schedule:
    app.start(["beat", "--schedule", *schedule, "--loglevel=ERROR"])
else:
    app.worker_main(
        ["worker", "--pool=prefork", "--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=WARNING"]
    )
