"""What waits for a person and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from network_portal.accounts.models import User
from network_portal.notices.models import Notice

RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Task:
    """A row of «Что ждёт меня»: derived from the state of things, never stored."""

    title: str
    about: str
    url: str
    action: str
    due: date | None = None


def notices_of(user: User) -> QuerySet[Notice]:
    """Return the person's own notices, the newest first."""
    return Notice.objects.filter(user=user)


def recent_notices(user: User, at: datetime) -> QuerySet[Notice]:
    """Return the notices of the last seven days."""
    return notices_of(user).filter(at__gt=at - RECENT)


def unread_count(user: User) -> int:
    """Return how many notices the person has not read; written by hand, since every page asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notices_notice WHERE user_id = %s AND read_at IS NULL", [user.pk])
        (count,) = cursor.fetchone()
    return int(count)
