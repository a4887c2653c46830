"""The push of transfers to the home school's own system: its outcome, and another try."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from gradebook.enums import PushState, Verb
from gradebook.models import MonthlyTransfer, PushEndpoint, TransferPush
from gradebook.services.transfers import people_of, push_key
from network_portal.audit.services import record
from network_portal.common.errors import RuleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from network_portal.outbox import services as outbox
from schools.acting import Acting
from schools.enums import Role


@transaction.atomic
def push_delivered(*, transfer_id: int, at: datetime) -> None:
    """Note that the home school's own system took the transfer."""
    push = _lock(transfer_id)
    if push.state == PushState.DELIVERED:
        return
    if push.state == PushState.PARKED:  # the administrator took the event itself up again
        move(push, PushState.WAITING)
    move(push, PushState.DELIVERED, delivered_at=at, reason="")
    record(Verb.PUSH_DELIVERED, actor=None, organisation=push.transfer.host, target=push.transfer, at=at)


@transaction.atomic
def push_parked(*, transfer_id: int, reason: str, at: datetime) -> None:
    """Note why a push was given up, and tell both schools."""
    push = _lock(transfer_id)
    if push.state != PushState.WAITING:
        return
    transfer = push.transfer
    move(push, PushState.PARKED, reason=reason[:500])
    record(Verb.PUSH_PARKED, actor=None, organisation=transfer.host, target=transfer, at=at, changes={"reason": reason})
    people = [
        *people_of(transfer.host, (Role.COORDINATOR,), transfer.group, at),
        *people_of(transfer.home, (Role.RESPONSIBLE,), transfer.group, at),
    ]
    text = f"Ведомость {transfer.label} не принята внешней системой ({transfer.home}): {reason}"
    notify(people, text[:300], reverse("transfer", args=[transfer.pk]), at=at)


@transaction.atomic
def transfer_push_retry(*, actor: Acting, transfer: MonthlyTransfer, at: datetime) -> None:
    """Try a push that was given up once more, under the same message id.

    Raises:
        RuleError: the home school has no system of its own.
        StaleError: the push is under way or delivered.
    """
    if not PushEndpoint.objects.filter(organisation=transfer.home_id).exists():
        raise RuleError("Адрес внешней системы не указан: отправлять некуда.")
    push = _lock(transfer.pk)
    move(push, PushState.WAITING, reason="")
    outbox.retry(key=push_key(transfer.pk), at=at)
    record(Verb.PUSH_RETRIED, actor=actor.user, organisation=actor.organisation, target=transfer, at=at)


def _lock(transfer_id: int) -> TransferPush:
    return (
        TransferPush.objects.select_for_update(of=("self",))
        .select_related("transfer__host", "transfer__home", "transfer__document", "transfer__group__course__network")
        .defer("transfer__payload")
        .get(transfer=transfer_id)
    )
