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


@contextmanager
def attempt(user: User, *, at: datetime) -> Iterator[None]:
    """Count an attempt of `user` to prove who signs, unless the block ends without an error: then all are forgotten.

    It is written before the check, so that parallel guesses do not each find the count low, and by a connection of
    its own: a refusal rolls the caller's transaction back.

    Raises:
        RuleError: on the field "password": too many attempts were wrong; it says how long to wait.
    """
    with _apart() as cursor:
        if blocked_until := _begin(cursor, user.pk, at):
            minutes = ceil((blocked_until - at).total_seconds() / 60)
            raise RuleError(
                "Слишком много неверных паролей или кодов. Подпись можно поставить через "
                f"{minutes}\u00a0{plural(minutes, 'минуту,минуты,минут')}.",
                field="password",
            )
        yield
        cursor.execute("DELETE FROM documents_passwordattempt WHERE user_id = %s", [user.pk])


def _begin(cursor: CursorWrapper, user_id: int, at: datetime) -> datetime | None:
    """Write down an attempt, or return the moment until which the user has to wait."""
    until: datetime | None = None
    cursor.execute("BEGIN")
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
    cursor.execute("COMMIT")
    return until


@contextmanager
def _apart() -> Iterator[CursorWrapper]:
    """Give a cursor that commits each statement at once, whatever becomes of the caller's transaction."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()
