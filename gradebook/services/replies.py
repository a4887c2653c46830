"""What the home school answers to packages of other portals, and what their hosts say to its objections (3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from gradebook import access
from gradebook.enums import PushState, ReplyKind, Verb
from gradebook.message import Rejection
from gradebook.models import ApiKey, Intake, IntakeDispute, IntakeReply, PortalMessage
from gradebook.selectors.replies import standing_of
from gradebook.services.messages import NotAMessageError, UnknownError, message_keep, signed_id
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.secrets import decrypt
from network_portal.common.states import move
from network_portal.notices.services import notify
from network_portal.outbox import services as outbox
from schools.acting import Acting
from schools.models import Duty


@transaction.atomic
def intake_acknowledge(*, actor: Acting, intake: Intake, at: datetime) -> IntakeReply:
    """Confirm to the host's portal that the school received a package.

    Raises:
        StaleError: it is confirmed or corrected already, an objection or a line in quarantine waits, or the portal
            that sent it takes no answers.
    """
    intake = _lock(intake.pk)
    if refusal := standing_of(intake).receipt_refusal:
        raise StaleError(refusal)
    return _reply(actor, intake, ReplyKind.ACKNOWLEDGED, at)


@transaction.atomic
def intake_dispute(*, actor: Acting, intake: Intake, reasons: Mapping[int, str], at: datetime) -> IntakeReply:
    """Object to single lines of a package; the others are not in doubt.

    Args:
        actor: the home school's curator or another one who answers for it.
        intake: the package.
        reasons: by line id, what is wrong in it.
        at: the moment.

    Raises:
        RuleError: no line, a line without a reason, or one that the package does not have.
        StaleError: as of `intake_acknowledge`, or the line is disputed already.
    """
    intake = _lock(intake.pk)
    standing = standing_of(intake)
    if standing.refusal:
        raise StaleError(standing.refusal)
    if not reasons:
        raise RuleError("Отметьте строку, с которой школа не согласна.")
    if not all(reason.strip() for reason in reasons.values()):
        raise RuleError("Напишите, что в строке неверно: по этому принимающая школа проверит запись.")
    lines = intake.lines.in_bulk(list(reasons))
    if len(lines) != len(reasons):
        raise RuleError("В ведомости нет такой строки.")
    if {dispute.line_id for dispute in standing.open_disputes} & set(lines):
        raise StaleError("По этой строке возражение уже отправлено. Обновите страницу.")
    reply = _reply(actor, intake, ReplyKind.DISPUTED, at)
    for pk, reason in reasons.items():
        dispute = IntakeDispute(reply=reply, line=lines[pk], reason=reason.strip())
        dispute.full_clean(exclude=["answered_in"])
        dispute.save()
    return reply


def _reply(actor: Acting, intake: Intake, kind: ReplyKind, at: datetime) -> IntakeReply:
    reply = IntakeReply(
        intake=intake,
        kind=kind,
        sent_at=at,
        sent_by=actor.user,
        person=f"{actor.role.label}, {actor.user.short_name}",
    )
    reply.full_clean(exclude=["delivered_at"])
    reply.save()
    verb = Verb.INTAKE_ACKNOWLEDGED if kind == ReplyKind.ACKNOWLEDGED else Verb.INTAKE_DISPUTED
    record(verb, actor=actor.user, organisation=intake.home, target=intake, at=at)
    outbox.emit(topic="intake.reply", key=reply_key(reply.pk), payload={"reply_id": reply.pk}, at=at)
    return reply


def reply_key(reply_id: int) -> str:
    """Return the key under which the outbox sends a reply; its message id comes from it."""
    return f"reply:{reply_id}"


@transaction.atomic
def reply_delivered(*, reply_id: int, at: datetime) -> None:
    """Note that the host's portal took a reply."""
    reply = _lock_reply(reply_id)
    if reply.state == PushState.DELIVERED:
        return
    if reply.state == PushState.PARKED:  # the administrator took the event itself up again
        move(reply, PushState.WAITING)
    move(reply, PushState.DELIVERED, delivered_at=at, reason="")
    record(Verb.REPLY_DELIVERED, actor=None, organisation=reply.intake.home, target=reply, at=at)


@transaction.atomic
def reply_parked(*, reply_id: int, reason: str, at: datetime) -> None:
    """Note why the host's portal did not take a reply, and tell the school: it can answer once more."""
    reply = _lock_reply(reply_id)
    if reply.state != PushState.WAITING:
        return
    move(reply, PushState.PARKED, reason=reason[:500])
    intake = reply.intake
    record(Verb.REPLY_PARKED, actor=None, organisation=intake.home, target=reply, at=at, changes={"reason": reason})
    _tell(intake, f"Портал принимающей школы не принял ответ на ведомость {intake.label}: {reason}", at)


@transaction.atomic
def reply_retry(*, actor: Acting, reply: IntakeReply, at: datetime) -> None:
    """Send a reply that was not taken once more, under the same message id.

    Raises:
        StaleError: it is under way or delivered, or the package needs it no more.
    """
    intake = _lock(reply.intake_id)
    reply = _lock_reply(reply.pk)
    if refusal := standing_of(intake).refusal:
        raise StaleError(refusal)
    move(reply, PushState.WAITING, reason="")
    outbox.retry(key=reply_key(reply.pk), at=at)
    record(Verb.REPLY_RETRIED, actor=actor.user, organisation=actor.organisation, target=reply, at=at)


@transaction.atomic
def answer_take(*, key: ApiKey, headers: Mapping[str, str], body: bytes, at: datetime) -> tuple[PortalMessage, bool]:
    """Take the host's answer to an objection from its portal: the line is right, and why.

    Args:
        key: the host's key.
        headers: of the request, names in lower case.
        body: the bytes as they came.
        at: the moment of arrival.

    Returns:
        The message, and whether it is new.

    Raises:
        WrongSignatureError: signature or age.
        NotAMessageError: the body is not an answer.
        ChangedBodyError: the id is known with another body.
        UnknownError: no such objection waits.
    """
    message_id = signed_id(secrets=[decrypt(key.secret)], headers=headers, body=body, at=at)
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("organisation", "partner").get(pk=key.pk)
    assert key.partner is not None
    try:
        answer = Rejection.validate_json(body).data
    except ValueError as error:
        raise NotAMessageError("В ответе на возражение нет нужных сведений.") from error
    message, new = message_keep(
        recipient=key.organisation, sender=key.partner, message_id=message_id, body=body, person=answer.person, at=at
    )
    if not new:
        return message, False
    dispute = (
        IntakeDispute.objects.select_for_update(of=("self",))
        .filter(
            reply__intake__home=key.organisation,
            reply__intake__host=key.partner,
            reply__intake__package_sha256=answer.sha256,
            line__content__enrolment=answer.enrolment,
            answered_in=None,
        )
        .select_related("reply__intake__home", "line")
        .defer("reply__intake__raw")
        .order_by("pk")
        .last()
    )
    if dispute is None:
        raise UnknownError("Такого возражения школа не направляла, или ответ на него уже есть.")
    dispute.answer, dispute.answered_in = answer.answer.strip(), message
    dispute.save(update_fields=["answer", "answered_in"])
    intake = dispute.reply.intake
    record(Verb.INTAKE_ANSWERED, actor=None, organisation=intake.home, target=dispute, at=at)
    _tell(intake, f"{key.partner}: возражение по ведомости {intake.label} отклонено, ответ в ведомости", at)
    return message, True


def _lock(pk: int) -> Intake:
    return Intake.objects.select_for_update(of=("self",)).select_related("home", "host").defer("raw").get(pk=pk)


def _lock_reply(pk: int) -> IntakeReply:
    return (
        IntakeReply.objects.select_for_update(of=("self",))
        .select_related("intake__home")
        .defer("intake__raw")
        .get(pk=pk)
    )


def _tell(intake: Intake, text: str, at: datetime) -> None:
    notify(receivers_of(intake, at), text[:300], reverse("intake", args=[intake.pk]), at=at)


def receivers_of(intake: Intake, at: datetime) -> list[User]:
    """Return who answers for packages at the home school on the day of the moment `at`."""
    duties = Duty.objects.in_force(local_day(at, settings.TIME_ZONE)).filter(
        organisation=intake.home_id, kind__in=[role.value for role in access.RECEIVERS], user__is_active=True
    )
    return [duty.user for duty in duties.select_related("user")]
