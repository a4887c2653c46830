"""What is done for papers after the commit: files that were not made at registration, letters about signing."""

from __future__ import annotations

from smtplib import SMTPException

from django.utils import timezone

from network_portal.documents.selectors import document_of_event
from network_portal.documents.services import document_pdf_keep, signing_code_fail, signing_code_send
from network_portal.documents.services.reminders import reminder_send
from network_portal.outbox.handlers import LocalEffect, Temporary, handler
from network_portal.outbox.models import OutboxEvent

NO_MAIL = "Почтовый сервер не принял письмо."


@handler("documents.pdf")
def make_pdf(event: OutboxEvent) -> None:
    """Render the file of a registered paper, unless someone has asked for it already."""
    document_pdf_keep(document=document_of_event(event.payload))


def _no_code(event: OutboxEvent) -> None:
    signing_code_fail(code_id=event.payload["code_id"], at=timezone.now())


@handler("documents.signing_code", on_parked=_no_code)
def send_code(event: OutboxEvent) -> LocalEffect | None:
    """Make a one-time code and send its letter; the code is nowhere else."""
    try:
        return signing_code_send(code_id=event.payload["code_id"], at=timezone.now())
    except (SMTPException, OSError) as error:
        raise Temporary(NO_MAIL) from error


@handler("documents.reminder")
def send_reminder(event: OutboxEvent) -> None:
    """Send the letter of a reminder."""
    try:
        reminder_send(reminder_id=event.payload["reminder_id"])
    except (SMTPException, OSError) as error:
        raise Temporary(NO_MAIL) from error
