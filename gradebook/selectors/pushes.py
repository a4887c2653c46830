"""What the handlers of the outbox read; they act for the portal, so no gate stands before them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from courses.models import StudyGroup
from gradebook.enums import PushState
from gradebook.models import MailChannel, MonthlyTransfer, PushEndpoint, TransferDispute, TransferPush
from network_portal.common.secrets import decrypt


@dataclass(frozen=True)
class Push:
    """A transfer on its way; no endpoint means that the school has removed it meanwhile."""

    transfer: MonthlyTransfer
    endpoint: PushEndpoint | None


def push_of(transfer_id: int) -> Push | None:
    """Return what is to be pushed; None when it was delivered before."""
    push = TransferPush.objects.select_related("transfer__document").get(transfer=transfer_id)
    if push.state == PushState.DELIVERED:
        return None
    endpoint = PushEndpoint.objects.filter(organisation=push.transfer.home_id).first()
    return Push(push.transfer, endpoint)


def signing_keys(endpoint: PushEndpoint, at: datetime) -> list[str]:
    """Return the keys that messages to a school's own system are signed with, and its answers checked with.

    Raises:
        BrokenSecretError: the portal has other keys than when they were kept.
    """
    overlaps = endpoint.previous_until is not None and at < endpoint.previous_until
    return [decrypt(kept) for kept in (endpoint.secret, *([endpoint.previous_secret] if overlaps else []))]


def answer_of(dispute_id: int) -> tuple[TransferDispute, PushEndpoint | None]:
    """Return an answered objection of a portal, and where the home school's system takes the answer."""
    dispute = TransferDispute.objects.select_related("transfer", "answered_by").get(pk=dispute_id)
    return dispute, PushEndpoint.objects.filter(organisation=dispute.transfer.home_id).first()


def rejected_body(dispute: TransferDispute) -> bytes:
    """Return the message that tells the home school's system why a line is right."""
    assert dispute.answered_by is not None
    assert dispute.answered_at is not None
    data = {
        "sha256": dispute.transfer.sha256,
        "enrolment": dispute.enrolment_id,
        "answer": dispute.answer,
        "person": dispute.answered_by.short_name,
    }
    message = {"type": "dispute.rejected", "timestamp": dispute.answered_at.isoformat(), "data": data}
    return json.dumps(message, ensure_ascii=False).encode()


def group_of(group_id: int) -> StudyGroup:
    return StudyGroup.objects.get(pk=group_id)


def letter_of(transfer_id: int) -> tuple[MonthlyTransfer, str] | None:
    """Return a transfer and the address it goes to; None when the school takes no letters any more."""
    transfer = MonthlyTransfer.objects.select_related("document", "host", "home", "group__course__programme").get(
        pk=transfer_id
    )
    channel = MailChannel.objects.filter(organisation=transfer.home_id).first()
    return (transfer, channel.email) if channel else None


def full_body(transfer: MonthlyTransfer) -> bytes:
    """Return the message with the package: the sealed bytes stand in it as they are, their hash can be checked."""
    return f'{json.dumps(_envelope(transfer), ensure_ascii=False)[:-1]}, "data": {transfer.payload}}}'.encode()


def thin_body(transfer: MonthlyTransfer) -> bytes:
    """Return a notice without personal data: the system comes with its key and reads the transfer at the address."""
    address = settings.PUBLIC_URL.rstrip("/") + reverse("api:transfer", args=[transfer.pk])
    message = {**_envelope(transfer), "data": {"id": transfer.pk, "version": transfer.version, "url": address}}
    return json.dumps(message, ensure_ascii=False).encode()


def _envelope(transfer: MonthlyTransfer) -> dict[str, Any]:
    registered = transfer.document.registered_on
    return {
        "type": "transfer.sealed",
        "timestamp": transfer.sealed_at.isoformat(),
        "number": transfer.document.number,
        "date": registered.isoformat() if registered else "",
        "sha256": transfer.sha256,
        "receipt_url": settings.PUBLIC_URL.rstrip("/") + reverse("api:receipt_receive", args=[transfer.home_id]),
    }
