"""Loads the demonstration network into an empty database and prints its accounts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from network_portal.demo.accounts import ACCOUNTS, PASSWORD
from network_portal.demo.base import build_base
from network_portal.demo.story import tell_story
from schools.models import Organisation


class Command(BaseCommand):
    help = "Load the demonstration network when the database has no organisation; print its accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        if not Organisation.objects.exists():
            load()
        self.stdout.write("\nДемонстрационная сеть. Пароль у всех один: " + PASSWORD)
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email:<28} {account.who}")
        self.stdout.write("")


@transaction.atomic
def load() -> None:
    """Create the demonstration network around the present day."""
    now = timezone.now()
    tell_story(build_base(timezone.localdate(now)), now)
