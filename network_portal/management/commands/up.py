"""Brings database and static files to the state of this code; safe to repeat, run before each start."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

STAMP = ".collected"
# What Bootstrap's wheel and others carry beside the two files that the pages load.
UNUSED = [
    "bootstrap-*",
    "bootstrap.css*",
    "bootstrap.js*",
    "bootstrap.bundle.js*",
    "bootstrap.min.js*",
    "*.rtl.*",
    "*.esm.*",
]


class Command(BaseCommand):
    help = "Check, migrate, collect static files, and load the demonstration network when DEMO is on."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        self.collect_static()
        if settings.DEMO and "load_demo" in get_commands():
            call_command("load_demo", stdout=self.stdout)

    def collect_static(self) -> None:
        """Copy, hash and compress the static files, only when a source has changed since the last time."""
        sources = hashlib.sha256()
        for finder in get_finders():
            for name, storage in finder.list(UNUSED):
                sources.update(f"{name} {storage.size(name)} {storage.get_modified_time(name)}\n".encode())
        stamp = settings.STATIC_ROOT / STAMP
        if not stamp.exists() or stamp.read_text() != sources.hexdigest():
            call_command("collectstatic", interactive=False, clear=True, ignore_patterns=UNUSED, verbosity=0)
            stamp.write_text(sources.hexdigest())
