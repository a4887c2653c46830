"""Processes that tests start beside themselves: a receiver of pushes, and Celery workers on the tests' database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

#: Connections to the tests' database that stay open between tests.
KEPT_OPEN: list[BaseDatabaseWrapper] = []
RECEIVER = Path(__file__).parent / "outbox" / "receiver.py"


def wait_until(done: Callable[[], Any], seconds: float = 30) -> Any:
    """Return what `done` gives as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := done():
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")


# --- the receiver -------------------------------------------------------------------------------------------------


@dataclass
class Receiver:
    """A running receiver; see `outbox/receiver.py`."""

    port: int
    log_file: Path
    mode_file: Path
    key_file: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?school=7"

    def behave(self, mode: str) -> None:
        self.mode_file.write_text(mode)

    def take_key(self, key: str) -> None:
        """Give it the key that signatures are checked with from now on."""
        self.key_file.write_text(key)

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text().splitlines()] if self.log_file.exists() else []


@contextmanager
def running_receiver(folder: Path, key: str) -> Iterator[Receiver]:
    """Run a receiver that keeps its files in `folder`."""
    port_file, log_file, mode_file, key_file = (folder / name for name in ("port", "log", "mode", "key"))
    mode_file.write_text("ok")
    key_file.write_text(key)
    process = subprocess.Popen([sys.executable, RECEIVER, port_file, log_file, mode_file, key_file])
    try:
        port = wait_until(lambda: port_file.exists() and port_file.read_text())
        yield Receiver(int(port), log_file, mode_file, key_file)
    finally:
        process.kill()
        process.wait()


# --- workers ------------------------------------------------------------------------------------------------------


def start_worker(lease: int) -> subprocess.Popen[bytes]:
    """Start a Celery worker on the tests' database and queues; see `outbox/worker.py`."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    environment = {**os.environ, "DATABASE_URL": database_url(), "PUSH_ALLOWED_NETWORKS": "127.0.0.0/8"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.worker", prefix, str(lease)],
        cwd=settings.BASE_DIR,
        env=environment,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker with its children at once, as a power cut would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def database_url() -> str:
    """Return the address of the tests' database."""
    parts = connection.settings_dict
    password = f":{parts['PASSWORD']}" if parts["PASSWORD"] else ""
    return f"postgresql://{parts['USER']}{password}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"
