"""What the outbox does for the schools: reads and saves files with pupils, sends pupils their invitations."""

from __future__ import annotations

from smtplib import SMTPException

from django.utils import timezone

from network_portal.common.errors import RuleError
from network_portal.outbox.handlers import LocalEffect, Temporary, handler
from network_portal.outbox.models import OutboxEvent
from schools.services import imports
from schools.services.accounts import account_invite, account_invite_stopped


def _parked(event: OutboxEvent) -> None:
    imports.import_refuse(
        import_id=event.payload["import_id"],
        reason=f"Файл не удалось обработать. {event.last_error} Загрузите его ещё раз.",
        at=timezone.now(),
    )


@handler("pupils.read", on_parked=_parked)
def read(event: OutboxEvent) -> LocalEffect | None:
    """Read a file and compare it with the school; a refusal is told to the person, not tried again."""
    import_id, at = event.payload["import_id"], timezone.now()
    try:
        looked = imports.import_look(import_id=import_id, at=at)
    except RuleError as refusal:
        reason = refusal.message
        return lambda: imports.import_refuse(import_id=import_id, reason=reason, at=at)
    return (lambda: imports.import_ready(import_id=import_id, looked=looked, at=at)) if looked else None


@handler("pupils.save", on_parked=_parked)
def save(event: OutboxEvent) -> LocalEffect:
    """Save a preview that a person confirmed."""
    return lambda: imports.import_save(import_id=event.payload["import_id"], at=timezone.now())


def _invite_parked(event: OutboxEvent) -> None:
    account_invite_stopped(account_id=event.payload["account_id"], at=timezone.now())


@handler("pupils.invite", on_parked=_invite_parked)
def invite(event: OutboxEvent) -> None:
    """Send a pupil the letter with the way to the own account."""
    try:
        account_invite(account_id=event.payload["account_id"])
    except (SMTPException, OSError) as error:
        raise Temporary("Почтовый сервер не принял письмо.") from error
