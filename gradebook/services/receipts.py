"""What the portal of a home school answers to a transfer: the same acts as on the pages here (3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from gradebook.enums import TransferState, Verb
from gradebook.message import Acknowledged, Receipt
from gradebook.models import MonthlyTransfer, PushEndpoint, TransferDispute
from gradebook.selectors.pushes import signing_keys
from gradebook.services.corrections import disputes_raise
from gradebook.services.messages import NotAMessageError, UnknownError, WrongSignatureError, message_keep, signed_id
from gradebook.services.transfers import lock_transfer, people_of, transfer_acknowledge, transfer_deliver
from network_portal.audit.services import record
from network_portal.common.secrets import BrokenSecretError
from network_portal.notices.services import notify
from schools.enums import Role


@transaction.atomic
def receipt_take(
    *, home_id: int, headers: Mapping[str, str], body: bytes, at: datetime
) -> tuple[MonthlyTransfer, bool]:
    """Take the home school's word from its own portal: it received a transfer, or objects to lines of it.

    Signed with the key that pushes to that portal are signed with. A receipt that comes proves the delivery.

    Args:
        home_id: the school that answers.
        headers: of the request, names in lower case.
        body: the bytes as they came.
        at: the moment of arrival.

    Returns:
        The transfer, and whether the message has changed it.

    Raises:
        WrongSignatureError: the school has no system of its own, or signature or age.
        NotAMessageError: the body is neither a receipt nor objections.
        UnknownError: there is no such transfer to that school.
        ChangedBodyError: the id is known with another body.
        RuleError: the objections do not fit the transfer.
        StaleError: the transfer was acknowledged, or corrected by a newer one.
    """
    endpoint = PushEndpoint.objects.select_related("organisation").filter(organisation=home_id).first()
    if endpoint is None:
        raise WrongSignatureError("Подпись сообщения неверна.")
    message_id = signed_id(secrets=_keys(endpoint, at), headers=headers, body=body, at=at)
    # Only who has signed waits for others.
    PushEndpoint.objects.select_for_update(of=("self",)).filter(pk=endpoint.pk).first()
    try:
        receipt = Receipt.validate_json(body)
    except ValueError as error:
        raise NotAMessageError(
            "Сообщение не читается: нужен вид transfer.acknowledged или transfer.disputed со всеми сведениями."
        ) from error
    found = MonthlyTransfer.objects.filter(home=home_id, sha256=receipt.data.sha256).values_list("pk", flat=True)
    if not found:
        raise UnknownError("Ведомости с такой контрольной суммой этой школе не направляли.")
    transfer = lock_transfer(found[0])
    message, new = message_keep(
        recipient=transfer.host,
        sender=endpoint.organisation,
        message_id=message_id,
        body=body,
        person=receipt.data.person,
        at=at,
    )
    if not new:
        return transfer, False
    transfer_deliver(transfer_id=transfer.pk, at=at)
    if isinstance(receipt, Acknowledged):
        if transfer.state == TransferState.ACKNOWLEDGED:
            return transfer, False
        return transfer_acknowledge(actor=None, message=message, transfer=transfer, at=at), True
    reasons = {line.enrolment: line.reason for line in receipt.data.lines}
    disputes_raise(actor=None, message=message, transfer=transfer, reasons=reasons, at=at)
    return lock_transfer(transfer.pk), True


@transaction.atomic
def answer_parked(*, dispute_id: int, reason: str, at: datetime) -> None:
    """Tell the coordinators that the home school's portal did not take the answer to its objection."""
    dispute = TransferDispute.objects.get(pk=dispute_id)
    transfer = lock_transfer(dispute.transfer_id)
    record(
        Verb.DISPUTE_ANSWER_STOPPED,
        actor=None,
        organisation=transfer.host,
        target=dispute,
        at=at,
        changes={"reason": reason},
    )
    text = f"Портал школы не принял ответ на возражение по ведомости {transfer.label} ({transfer.home}): {reason}"
    people = people_of(transfer.host, (Role.COORDINATOR, Role.DEPUTY), transfer.group, at)
    notify(people, text[:300], reverse("transfer", args=[transfer.pk]), at=at)


def _keys(endpoint: PushEndpoint, at: datetime) -> list[str]:
    try:
        return signing_keys(endpoint, at)
    except BrokenSecretError as error:
        raise WrongSignatureError("Ключ подписи школы не расшифровывается: его нужно заменить.") from error
