"""Settings, checks and the Celery application as a fresh process sees them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from celery import current_app
from django.core.checks import run_checks
from pytest_django import Settings

from network_portal import checks
from network_portal.celery import app

ROOT = Path(__file__).resolve().parents[2]
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def _setting(expression: str, var: Path, **env: str) -> subprocess.CompletedProcess[str]:
    code = f"from django.conf import settings; print({expression})"
    fresh = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(var),
        "DJANGO_SETTINGS_MODULE": "network_portal.settings",
        **env,
    }
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=fresh, capture_output=True, text=True)


def test_defaults_are_those_of_production(tmp_path: Path) -> None:
    (tmp_path / "portal.env").write_text(f"SECRET_KEY=from-file\nFIELD_KEYS={KEY}\nREDIS_URL=redis://file/0\n")
    (tmp_path / "servers.env").write_text(
        "DATABASE_URL=postgresql://u:p@127.0.0.1:1/portal\nREDIS_URL=redis://servers/0\n"
    )

    run = _setting("settings.DEBUG, settings.DEMO, settings.SECRET_KEY, settings.REDIS_URL", tmp_path)

    assert (run.stdout, run.stderr) == ("False False from-file redis://file/0\n", "")


def test_environment_wins_over_files(tmp_path: Path) -> None:
    (tmp_path / "portal.env").write_text(f"SECRET_KEY=from-file\nFIELD_KEYS={KEY}\nDEMO=1\n")
    (tmp_path / "servers.env").write_text(
        "DATABASE_URL=postgresql://u:p@127.0.0.1:1/portal\nREDIS_URL=redis://servers/0\n"
    )

    run = _setting(
        "settings.DEMO, settings.DATABASES['default']['NAME']", tmp_path, DEMO="0", DATABASE_URL="postgresql:///own"
    )

    assert run.stdout == "False own\n"


def test_without_servers_the_operator_is_told_what_to_start(tmp_path: Path) -> None:
    run = _setting("settings.DEBUG", tmp_path, SECRET_KEY="x", FIELD_KEYS=KEY)

    assert "Серверы не запущены: запустите в другом окне «make run»" in run.stderr


def test_machine_passes_the_checks() -> None:
    assert run_checks() == []


def test_check_names_the_package_that_papers_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PANGO", ("libnothing.so.0",))

    (error,) = checks.check_pango(None)

    assert (error.id, error.hint) == ("portal.E001", "apt-get install --no-install-recommends libpangoft2-1.0-0")


def test_check_names_missing_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FONTS", ("PT Sans", "No Such Font"))

    assert [error.msg for error in checks.check_fonts(None)] == ["Fonts of the papers are not installed: No Such Font"]


@pytest.mark.parametrize("keys", [[], ["short"], [KEY, "short"]])
def test_check_refuses_field_keys(settings: Settings, keys: list[str]) -> None:
    settings.FIELD_KEYS = keys

    assert [error.id for error in checks.check_field_keys(None)] == ["portal.E003"]


def test_check_warns_of_a_demonstration_in_public(settings: Settings) -> None:
    settings.DEMO = settings.HTTPS = True

    assert [warning.id for warning in checks.check_demonstration(None)] == ["portal.W001"]


def test_every_thread_has_the_application() -> None:
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.append(current_app._get_current_object().main))
    thread.start()
    thread.join()

    assert seen == [app.main]


def test_scheduled_tasks_exist() -> None:
    app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled - set(app.tasks) == set()
