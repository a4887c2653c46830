"""What a monitor asks: is the process alive, and can it do its work. Public, and silent about how things are set up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from network_portal.outbox.selectors import oldest_due_age

# A due event that nobody takes means that the workers stand still, whatever their processes say.
LONGEST_WAIT = timedelta(minutes=15)
BROKER_TIMEOUT = 1.0


class NotReady(Exception):
    """One part does not work; the argument is a word for the monitor."""


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is looked at."""
    return JsonResponse({"alive": True})


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, migrations, broker and outbox are in order, else 503; each part under its name."""
    try:
        age = oldest_due_age(timezone.now())
    except DatabaseError:
        age = None
    parts = {
        "database": _state(_database),
        "migrations": _state(_migrations),
        "broker": _state(_broker),
        "outbox": "unavailable" if age is None else "late" if age > LONGEST_WAIT else "ok",
    }
    ready = set(parts.values()) == {"ok"}
    seconds = None if age is None else int(age.total_seconds())
    return JsonResponse({"ready": ready, **parts, "oldest_due_seconds": seconds}, status=200 if ready else 503)


def _state(look: Callable[[], None]) -> str:
    try:
        look()
    except NotReady as reason:
        return str(reason)
    except (DatabaseError, redis.RedisError):
        return "unavailable"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@cache
def _migrations() -> None:
    """Kept once it holds: the code of a process does not change. A refusal is not kept."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("unapplied")


def _broker() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=BROKER_TIMEOUT, socket_connect_timeout=BROKER_TIMEOUT, retry=None
    ) as client:
        client.ping()
