"""The world of the tests that open every address: built once for a module, and left by each test as it was."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from network_portal.documents import rendering
from schools import acting
from tests.house.world import World, build_world

#: Sessions in memory: thousands of requests need not read and write them in the database.
IN_MEMORY = {
    "SESSION_ENGINE": "django.contrib.sessions.backends.cache",
    "SESSION_CACHE_ALIAS": "sessions",
    "CACHES": {**settings.CACHES, "sessions": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
}


def without_page(status: int) -> Callable[..., HttpResponse]:
    """Return an error page without its frame, which `tests/frame` reads for every kind of person."""
    return lambda request, exception: HttpResponse(status=status)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Build the world in a transaction of the module; the transaction of each test is a savepoint in it.

    Whom a person may act as is read once: the world does not change between requests.
    """
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patched,
        override_settings(**IN_MEMORY),
        transaction.atomic(),
    ):
        patched.setattr(rendering, "render", lambda page: rendering.Pdf(b"%PDF-1.7", 1))
        patched.setattr(acting, "acting_choices", cache(acting.acting_choices))
        patched.setattr(logging.getLogger("django.request"), "disabled", True)
        for status in (403, 404):
            patched.setattr(f"network_portal.urls.handler{status}", without_page(status), raising=False)
        yield build_world(timezone.now())
        transaction.set_rollback(True)
