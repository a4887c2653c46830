"""Signed messages of other portals: whose they are, and that each is taken once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from gradebook.models import PortalMessage
from network_portal.common.errors import RuleError
from network_portal.outbox.receiving import RefusedError, verified_id
from schools.models import Organisation


class WrongSignatureError(RuleError):
    """The message was not signed by the partner, or is too old (401)."""

    status = 401


class UnknownError(RuleError):
    """The message is about something that the school does not have (404)."""

    status = 404


class ChangedBodyError(RuleError):
    """Another body came under an id that is known (409)."""

    status = 409


class NotAMessageError(RuleError):
    """The message is signed, yet it says nothing that is understood here (422)."""

    status = 422


def signed_id(*, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    """Return the id of a message that the partner signed; the arguments are those of `verified_id`.

    Raises:
        WrongSignatureError: signature or age.
    """
    try:
        return verified_id(secrets=secrets, headers=headers, body=body, at=at)
    except RefusedError as error:
        raise WrongSignatureError(str(error)) from error


def changed() -> ChangedBodyError:
    """Return the refusal of another body under a known id."""
    return ChangedBodyError("Под этим номером уже пришло другое сообщение.")


def message_keep(
    *, recipient: Organisation, sender: Organisation, message_id: str, body: bytes, person: str, at: datetime
) -> tuple[PortalMessage, bool]:
    """Keep a message as it came; the caller has locked what the messages of the sender are checked with.

    Args:
        recipient: the school that it is for.
        sender: the school whose portal has signed it.
        message_id: the same for every attempt.
        body: the bytes as they came.
        person: who said it, as the sender tells.
        at: the moment of arrival.

    Returns:
        The message, and whether it is new.

    Raises:
        ChangedBodyError: the id is known with another body.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    known = PortalMessage.objects.filter(recipient=recipient, sender=sender, message_id=message_id).first()
    if known is not None:
        if known.sha256 != sha256:
            raise changed()
        return known, False
    message = PortalMessage(
        recipient=recipient,
        sender=sender,
        message_id=message_id,
        raw=body,
        sha256=sha256,
        person=person.strip(),
        received_at=at,
    )
    message.full_clean(exclude=["raw"])
    message.save()
    return message, True
