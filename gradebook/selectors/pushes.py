"""What the handlers of the outbox read; they act for the portal, so no gate stands before them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from courses.models import StudyGroup
from gradebook.enums import PushState
from gradebook.models import MailChannel, MonthlyTransfer, PushEndpoint, TransferPush


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
    }
