"""Throttling of proofs given at a signature: five wrong ones within a quarter of an hour, then a pause."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import ceil

from django.db import connection
from django.db.backends.utils import CursorWrapper

from network_portal.accounts.models import User
from network_portal.common.errors import RuleError
from network_portal.common.russian import plural

LIMIT = 5
WINDOW = timedelta(minutes=15)


def attempt_begin(user: User, *, at: datetime) -> None:
    """Write down that `user` is about to prove who signs.

    It is written before the check, so that parallel guesses do not each find the count low, and by a connection of
    its own: a refusal rolls the caller's transaction back.

    Raises:
        RuleError: on the field "password": too many attempts were wrong; it says how long to wait.
    """
    if blocked_until := _begin(user.pk, at):
        minutes = ceil((blocked_until - at).total_seconds() / 60)
        raise RuleError(
            "Слишком много неверных паролей или кодов. Подпись можно поставить через "
            f"{minutes}\u00a0{plural(minutes, 'минуту,минуты,минут')}.",
            field="password",
        )


def attempts_forget(user: User) -> None:
    """Forget the attempts of `user`: the last one was right."""
    with _apart() as cursor:
        cursor.execute("DELETE FROM documents_passwordattempt WHERE user_id = %s", [user.pk])


def _begin(user_id: int, at: datetime) -> datetime | None:
    """Write down an attempt, or return the moment until which the user has to wait."""
    until: datetime | None = None
    with _apart() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('documents_passwordattempt'), %s)", [user_id])
        cursor.execute(
            "SELECT count(*), min(at) FROM documents_passwordattempt WHERE user_id = %s AND at > %s",
            [user_id, at - WINDOW],
        )
        count, oldest = cursor.fetchone()
        if count >= LIMIT:
            until = oldest + WINDOW
        else:
            cursor.execute("INSERT INTO documents_passwordattempt (user_id, at) VALUES (%s, %s)", [user_id, at])
    return until


@contextmanager
def _apart() -> Iterator[CursorWrapper]:
    """Give a cursor whose transaction is committed at the end whatever becomes of the caller's."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("COMMIT")
    finally:
        other.close()
