"""`make bench`: runs every `bench_*.py` on a database of its own and keeps the figures in `var/bench.json`.

A bench is a module with `bench() -> dict[str, float]`. It gets an empty, migrated database and fills it as it likes;
a floor is measured by the same bench, in the same run. Arguments choose benches: `make bench ARGS=catalogue`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
from psycopg2 import sql

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
RESULTS = ROOT / "var" / "bench.json"
RUN = """
import json, sys
from importlib import import_module
import django
django.setup()
figures = import_module(f"tests.load.bench_{sys.argv[1]}").bench()
with open(sys.argv[2], "w") as file:
    json.dump(figures, file)
"""


def main(wanted: list[str]) -> int:
    benches = [path.stem.removeprefix("bench_") for path in sorted(FOLDER.glob("bench_*.py"))]
    if unknown := set(wanted) - set(benches):
        print(f"Нет таких замеров: {', '.join(sorted(unknown))}. Есть: {', '.join(benches)}.")
        return 2
    os.environ["DJANGO_SETTINGS_MODULE"] = "network_portal.settings"
    for command in ("migrate", "createcachetable", "collectstatic --no-input"):
        subprocess.run([sys.executable, "manage.py", *command.split(), "-v", "0"], cwd=ROOT, check=True)
    failed = []
    for name in [name for name in benches if name in wanted or not wanted]:
        print(f"\n{name}", flush=True)
        figures = measure(name)
        if figures is None:
            failed.append(name)
            continue
        keep(figures)
        for key, value in figures.items():
            print(f"  {key:<40} {value:>12,.2f}", flush=True)
    if failed:
        print(f"\nНе удались: {', '.join(failed)}.")
    return 1 if failed else 0


def measure(name: str) -> dict[str, float] | None:
    """Run one bench in a process and on a copy of the empty database; return its figures, or None when it failed."""
    address = own_database(f"bench_{name}")
    with tempfile.NamedTemporaryFile("r") as answer:
        done = subprocess.run(
            [sys.executable, "-c", RUN, name, answer.name], cwd=ROOT, env={**os.environ, "DATABASE_URL": address}
        )
        return None if done.returncode else json.load(answer)


def own_database(name: str) -> str:
    """Return the address of a new copy of the migrated database."""
    server, _, template = os.environ["DATABASE_URL"].rpartition("/")
    connection = psycopg2.connect(f"{server}/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))
    connection.close()
    return f"{server}/{name}"


def keep(figures: dict[str, float]) -> None:
    """Put new figures beside those of other benches."""
    RESULTS.parent.mkdir(exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known |= {key: round(value, 3) for key, value in figures.items()}
    RESULTS.write_text(json.dumps(dict(sorted(known.items())), indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
