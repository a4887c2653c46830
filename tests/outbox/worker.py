"""A Celery worker of the tests: the tests' database and their queues in the one broker.

DATABASE_URL=… python -m tests.outbox.worker KEY_PREFIX LEASE_SECONDS
"""

from __future__ import annotations

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "network_portal.settings"
django.setup()

from django.conf import settings  # noqa: E402

from network_portal.celery import app  # noqa: E402

settings.OUTBOX_LEASE_SECONDS = int(sys.argv[2])
app.conf.broker_transport_options = {**app.conf.broker_transport_options, "global_keyprefix": sys.argv[1]}
app.worker_main(
    ["worker", "--pool=prefork", "--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=WARNING"]
)
