"""The commands behind `make run` and `make test`.

python -m network_portal run                  the whole portal under one supervisor
python -m network_portal temporary COMMAND…   the command beside servers that are thrown away afterwards
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import environ

from network_portal import embedded
from network_portal.processes import (
    MARK,
    Failure,
    Interrupted,
    Process,
    StopRequest,
    end_all,
    end_leftovers,
    say,
    wait_ready,
    watch,
)

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORTS_TO_TRY = 50
WEB_SECONDS = 180  # a busy machine needs long; a web process that fails ends at once
NOT_FOR_TESTS = (
    "DATA_DIR",
    "PUBLIC_URL",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "EMAIL_URL",
    "PUSH_ALLOWED_NETWORKS",
)
APPLICATION_PATIENCE, SERVER_PATIENCE = 30, 60


class AlreadyRunning(Exception):
    """Another supervisor holds the lock."""


def main(argv: list[str]) -> int:
    """Run the command and return the exit code of the process."""
    if argv[:1] == ["run"] and len(argv) == 1:
        command = run
    elif argv[:1] == ["temporary"] and len(argv) > 1:
        command = lambda: temporary(argv[1:])  # noqa: E731 - one expression, used once
    else:
        say(__doc__ or "")
        return 2
    try:
        return command()
    except Failure as failure:
        say(f"ОШИБКА. {failure}")
        return 1
    except PermissionError as error:
        say(f"ОШИБКА. Нет прав на {error.filename}: папку var создал другой пользователь. Запустите от его имени.")
        return 1


def run() -> int:
    """Start everything, print the address, restart what dies, and stop in order when asked to."""
    var = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
    make_var(var)
    stop = StopRequest()
    servers: list[Process] = []
    application: list[Process] = []
    try:
        with lock(var / "run.lock"):
            environ.Env.read_env(embedded.prepare_settings(var))
            try:
                with contextlib.ExitStack() as locks:
                    env = start_servers(var, servers, locks, stop)
                    start_application(var, env, application, stop)
                    watch([*servers, *application], stop)
            except Interrupted:
                say("Останавливаю…")
            finally:
                end_all(application, patience=APPLICATION_PATIENCE, stop=stop)
                end_all(servers, patience=SERVER_PATIENCE)
                for name in ("address", "servers.env"):
                    (var / name).unlink(missing_ok=True)
    except AlreadyRunning:
        say(f"Портал уже работает: {running_address(var)}")
        return 0
    say("Портал остановлен, данные сохранены.")
    return 0


def temporary(command: list[str]) -> int:
    """Run `command` beside new servers in a temporary folder and return its exit code; nothing is left behind."""
    stop = StopRequest()
    var = Path(tempfile.mkdtemp(prefix="portal-")).resolve()
    servers: list[Process] = []
    site = None
    try:
        make_var(var)
        for name in NOT_FOR_TESTS:
            os.environ.pop(name, None)
        environ.Env.read_env(embedded.prepare_settings(var), overwrite=True)
        site = embedded.open_site(var, durable=False)
        env = {**os.environ, "VAR_DIR": str(var), "DEMO": "0", "DEBUG": "0"}
        env["DATABASE_URL"] = embedded.start_postgres(site, servers, stop)
        env["REDIS_URL"] = embedded.start_valkey(site, servers, stop)
        child = subprocess.Popen(command, env=env, cwd=ROOT)
        while child.poll() is None:
            try:
                stop.sleep(0.1)
            except Interrupted:
                if stop.number != signal.SIGINT:  # the terminal sends Ctrl-C to the command as well
                    child.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(APPLICATION_PATIENCE)
                child.kill()
        return child.returncode if child.returncode >= 0 else 128 - child.returncode
    except Interrupted:
        return 130
    finally:
        end_all(servers, patience=SERVER_PATIENCE)
        for folder in (var, site.place if site else var):
            shutil.rmtree(folder, ignore_errors=True)


def make_var(var: Path) -> None:
    """Make the folders of the supervisor; others may pass through var but not list it."""
    if not var.exists():
        var.mkdir(parents=True)
    if var.stat().st_uid == os.geteuid():
        var.chmod(0o711)
    for name in ("log", "beat", "mail", "static"):
        (var / name).mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the file for this process; a killed one loses it by itself."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning from None
        yield


def running_address(var: Path) -> str:
    """Return the address that the running supervisor wrote; it may still be starting."""
    address = var / "address"
    for _attempt in range(100):
        if address.exists():
            return address.read_text()
        time.sleep(0.1)
    return f"адрес появится в {address}, запуск ещё идёт"


def start_servers(var: Path, servers: list[Process], locks: contextlib.ExitStack, stop: StopRequest) -> dict[str, str]:
    """Start the bundled servers that no address was given for; return the environment of the application."""
    addresses: dict[str, str] = {}
    (var / "servers.env").unlink(missing_ok=True)
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        end_leftovers(var, var / "data")
    else:
        site = embedded.open_site(var)
        try:
            locks.enter_context(lock(site.place / "lock"))
        except AlreadyRunning:
            raise Failure(f"Данные в {site.place} заняты порталом, запущенным из другой папки.") from None
        if end_leftovers(var, site.place):
            say("Прежний запуск был прерван: его процессы завершены, данные восстанавливаются.")
        if not os.environ.get("DATABASE_URL"):
            if not site.cluster.exists():
                embedded.remember(var, "DEMO", os.environ.get("DEMO", "1"))
                environ.Env.read_env(var / "portal.env")
            addresses["DATABASE_URL"] = embedded.start_postgres(site, servers, stop)
        if not os.environ.get("REDIS_URL"):
            addresses["REDIS_URL"] = embedded.start_valkey(site, servers, stop)
        embedded.write_addresses(var, addresses)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "/usr/bin:/bin")])
    return {**os.environ, **addresses, MARK: str(var), "VAR_DIR": str(var), "PATH": path, "PYTHONUNBUFFERED": "1"}


def start_application(var: Path, env: dict[str, str], processes: list[Process], stop: StopRequest) -> None:
    """Bring the database up to date, start what the Procfile names and print the address once it answers."""
    host, port = choose_port(os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000")
    shown = "localhost" if host in (*LOOPBACK, "0.0.0.0", "::") else host
    env |= {"HOST": host, "PORT": str(port), "PUBLIC_URL": env.get("PUBLIC_URL") or f"http://{shown}:{port}"}
    if host not in LOOPBACK:
        env.setdefault("ALLOWED_HOSTS", ",".join(own_names(host)))
    commands = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if ": " in line)
    prepare = Process("release", shlex.split(commands.pop("release")), env, ROOT)
    say("Готовлю базу и файлы страниц (в первый раз около минуты)")
    prepare.start()
    processes.append(prepare)
    while prepare.alive:
        stop.sleep(0.1)
    processes.remove(prepare)
    if prepare.child is None or prepare.child.returncode:
        raise Failure("Не удалось подготовить базу: причина выше.")
    for name, command in commands.items():
        process = Process(name, shlex.split(command), env, ROOT, var / "log" / f"{name}.log")
        process.start()
        processes.append(process)
    web = next(process for process in processes if process.name == "web")
    if not wait_ready(web, lambda: answers(host, port), stop, seconds=WEB_SECONDS):
        raise web.failure()
    (var / "address").write_text(env["PUBLIC_URL"])
    say(f"\nПортал работает: {env['PUBLIC_URL']}\nЖурналы: {var / 'log'}. Письма: {var / 'mail'}. Остановить: Ctrl-C.")


def choose_port(host: str, asked: str) -> tuple[str, int]:
    """Return the port asked for or, when it is busy, the next free one, and say so."""
    if not asked.isdecimal() or not 0 < int(asked) < 65536:
        raise Failure(f"PORT={asked} — такого порта нет: нужно число от 1 до 65535.")
    wanted = int(asked)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, min(wanted + PORTS_TO_TRY, 65536)):
        try:
            socket.create_server((host, port), family=family).close()
        except PermissionError:
            raise Failure(f"Порт {port} может занять только root: задайте PORT больше 1023.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Failure(f"Адрес {host}:{port} занять нельзя, проверьте HOST: {error.strerror}.") from None
            continue
        if port != wanted:
            say(f"Порт {wanted} занят другой программой, взят свободный порт {port}.")
        return host, port
    raise Failure(f"Порты {wanted}–{wanted + PORTS_TO_TRY - 1} заняты: задайте свободный в переменной PORT.")


def own_names(host: str) -> list[str]:
    """Return the names and addresses under which the machine may be asked when it listens beyond loopback."""
    names = {"localhost", "127.0.0.1", "[::1]", socket.gethostname(), socket.getfqdn()}
    if host not in ("0.0.0.0", "::"):
        return sorted(names | {host})
    with contextlib.suppress(OSError):
        names |= set(subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split())
    return sorted(f"[{name}]" if ":" in name and not name.startswith("[") else name for name in names)


def answers(host: str, port: int) -> bool:
    """Tell whether the web process serves requests."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    url = f"http://[{target}]:{port}/healthz" if ":" in target else f"http://{target}:{port}/healthz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return bool(opener.open(url, timeout=2).status == 200)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
