"""What every test stands on: settings for tests, a broker of its own for each worker, the browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

# Playwright runs an event loop in the thread of the test; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def pytest_configure() -> None:
    from django.conf import settings

    # A real hash takes a tenth of a second.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},  # nothing is collected
    }
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True, scope="session")
def broker(worker_id: str) -> Iterator[None]:
    """Give each worker of the tests queues of its own in the one Valkey, and leave none behind."""
    import redis
    from django.conf import settings

    from network_portal.celery import app

    prefix = f"test:{worker_id}:"
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": prefix}
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = app.conf.broker_transport_options = options
    yield
    app.close()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        if keys := list(client.scan_iter(f"{prefix}*")):
            client.delete(*keys)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use Debian's Chromium, which asks nobody for anything."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
    plain = ["--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": [*plain, *quiet]}
