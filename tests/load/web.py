"""The portal behind gunicorn as it runs in production, and clients that ask it and count the time."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median, quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from network_portal.embedded import free_port
from schools.acting import SESSION_KEY as ACTING_KEY
from schools.acting import Acting
from tests.services import wait_until

WORKERS = 2
ROUNDS, ASKED = 4, 40


@contextmanager
def served(settings_module: str = "network_portal.settings") -> Iterator[int]:
    """Run gunicorn with two workers on the bench's database and yield its port."""
    port = free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings_module,
        "PORT": str(port),
        "WEB_CONCURRENCY": str(WORKERS),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:network_portal.gunicorn_conf", "network_portal.wsgi"]
    process = subprocess.Popen(argv, cwd=settings.BASE_DIR, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(port) or process.poll() is not None, 120)
        assert process.poll() is None, f"gunicorn ended with {process.returncode}"
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        return Client(port).get("/healthz").status < 500
    except OSError:
        return False


def analysed() -> None:
    """Let the database count what was stored, as its own housekeeping does within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def signed_in(acting: Acting) -> str:
    """Return the session of somebody who has just signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(acting.user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = acting.user.get_session_auth_hash()
    session[ACTING_KEY] = acting.key
    session.create()
    return str(session.session_key)


class Client:
    """One browser with one connection that stays open."""

    def __init__(self, port: int, session: str = "") -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self.token = "b" * 32
        self.headers = {"Cookie": f"csrf={self.token}; sid={session}", "Accept-Encoding": "identity"}

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, data: dict[str, object]) -> Any:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.token}
        return self._ask("POST", path, urlencode(data), headers)

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Any:
        for last in (False, True):
            try:
                self.connection.request(method, path, body, {**self.headers, **(headers or {})})
                response = self.connection.getresponse()
                break
            except ConnectionError:  # gunicorn hangs up on a connection that was quiet for two seconds
                self.connection.close()
                if last:
                    raise
        response.body = response.read()
        return response


def timed(act: Callable[[], Any], *, status: int = 200) -> float:
    """Return the milliseconds of one request, which must be answered with `status`."""
    began = perf_counter()
    response = act()
    took = (perf_counter() - began) * 1000
    assert response.status == status, f"{response.status}: {response.body[:300]!r}"
    return took


def p50s(*acts: Callable[[], Any], warm: int = 10) -> list[float]:
    """Return the medians of several requests in milliseconds, asked in turns so that all meet the same machine."""
    times: list[list[float]] = [[] for _ in acts]
    for act in acts:
        for _ in range(warm):
            act()
    for _ in range(ROUNDS):
        for act, taken in zip(acts, times, strict=True):
            taken += [timed(act) for _ in range(ASKED)]
    return [median(taken) for taken in times]


def together(clients: Sequence[Client], path: str, each: int = 40) -> tuple[float, float]:
    """Return pages a second, and the 95th percentile in milliseconds, of clients that all ask at once."""
    times: list[float] = []

    def ask(client: Client) -> None:
        for _ in range(each):
            times.append(timed(lambda: client.get(path)))

    threads = [threading.Thread(target=ask, args=[client]) for client in clients]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - began
    assert len(times) == each * len(clients)
    return len(times) / seconds, quantiles(times, n=20)[-1]


def weight(body: bytes) -> tuple[int, int]:
    """Return the bytes of a page, and of the same page compressed."""
    return len(body), len(gzip.compress(body, 6))


def queries(path: str, acting: Acting, data: dict[str, object] | None = None) -> int:
    """Return how many statements a page takes, or a form when there are `data`; sessions and rights included."""
    from django.test import Client as TestClient
    from django.test.utils import CaptureQueriesContext

    client = TestClient(headers={"host": "localhost"})
    client.cookies[settings.SESSION_COOKIE_NAME] = signed_in(acting)
    client.get("/home/" if data else path)
    with CaptureQueriesContext(connection) as captured:
        response = client.post(path, data) if data else client.get(path)
    assert response.status_code == 200
    return len(captured)
