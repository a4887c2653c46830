"""What every test stands on: settings for tests, a broker of its own for each worker, the browser."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

# Playwright runs an event loop in the thread of the test; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def pytest_configure() -> None:
    import hypothesis
    from django.conf import settings

    # How long an example takes tells about the machine and its other tests, not about the portal; the same examples
    # each time, so that a run fails for what was changed.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("portal", deadline=None, derandomize=True, suppress_health_check=slow)
    hypothesis.settings.load_profile("portal")

    # A real hash takes a tenth of a second.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},  # nothing is collected
    }
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def pytest_collection_finish() -> None:
    # What is imported stays: the collector need not look through it again and again (a sixth of the time).
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture
def quick_papers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have papers without laying them out, unless the test asks for `real_papers`."""
    from tests.shared import stand_in_for_papers

    if "real_papers" not in request.fixturenames:
        stand_in_for_papers(monkeypatch)


@pytest.fixture
def real_papers() -> None:
    """Lay the papers of this test out."""


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep one connection more than the tables need."""
    request.getfixturevalue("django_db_setup")
    with one_connection_apart():
        yield


@pytest.fixture
def _django_db_helper(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Give a test its database with the stages that it shares with others."""
    from tests import shared

    shared.set_up(request, django_db_blocker, lambda: request.getfixturevalue("_django_db_helper"))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    from tests import shared

    shared.close_after(nextitem)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from tests import shared

    shared.in_order_of_stages(items)


#: Modules that build one world for all their tests: each goes to one worker, before all else.
OF_ONE_WORLD = ("tests/house/test_matrix.py", "tests/house/test_nasty_input.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give out tests one by one, but those of a module with one world together.

    The marks `xdist_group` would say so, but xdist 3.8 writes them where pytest 9.2 does not read.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByWorld(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.partition("::")[0]
            return module if module in OF_ONE_WORLD else nodeid

    return ByWorld(config, log)


@contextmanager
def one_connection_apart() -> Iterator[None]:
    """Keep the connection that counts attempts to sign: each signature opens one of its own otherwise."""
    from django.db import connection

    from network_portal.documents import attempts
    from tests.services import KEPT_OPEN

    other, main_thread, apart = connection.copy(), threading.main_thread(), attempts._apart

    @contextmanager
    def kept() -> Iterator[Any]:
        with other.cursor() if threading.current_thread() is main_thread else apart() as cursor:
            yield cursor

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(attempts, "_apart", kept)
        KEPT_OPEN.append(other)
        yield
    other.close()


@pytest.fixture(autouse=True, scope="session")
def quick_flush() -> Iterator[None]:
    """Empty the tables after a test with real commits by deleting its few rows: TRUNCATE takes a third of a second.

    Content types and permissions stay, so nothing has to be made anew after each such test.
    """
    from django.core.management.commands import flush
    from django.db.backends.postgresql.operations import DatabaseOperations

    def delete_rows(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        kept = {"django_content_type", "auth_permission"}
        emptied = [f"DELETE FROM {self.quote_name(table)}" for table in tables if table not in kept]
        return ["; ".join(["SET LOCAL session_replication_role = replica", *emptied])]  # no triggers, no checks

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DatabaseOperations, "sql_flush", delete_rows)
        patched.setattr(flush, "emit_post_migrate_signal", lambda *args, **kwargs: None)
        yield


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


#: What Debian's Chromium has beside the page and a test never sees; it takes half of the browser's time.
NOT_IN_TESTS = (
    "AimEnabled",
    "BackForwardCache",
    "DestroyProfileOnBrowserClose",
    "GlobalMediaControls",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreloadTopChromeWebUI",
    "SpareRendererForSitePerProcess",
    "Translate",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use Debian's Chromium, which asks nobody for anything."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
    plain = ["--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"]
    light = [
        "--force-prefers-reduced-motion",
        "--in-process-gpu",
        "--disable-gpu-rasterization",
        "--process-per-site",
        f"--disable-features={','.join(NOT_IN_TESTS)}",
    ]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": [*plain, *quiet, *light]}
