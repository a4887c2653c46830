"""What the outbox does for the journal: lays lessons out, seals, delivers and pushes transfers."""

from __future__ import annotations

import json
import uuid

from django.conf import settings
from django.utils import timezone

from gradebook.selectors.pushes import Push, group_of, push_of
from gradebook.services import attendance, lessons, transfers
from network_portal.common.errors import RuleError
from network_portal.common.secrets import BrokenSecretError, decrypt
from network_portal.outbox import sender
from network_portal.outbox.handlers import LocalEffect, Permanent, Temporary, handler
from network_portal.outbox.models import OutboxEvent


@handler("group.opened")
def lay_out_lessons(event: OutboxEvent) -> LocalEffect:
    """A group was opened: its lessons are laid out from the timetable."""

    def effect() -> None:
        try:
            lessons.lessons_plan(actor=None, group=group_of(event.payload["group_id"]), at=timezone.now())
        except RuleError as error:
            raise Permanent(error.message) from error

    return effect


@handler("absence.signal")
def signal_absence(event: OutboxEvent) -> LocalEffect:
    """Tell the family and the home school what stands in the journal by now."""
    return lambda: attendance.absence_signal(**event.payload, at=timezone.now())


def _seal_parked(event: OutboxEvent) -> None:
    transfers.seal_parked(
        group_id=event.payload["group_id"],
        year=event.payload["year"],
        month=event.payload["month"],
        reason=event.last_error,
        at=timezone.now(),
    )


@handler("transfer.seal", on_parked=_seal_parked)
def seal(event: OutboxEvent) -> LocalEffect:
    """Seal a month that is due; what came into the way since it was queued may be mended, so it is tried again."""

    def effect() -> None:
        try:
            transfers.transfer_seal_by_ids(**event.payload, at=timezone.now())
        except transfers.BlockedError as error:
            raise Temporary(error.message) from error
        except RuleError as error:
            raise Permanent(error.message) from error

    return effect


@handler("transfer.deliver")
def deliver(event: OutboxEvent) -> LocalEffect:
    """Put the transfer into the home school's inbox."""
    return lambda: transfers.transfer_deliver(transfer_id=event.payload["transfer_id"], at=timezone.now())


def _push_parked(event: OutboxEvent) -> None:
    transfers.push_parked(transfer_id=event.payload["transfer_id"], reason=event.last_error, at=timezone.now())


@handler("transfer.push", on_parked=_push_parked)
def push(event: OutboxEvent) -> LocalEffect | None:
    """Send the sealed package to the home school's own system, signed; the message id is the same at every attempt."""
    transfer_id = event.payload["transfer_id"]
    found = push_of(transfer_id)
    if found is None:
        return None
    if found.endpoint is None:
        raise Permanent("Школа удалила адрес внешней системы.")
    try:
        secret = decrypt(found.endpoint.secret)
    except BrokenSecretError as error:
        raise Permanent("Ключ подписи не расшифровывается: школе нужно заменить ключ.") from error
    body = push_body(found)
    headers = sender.signed_headers(secret=secret, message_id=message_id(event.key), at=timezone.now(), body=body)
    sender.post(found.endpoint.url, body, headers)
    return lambda: transfers.push_delivered(transfer_id=transfer_id, at=timezone.now())


def message_id(key: str) -> str:
    """Return the id under which a receiver keeps the message; it names this portal and the event."""
    return f"msg_{uuid.uuid5(uuid.NAMESPACE_URL, f'{settings.PUBLIC_URL}#{key}').hex}"


def push_body(found: Push) -> bytes:
    """Return the message: the sealed bytes stand in it as they are, so that their hash can be checked."""
    transfer = found.transfer
    envelope = {
        "type": "transfer.sealed",
        "timestamp": transfer.sealed_at.isoformat(),
        "number": transfer.document.number,
        "date": transfer.document.registered_on.isoformat() if transfer.document.registered_on else "",
        "sha256": transfer.sha256,
    }
    return f'{json.dumps(envelope, ensure_ascii=False)[:-1]}, "data": {transfer.payload}}}'.encode()
