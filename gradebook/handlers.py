"""What the outbox does for the journal: lays lessons out, seals, delivers and pushes transfers."""

from __future__ import annotations

import json
import uuid
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from gradebook.exports import table
from gradebook.models import PushEndpoint
from gradebook.selectors.months import Month
from gradebook.selectors.pushes import (
    answer_of,
    full_body,
    group_of,
    letter_of,
    push_of,
    rejected_body,
    signing_keys,
    thin_body,
)
from gradebook.selectors.replies import reply_body, reply_on_its_way
from gradebook.services import attendance, lessons, plan, pushes, receipts, replies, sealing, transfers
from network_portal.common.errors import RuleError
from network_portal.common.secrets import BrokenSecretError, decrypt
from network_portal.documents.services import document_pdf
from network_portal.outbox import sender
from network_portal.outbox.handlers import LocalEffect, Permanent, Temporary, handler
from network_portal.outbox.models import OutboxEvent

BROKEN_KEY = "Ключ подписи не расшифровывается: школе нужно заменить ключ."
NO_MAIL = "Почтовый сервер не принял письмо."
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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


@handler("absence.letter")
def send_absence_letter(event: OutboxEvent) -> None:
    """Send the letter of a signal to one person."""
    try:
        attendance.absence_letter_send(**event.payload)
    except (SMTPException, OSError) as error:
        raise Temporary(NO_MAIL) from error


def _seal_parked(event: OutboxEvent) -> None:
    plan.seals_parked(**event.payload, reason=event.last_error, at=timezone.now())


@handler("transfer.seal", on_parked=_seal_parked)
def seal(event: OutboxEvent) -> LocalEffect:
    """Seal months that are due; those that something came into the way of are planned again within the hour."""

    def effect() -> None:
        month = Month(event.payload["year"], event.payload["month"])
        pairs = [(group, home) for group, home in event.payload["pairs"]]
        sealing.transfers_seal(actor=None, pairs=pairs, month=month, at=timezone.now())

    return effect


@handler("transfer.deliver")
def deliver(event: OutboxEvent) -> LocalEffect:
    """Put the transfer into the home school's inbox."""
    return lambda: transfers.transfer_deliver(transfer_id=event.payload["transfer_id"], at=timezone.now())


def _push_parked(event: OutboxEvent) -> None:
    pushes.push_parked(transfer_id=event.payload["transfer_id"], reason=event.last_error, at=timezone.now())


@handler("transfer.push", on_parked=_push_parked)
def push(event: OutboxEvent) -> LocalEffect | None:
    """Send the sealed package, or a notice of it, to the home school's own system, signed."""
    transfer_id = event.payload["transfer_id"]
    found = push_of(transfer_id)
    if found is None:
        return None
    thin = found.endpoint is not None and found.endpoint.thin
    _send(found.endpoint, event, thin_body(found.transfer) if thin else full_body(found.transfer))
    return lambda: pushes.push_delivered(transfer_id=transfer_id, at=timezone.now())


def _send(endpoint: PushEndpoint | None, event: OutboxEvent, body: bytes) -> None:
    """Send a signed message to a school's own system; the id is the same at every attempt."""
    if endpoint is None:
        raise Permanent("Школа удалила адрес внешней системы.")
    now = timezone.now()
    try:
        secret, *previous = signing_keys(endpoint, now)
        access_key = decrypt(endpoint.access_key) if endpoint.access_key else ""
    except BrokenSecretError as error:
        raise Permanent(BROKEN_KEY) from error
    headers = sender.signed_headers(
        secret=secret, previous=next(iter(previous), None), message_id=message_id(event.key), at=now, body=body
    )
    if access_key:
        headers["Authorization"] = f"Bearer {access_key}"
    sender.post(endpoint.url, body, headers)


def _answer_parked(event: OutboxEvent) -> None:
    receipts.answer_parked(dispute_id=event.payload["dispute_id"], reason=event.last_error, at=timezone.now())


@handler("dispute.answer", on_parked=_answer_parked)
def send_answer(event: OutboxEvent) -> None:
    """Tell the portal of the home school why a line that it disputed is right."""
    dispute, endpoint = answer_of(event.payload["dispute_id"])
    _send(endpoint, event, rejected_body(dispute))


def _reply_parked(event: OutboxEvent) -> None:
    replies.reply_parked(reply_id=event.payload["reply_id"], reason=event.last_error, at=timezone.now())


@handler("intake.reply", on_parked=_reply_parked)
def reply(event: OutboxEvent) -> LocalEffect:
    """Tell the host's portal that its package was received, or what is wrong in it: to the address that it gave."""
    reply_id = event.payload["reply_id"]
    found, key = reply_on_its_way(reply_id)
    if key is None:
        raise Permanent("Ключ портала принимающей школы отозван: выдайте ей новый на странице «Внешние системы».")
    try:
        secret = decrypt(key.secret)
    except BrokenSecretError as error:
        raise Permanent(BROKEN_KEY) from error
    body = reply_body(found)
    headers = sender.signed_headers(secret=secret, message_id=message_id(event.key), at=timezone.now(), body=body)
    sender.post(found.intake.receipt_url, body, headers)
    return lambda: replies.reply_delivered(reply_id=reply_id, at=timezone.now())


@handler("transfer.mail")
def mail(event: OutboxEvent) -> None:
    """Send the paper and the table to the home school's address."""
    found = letter_of(event.payload["transfer_id"])
    if found is None:  # the school takes no letters any more
        return
    transfer, address = found
    name = transfer.document.file_name.removesuffix(".pdf")
    text = render_to_string("gradebook/email/transfer.txt", {"transfer": transfer, "portal": settings.PUBLIC_URL})
    letter = EmailMessage(f"Ведомость {transfer.label}: {transfer.host}", text, to=[address])
    letter.attach(f"{name}.pdf", document_pdf(transfer.document), "application/pdf")
    letter.attach(f"{name}.xlsx", table(json.loads(transfer.payload)), XLSX)
    try:
        letter.send()
    except (SMTPException, OSError) as error:
        raise Temporary(NO_MAIL) from error


def message_id(key: str) -> str:
    """Return the id under which a receiver keeps the message; it names this portal and the event."""
    return f"msg_{uuid.uuid5(uuid.NAMESPACE_URL, f'{settings.PUBLIC_URL}#{key}').hex}"
