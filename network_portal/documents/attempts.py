"""Throttling of passwords given at a signature: five wrong ones within a quarter of an hour, then a pause."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.db import connection

from network_portal.accounts.models import User
from network_portal.common.errors import RuleError
from network_portal.common.russian import plural
from network_portal.documents.models import PasswordAttempt

LIMIT = 5
WINDOW = timedelta(minutes=15)


def check_password(user: User, password: str, *, at: datetime) -> None:
    """Check the password of a signer afresh.

    The attempt is written before the check and by a connection of its own: a refusal rolls the caller's transaction
    back, and parallel guesses must not each find the count low.

    Args:
        user: whose password it should be.
        password: what was typed.
        at: the moment of the attempt.

    Raises:
        RuleError: on the field "password": it is wrong, or too many were.
    """
    if blocked_until := _begin(user.pk, at):
        minutes = ceil((blocked_until - at).total_seconds() / 60)
        raise RuleError(
            "Слишком много неверных паролей. Подпись можно поставить через "
            f"{minutes}\u00a0{plural(minutes, 'минуту,минуты,минут')}.",
            field="password",
        )
    if not user.check_password(password):
        raise RuleError("Пароль неверен. Введите пароль, с которым вы входите в портал.", field="password")
    PasswordAttempt.objects.filter(user_id=user.pk).delete()


def _begin(user_id: int, at: datetime) -> datetime | None:
    """Write down an attempt, or return the moment until which the user has to wait."""
    table = connection.ops.quote_name(PasswordAttempt._meta.db_table)
    apart = connection.copy()
    try:
        with apart.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [PasswordAttempt._meta.db_table, user_id])
            cursor.execute(
                f"SELECT count(*), min(at) FROM {table} WHERE user_id = %s AND at > %s", [user_id, at - WINDOW]
            )
            count, oldest = cursor.fetchone()
            if count < LIMIT:
                cursor.execute(f"INSERT INTO {table} (user_id, at) VALUES (%s, %s)", [user_id, at])
            cursor.execute("COMMIT")
    finally:
        apart.close()
    return oldest + WINDOW if count >= LIMIT else None
