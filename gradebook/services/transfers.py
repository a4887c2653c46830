"""Sealing the month, delivering it to the home school, and its receipt (3.9)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from courses.models import StudyGroup
from gradebook import access
from gradebook.documents import TransferSheet
from gradebook.enums import TransferState, Verb
from gradebook.models import MailChannel, MonthlyTransfer, PortalMessage, PushEndpoint, TransferPush
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.transfers import Blocker, MonthLessons, blockers, lessons_by_month, open_requests, package_of
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.dates import add_working_days, month_label
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents.kinds import canonical, content_sha256
from network_portal.documents.services import document_issue
from network_portal.notices.services import notify
from network_portal.outbox import services as outbox
from schools.acting import Acting
from schools.agreements import agreement_covers
from schools.enums import Role
from schools.models import Duty, Organisation


class AlreadySealedError(StaleError):
    """The month was sealed before, by a person or by the portal."""


class BlockedError(RuleError):
    """The month cannot be sealed yet; the message says what stands in the way."""


def already_sealed(before: MonthlyTransfer) -> AlreadySealedError:
    """Return the refusal of a month that has a transfer."""
    day = before.document.registered_on
    return AlreadySealedError(f"Этот месяц уже закрыт ведомостью {before.label} от {day:%d.%m.%Y}.")


def blocked(found: Sequence[Blocker]) -> BlockedError:
    """Return the refusal of a month in whose way something stands."""
    return BlockedError(f"Ведомость пока нельзя запечатать: {'; '.join(item.text for item in found)}.")


def uncovered(home: Organisation) -> BlockedError:
    """Return the refusal of a month that no agreement covers."""
    return BlockedError(
        f"Ведомость пока нельзя запечатать: договор со школой {home} приостановлен или в этом месяце не действовал."
    )


@transaction.atomic
def transfer_seal(
    *, actor: Acting | None, group: StudyGroup, home: Organisation, year: int, month: int, at: datetime
) -> MonthlyTransfer:
    """Seal what the host recorded of one home school's pupils in one group in one month (S1-4.9, S1-4.11, 3.9).

    The row of the group is locked first: a mark that is being written is either inside the paper or refused.

    Args:
        actor: the host's coordinator or deputy director; None for the portal itself.
        group: the group.
        home: the school whose pupils they are.
        year: calendar year.
        month: 1 to 12.
        at: the moment of the seal.

    Raises:
        AlreadySealedError: there is such a transfer; the message has its number.
        BlockedError: a lesson is not filled, the month is not over, or the agreement is suspended.
        RuleError: no pupil of that school studied in the group in that month.
    """
    StudyGroup.objects.select_for_update().get(pk=group.pk)
    group = StudyGroup.objects.select_related(
        "course__programme__host", "course__programme__policy", "course__network"
    ).get(pk=group.pk)
    host = group.course.programme.host
    when = Month(year, month)
    if before := MonthlyTransfer.objects.filter(group=group, home=home, year=year, month=month).first():
        raise already_sealed(before)
    today = group_day(group, at)
    lessons = lessons_by_month([group.pk], *when.days).get((group.pk, when), MonthLessons())
    if found := [*blockers(group, when, lessons, today), *open_requests(group.pk, home.pk, when)]:
        raise blocked(found)
    package = package_of(group, home, when)
    if not package["lines"]:
        raise RuleError("В этом месяце в группе не было обучающихся этой школы.")
    first, last = when.days
    if not agreement_covers(home=home, host=host, first=first, last=last):
        raise uncovered(home)
    return put_into_the_register(actor=actor, package=package, group=group, corrects=None, at=at)


def put_into_the_register(
    *,
    actor: Acting | None,
    package: dict[str, Any],
    group: StudyGroup,
    corrects: MonthlyTransfer | None,
    at: datetime,
) -> MonthlyTransfer:
    """Seal a package: canonical JSON, its hash, the paper T16 with the next number, and its way to the home school.

    Args:
        actor: who seals; None for the portal itself.
        package: from `selectors.transfers.package_of`; its group's row is locked.
        group: the group with its course and network.
        corrects: the version before, whose paper the new one replaces.
        at: the moment of the seal.
    """
    package["sealed_at"] = at
    payload = canonical(package)
    sha256 = content_sha256(payload)
    home, host, period = package["home"]["id"], package["host"]["id"], package["period"]
    user = actor.user if actor else None
    document = document_issue(
        actor=user,
        organisation=Organisation.objects.get(pk=host),
        paper=TransferSheet(
            package=json.loads(payload),
            sha256=sha256,
            sealed_by=f"{actor.capacity}, {actor.user.short_name}" if actor else None,
        ),
        on=group_day(group, at),
        at=at,
        replaces=corrects.document if corrects else None,
        pdf_later=True,
    )
    transfer = MonthlyTransfer(
        host_id=host,
        home_id=home,
        group=group,
        year=period["year"],
        month=period["month"],
        version=corrects.version + 1 if corrects else 0,
        corrects=corrects,
        payload=payload,
        sha256=sha256,
        document=document,
        sealed_at=at,
        sealed_by=user,
    )
    transfer.full_clean(
        exclude=[
            "corrects",
            "sealed_by",
            "acknowledged_by",
            "acknowledged_in",
            "delivered_at",
            "due_on",
            "acknowledged_at",
        ]
    )
    transfer.save()
    record(
        Verb.TRANSFER_SEALED,
        actor=user,
        organisation=transfer.host,
        target=transfer,
        at=at,
        changes={"sha256": sha256, "number": document.number, "version": transfer.version},
    )
    outbox.emit(topic="transfer.deliver", key=deliver_key(transfer.pk), payload={"transfer_id": transfer.pk}, at=at)
    if PushEndpoint.objects.filter(organisation=home).exists():
        TransferPush.objects.create(transfer=transfer)
        outbox.emit(topic="transfer.push", key=push_key(transfer.pk), payload={"transfer_id": transfer.pk}, at=at)
    if MailChannel.objects.filter(organisation=home).exists():
        outbox.emit(topic="transfer.mail", key=mail_key(transfer.pk), payload={"transfer_id": transfer.pk}, at=at)
    return transfer


@transaction.atomic
def transfer_deliver(*, transfer_id: int, at: datetime) -> None:
    """Put a sealed transfer into the home school's inbox and tell those who receive it; a second time does nothing."""
    transfer = lock_transfer(transfer_id)
    if transfer.state != TransferState.SEALED:
        return
    due = add_working_days(group_day(transfer.group, at), settings.TRANSFER_ANSWER_DAYS)
    move(transfer, TransferState.DELIVERED, delivered_at=at, due_on=due)
    record(Verb.TRANSFER_DELIVERED, actor=None, organisation=transfer.host, target=transfer, at=at)
    notify(
        _people(transfer.home, access.RECEIVERS, transfer, at),
        f"Пришла {'исправленная ' if transfer.version else ''}ведомость: {transfer.host}, {transfer.group}, "
        f"{month_label(transfer.year, transfer.month)}",
        reverse("transfer", args=[transfer.pk]),
        at=at,
    )


@transaction.atomic
def transfer_acknowledge(
    *, actor: Acting | None, transfer: MonthlyTransfer, message: PortalMessage | None = None, at: datetime
) -> MonthlyTransfer:
    """Confirm that the home school received the transfer (3.9).

    Args:
        actor: who confirms; None for the home school's own portal.
        transfer: delivered, with no objection that waits.
        message: in which that portal has confirmed it.
        at: the moment.

    Raises:
        StaleError: it is confirmed already, disputed, or corrected by a newer one.
    """
    transfer = lock_transfer(transfer.pk)
    user = actor.user if actor else None
    move(transfer, TransferState.ACKNOWLEDGED, acknowledged_at=at, acknowledged_by=user, acknowledged_in=message)
    record(
        Verb.TRANSFER_ACKNOWLEDGED_THERE if message else Verb.TRANSFER_ACKNOWLEDGED,
        actor=user,
        organisation=transfer.home,
        target=transfer,
        at=at,
        changes=said_in(message),
    )
    notify(
        _people(transfer.host, (Role.COORDINATOR,), transfer, at),
        f"Получение ведомости {transfer.label} подтверждено: {transfer.home}",
        reverse("transfer", args=[transfer.pk]),
        at=at,
    )
    return transfer


def said_in(message: PortalMessage | None) -> dict[str, Any]:
    """Return what the audit keeps of a message of a portal on which the portal itself acts."""
    return {"message": message.pk, "person": message.person} if message else {}


def deliver_key(transfer_id: int) -> str:
    """Return the key under which the outbox delivers a transfer once."""
    return f"transfer:{transfer_id}:deliver"


def push_key(transfer_id: int) -> str:
    """Return the key under which the outbox pushes a transfer; the receiver's message id comes from it."""
    return f"transfer:{transfer_id}:push"


def mail_key(transfer_id: int) -> str:
    """Return the key under which the outbox sends a transfer by e-mail once."""
    return f"transfer:{transfer_id}:mail"


def people_of(school: Organisation, roles: tuple[Role, ...], group: StudyGroup, at: datetime) -> list[User]:
    """Return who acts for `school` in one of `roles` on the day of the moment `at`."""
    duties = Duty.objects.in_force(group_day(group, at)).filter(
        organisation=school, kind__in=[role.value for role in roles], user__is_active=True
    )
    return [duty.user for duty in duties.select_related("user")]


def _people(school: Organisation, roles: tuple[Role, ...], transfer: MonthlyTransfer, at: datetime) -> list[User]:
    return people_of(school, roles, transfer.group, at)


def lock_transfer(pk: int) -> MonthlyTransfer:
    """Return the transfer with its row locked until the transaction ends."""
    return (
        MonthlyTransfer.objects.select_for_update(of=("self",))
        .select_related(
            "host",
            "home",
            "document",
            "group__course__programme__host",
            "group__course__network",
            "group__teacher__user",
        )
        .defer("payload")
        .get(pk=pk)
    )
