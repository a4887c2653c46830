"""A checkout in miniature: the real supervisor and servers, with an application that starts in no time."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest

from network_portal.processes import leftovers
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = ["__init__", "__main__", "embedded", "processes"]
WEB = """
import http.server, os
address = os.environ["HOST"], int(os.environ["PORT"])
http.server.HTTPServer(address, http.server.BaseHTTPRequestHandler).serve_forever()
"""
PROCFILE = "release: python -c pass\nweb: python web.py\nworker: python -c 'import time; time.sleep(600)'\n"


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> bool:
    """Wait until the condition holds; False when the time runs out. A busy machine may need long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


class Checkout:
    """One miniature checkout and the supervisor that runs in it."""

    def __init__(self, folder: Path) -> None:
        (folder / "network_portal").mkdir(parents=True)
        for name in SUPERVISOR:
            shutil.copy(ROOT / "network_portal" / f"{name}.py", folder / "network_portal")
        (folder / "web.py").write_text(WEB)
        (folder / "Procfile").write_text(PROCFILE)
        self.folder, self.var, self.port = folder.resolve(), folder.resolve() / "var", free_port()
        self.env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PORT": str(self.port)}
        self.supervisor: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the supervisor's commands to its end."""
        argv = [sys.executable, "-m", "network_portal", *arguments]
        return subprocess.run(argv, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=120)

    def start(self) -> str:
        """Start the supervisor and return its output up to the address."""
        with (self.folder / "output").open("wb") as output:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "network_portal", "run"],
                cwd=self.folder,
                env=self.env,
                stdout=output,
                stderr=output,
            )
        supervisor = self.supervisor
        wait_until(lambda: "Остановить: Ctrl-C" in self.output or supervisor.poll() is not None)
        assert supervisor.poll() is None, self.output
        return self.output

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    @property
    def running(self) -> dict[int, str]:
        return leftovers(self.var, self.place)

    @property
    def place(self) -> Path:
        remembered = re.search(r"^DATA_DIR=(.+)$", self.settings("portal.env"), re.MULTILINE)
        return Path(remembered[1]) if remembered else self.var / "data"

    def settings(self, name: str) -> str:
        path = self.var / name
        return path.read_text() if path.exists() else ""

    def address(self, name: str) -> str:
        """Return one of the addresses that the supervisor wrote for other commands."""
        return dict(line.split("=", 1) for line in self.settings("servers.env").splitlines())[name]

    def query(self, statement: str) -> list[tuple[object, ...]]:
        connection = psycopg2.connect(self.address("DATABASE_URL"))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def send(self, number: signal.Signals) -> int:
        """Send the signal to the supervisor alone, wait for its end and return its exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(number)
        return self.supervisor.wait(60)

    def kill_everything(self) -> None:
        """End supervisor and children as a power cut would."""
        if self.supervisor is not None:
            self.supervisor.kill()
            self.supervisor.wait()
        assert wait_until(self._none_left)

    def _none_left(self) -> bool:
        for pid in self.running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not self.running


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    if os.geteuid() == 0:  # pytest's folders are closed to everyone else; the database's account has to pass
        for folder in (tmp_path, *tmp_path.parents[:3]):
            if folder.stat().st_uid == 0 and folder != Path("/tmp"):
                folder.chmod(0o711)
    made = Checkout(tmp_path / "checkout")
    yield made
    made.kill_everything()
