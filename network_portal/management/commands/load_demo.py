"""Loads the demonstration network into an empty database and prints its accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from network_portal.accounts.models import User
from network_portal.demo.accounts import ACCOUNTS, PASSWORD
from network_portal.demo.base import Cast, build_base
from network_portal.demo.story import tell_story
from schools.models import Organisation


class Command(BaseCommand):
    help = "Load the demonstration network when the database has no organisation; print its accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        if not Organisation.objects.exists():
            load(timezone.now())
        self.stdout.write("\nДемонстрационная сеть. Пароль у всех один: " + PASSWORD)
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email:<28} {account.who}")
        self.stdout.write("")


@transaction.atomic
def load(now: datetime) -> Cast:
    """Create the demonstration network around the present day.

    Its people sign a hundred papers, each with the password: while the story is told a quick hash stands for the real
    one, which is there before anybody else sees the accounts.
    """
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        cast = build_base(timezone.localdate(now))
        tell_story(cast, now)
    User.objects.update(password=make_password(PASSWORD))
    return cast
