"""Checking a push that came from outside (Standard Webhooks): whose signature it has and how old it is."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from network_portal.outbox.sender import signature

#: How far the clocks of two hosts may differ, and how long a message may be under way.
TOLERANCE_SECONDS = 300
_ID = re.compile(r"[\x21-\x7e]{1,120}")


class RefusedError(Exception):
    """The message is not what it claims to be; the argument says in Russian what is wrong with it."""


def verified_id(*, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    """Return the id of a message whose signature and age are right.

    Args:
        secrets: the keys of the sender, any of which may have signed.
        headers: of the request; names in lower case.
        body: the bytes as they came.
        at: the moment of arrival.

    Raises:
        RefusedError: a header is missing or broken, the message is too old or from the future, or nobody signed it.
    """
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _ID.fullmatch(message_id):
        raise RefusedError("Нет номера сообщения webhook-id.")
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        raise RefusedError("Нет времени отправки webhook-timestamp.")
    if abs(at.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        raise RefusedError("Сообщение отправлено слишком давно, или часы отправителя спешат.")
    signed = f"{message_id}.{stamp}.".encode() + body
    given = headers.get("webhook-signature", "").encode(errors="replace").split()
    for secret in secrets:
        expected = signature(secret, signed).encode()
        if any(hmac.compare_digest(expected, one) for one in given):
            return message_id
    raise RefusedError("Подпись сообщения неверна.")
