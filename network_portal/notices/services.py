"""Telling people, and marking as read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.text import Truncator

from network_portal.accounts.models import User
from network_portal.notices.models import Notice

LONGEST = 300


def notify(users: Iterable[User], text: str, url: str, *, at: datetime) -> None:
    """Tell each of `users` once, in the caller's transaction.

    Args:
        text: a Russian sentence without a pupil's name: notices outlive the duty for which a person got them. One
            that is too long is cut.
        url: the page the notice leads to; it has its own gate.
    """
    unique = {user.pk: user for user in users}.values()
    short = Truncator(text).chars(LONGEST)
    Notice.objects.bulk_create(Notice(user=user, text=short, url=url, at=at) for user in unique)


def notices_read(*, user: User, at: datetime) -> None:
    """Mark all notices of `user` as read."""
    Notice.objects.filter(user=user, read_at=None).update(read_at=at)
