"""Child processes of the supervisor: none outlives it, and what a killed one left behind is found and ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MARK = "PORTAL_SUPERVISED"  # environment variable of every child; its value is the var folder of the supervisor
BUNDLED = {"postgres", "valkey-server"}
LOG_LIMIT = 5_000_000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Failure(Exception):
    """The start cannot go on; the message tells the operator why and what to do."""


class Interrupted(Exception):
    """The operator asked to stop while something was being started."""


@dataclass(frozen=True)
class Account:
    """The unprivileged system user that the bundled servers run as when the supervisor is root."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def say(text: str) -> None:
    """Print for the operator; a closed terminal must not keep the servers from being stopped."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


class StopRequest:
    """Ctrl-C, SIGTERM or a closed terminal; asked twice means at once."""

    def __init__(self) -> None:
        self.times = 0
        self.number = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        self.times += 1
        self.number = number

    def sleep(self, seconds: float) -> None:
        """Wait; raises Interrupted as soon as a stop was asked for."""
        time.sleep(seconds)
        if self.times:
            raise Interrupted


@dataclass
class Process:
    """One child in a process group of its own, with its own log file.

    Args:
        log: file that takes the output; None leaves it on the terminal.
        account: system user to run as; None means the supervisor's own.
        ending: signal that asks the child to end by itself; it is also sent when the supervisor dies.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path | None = None
    account: Account | None = None
    ending: signal.Signals = signal.SIGTERM
    child: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)

    def start(self) -> None:
        supervisor = os.getpid()

        def in_child() -> None:
            if sys.platform == "linux":
                _libc.prctl(_PR_SET_PDEATHSIG, int(self.ending), 0, 0, 0)
            if os.getppid() != supervisor:
                os._exit(1)

        with contextlib.ExitStack() as stack:
            output = stack.enter_context(_open_log(self.log)) if self.log else None
            self.child = subprocess.Popen(
                self.argv,
                env=dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=in_child,
                **(self.account.popen if self.account else {}),
            )
        self.started.append(time.monotonic())

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, number)

    def log_tail(self, lines: int = 15) -> str:
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def failure(self) -> Failure:
        return Failure(f"Не удалось запустить «{self.name}». Последние строки журнала {self.log}:\n{self.log_tail()}")


def _open_log(path: Path) -> Any:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def wait_ready(process: Process, probe: Callable[[], bool], stop: StopRequest, *, seconds: float) -> bool:
    """Wait until `probe` is true; False when the process ends or the time runs out first."""
    deadline = time.monotonic() + seconds
    while process.alive and time.monotonic() < deadline:
        if probe():
            return True
        stop.sleep(0.1)
    return False


def watch(processes: Sequence[Process], stop: StopRequest) -> None:
    """Restart whatever ends, until a stop is asked for.

    Raises:
        Interrupted: the operator asked to stop.
        Failure: a process ended three times within a minute.
    """
    while True:
        stop.sleep(0.3)
        for process in processes:
            if not process.alive:
                process.signal_group(signal.SIGKILL)
                if len(process.started) >= 3 and time.monotonic() - process.started[-3] < 60:
                    raise process.failure()
                say(f"«{process.name}» завершился, запускаю снова. Журнал: {process.log}")
                stop.sleep(1)
                process.start()


def end_all(processes: Iterable[Process], *, patience: float, stop: StopRequest | None = None) -> None:
    """Ask all to end at once, wait, then kill what is left of their groups."""
    processes = [process for process in processes if process.child is not None]
    for process in processes:
        if process.alive and process.child:
            process.child.send_signal(process.ending)
    deadline = time.monotonic() + patience
    while any(process.alive for process in processes) and time.monotonic() < deadline:
        if stop is not None and stop.times > 1:
            break
        time.sleep(0.05)
    for process in processes:
        process.signal_group(signal.SIGKILL)
        if process.child:
            process.child.wait()


def leftovers(var: Path, place: Path) -> dict[int, str]:
    """Return what an earlier, killed supervisor of this var folder left running: process id → name of its program."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        try:
            program = os.path.basename(os.readlink(entry / "exe"))
            bundled = program in BUNDLED and Path(os.readlink(entry / "cwd")).is_relative_to(place)
            marked = f"{MARK}={var}".encode() in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if pid != os.getpid() and (bundled or marked):
            found[pid] = program
    return found


def end_leftovers(var: Path, place: Path, *, patience: float = 5) -> int:
    """End leftovers and return how many there were; the lock must be held."""
    first = left = leftovers(var, place)
    deadline = time.monotonic() + patience
    while left:
        late = time.monotonic() > deadline
        for pid, program in left.items():
            number = signal.SIGKILL if late else signal.SIGINT if program == "postgres" else signal.SIGTERM
            if late or left is first:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        if late and time.monotonic() > deadline + patience:
            raise Failure(f"Не удаётся завершить процессы прежнего запуска: {', '.join(map(str, left))}.")
        time.sleep(0.1)
        left = leftovers(var, place)
    return len(first)
