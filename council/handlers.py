"""Letters of the council after the commit."""

from __future__ import annotations

from datetime import date
from smtplib import SMTPException

from django.utils import timezone

from council.services import letters
from network_portal.outbox.handlers import Temporary, handler
from network_portal.outbox.models import OutboxEvent

NO_MAIL = "Почтовый сервер не принял письмо."


@handler("council.invitation")
def send_invitation(event: OutboxEvent) -> None:
    """Send an invitation, its change or its cancellation."""
    payload = event.payload
    try:
        letters.invitation_send(
            meeting_id=payload["meeting_id"],
            member_id=payload["member_id"],
            sequence=payload["sequence"],
            at=timezone.now(),
        )
    except (SMTPException, OSError) as error:
        raise Temporary(NO_MAIL) from error


@handler("council.digest")
def send_digest(event: OutboxEvent) -> None:
    """Send the chair the week's overdue decisions."""
    payload = event.payload
    try:
        letters.digest_send(
            council_id=payload["council_id"], user_id=payload["user_id"], on=date.fromisoformat(payload["on"])
        )
    except (SMTPException, OSError) as error:
        raise Temporary(NO_MAIL) from error
