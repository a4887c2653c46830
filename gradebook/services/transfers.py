"""Sealing the month, delivering it to the home school, its receipt, and the push to the school's own system (3.9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from courses.models import StudyGroup
from gradebook import access
from gradebook.documents import transfer_sheet
from gradebook.enums import PushState, TransferState, Verb
from gradebook.models import Lesson, MonthlyTransfer, PushEndpoint, TransferPush
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.transfers import (
    SealRow,
    blockers,
    due_day,
    months_back,
    package_of,
    seal_rows,
)
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.dates import month_label
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents.kinds import canonical, content_sha256
from network_portal.documents.services import document_issue
from network_portal.notices.services import notify
from network_portal.outbox import services as outbox
from schools.acting import Acting
from schools.agreements import agreement_covers
from schools.enums import Role
from schools.models import Duty, Network, Organisation


class AlreadySealedError(StaleError):
    """The month was sealed before, by a person or by the portal."""


class BlockedError(RuleError):
    """The month cannot be sealed yet; the message says what stands in the way."""


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
    group = StudyGroup.objects.select_related("course__programme__host", "course__network").get(pk=group.pk)
    host = group.course.programme.host
    when = Month(year, month)
    if before := MonthlyTransfer.objects.filter(group=group, home=home, year=year, month=month).first():
        raise AlreadySealedError(
            f"Этот месяц уже закрыт ведомостью №\u00a0{before.document.number} от "
            f"{before.document.registered_on:%d.%m.%Y}."
        )
    today = group_day(group, at)
    lessons = Lesson.objects.filter(group=group, date__range=when.days).order_by("date", "starts")
    if found := blockers(group, when, lessons, today):
        raise BlockedError(f"Ведомость пока нельзя запечатать: {'; '.join(item.text for item in found)}.")
    package = package_of(group, home, when)
    if not package["lines"]:
        raise RuleError("В этом месяце в группе не было обучающихся этой школы.")
    first, last = when.days
    if not agreement_covers(home=home, host=host, first=first, last=last):
        raise BlockedError(
            f"Ведомость пока нельзя запечатать: договор со школой {home} приостановлен или в этом месяце не действовал."
        )
    package["sealed_at"] = at
    payload = canonical(package)
    sha256 = content_sha256(payload)
    document = document_issue(
        actor=actor.user if actor else None,
        organisation=host,
        paper=transfer_sheet(
            package,
            sha256=sha256,
            sealed_at=at,
            sealed_by=f"{actor.capacity}, {actor.user.short_name}" if actor else None,
        ),
        on=today,
        at=at,
    )
    transfer = MonthlyTransfer(
        host=host,
        home=home,
        group=group,
        year=year,
        month=month,
        payload=payload,
        sha256=sha256,
        document=document,
        sealed_at=at,
        sealed_by=actor.user if actor else None,
    )
    transfer.full_clean(exclude=["sealed_by", "acknowledged_by", "delivered_at", "acknowledged_at"])
    transfer.save()
    record(
        Verb.TRANSFER_SEALED,
        actor=actor.user if actor else None,
        organisation=host,
        target=transfer,
        at=at,
        changes={"sha256": sha256, "number": document.number},
    )
    outbox.emit(topic="transfer.deliver", key=deliver_key(transfer.pk), payload={"transfer_id": transfer.pk}, at=at)
    if PushEndpoint.objects.filter(organisation=home).exists():
        TransferPush.objects.create(transfer=transfer)
        outbox.emit(topic="transfer.push", key=push_key(transfer.pk), payload={"transfer_id": transfer.pk}, at=at)
    return transfer


@transaction.atomic
def transfer_deliver(*, transfer_id: int, at: datetime) -> None:
    """Put a sealed transfer into the home school's inbox and tell those who receive it; a second time does nothing."""
    transfer = _lock(transfer_id)
    if transfer.state != TransferState.SEALED:
        return
    move(transfer, TransferState.DELIVERED, delivered_at=at)
    record(Verb.TRANSFER_DELIVERED, actor=None, organisation=transfer.host, target=transfer, at=at)
    notify(
        _people(transfer.home, access.RECEIVERS, transfer, at),
        f"Пришла ведомость: {transfer.host}, {transfer.group}, {month_label(transfer.year, transfer.month)}",
        reverse("transfer", args=[transfer.pk]),
        at=at,
    )


@transaction.atomic
def transfer_acknowledge(*, actor: Acting, transfer: MonthlyTransfer, at: datetime) -> MonthlyTransfer:
    """Confirm that the home school received the transfer (3.9).

    Raises:
        StaleError: it is confirmed already.
    """
    transfer = _lock(transfer.pk)
    move(transfer, TransferState.ACKNOWLEDGED, acknowledged_at=at, acknowledged_by=actor.user)
    record(Verb.TRANSFER_ACKNOWLEDGED, actor=actor.user, organisation=transfer.home, target=transfer, at=at)
    notify(
        _people(transfer.host, (Role.COORDINATOR,), transfer, at),
        f"Получение ведомости №\u00a0{transfer.document.number} подтверждено: {transfer.home}",
        reverse("transfer", args=[transfer.pk]),
        at=at,
    )
    return transfer


def transfers_seal_all(*, actor: Acting, rows: list[SealRow], at: datetime) -> tuple[list[MonthlyTransfer], list[str]]:
    """Seal every row that can be sealed, each in a transaction of its own.

    Returns:
        What was sealed, and the refusals in words.
    """
    sealed, refused = [], []
    for row in rows:
        try:
            sealed.append(
                transfer_seal(
                    actor=actor, group=row.group, home=row.home, year=row.month.year, month=row.month.month, at=at
                )
            )
        except RuleError as error:
            refused.append(f"{row.home}, {row.group}: {error.message}")
    return sealed, refused


# --- the school's own system --------------------------------------------------------------------------------------


@transaction.atomic
def push_delivered(*, transfer_id: int, at: datetime) -> None:
    """Note that the home school's own system took the transfer."""
    push = _lock_push(transfer_id)
    if push.state == PushState.DELIVERED:
        return
    if push.state == PushState.PARKED:  # the administrator took the event itself up again
        move(push, PushState.WAITING)
    move(push, PushState.DELIVERED, delivered_at=at, reason="")
    record(Verb.PUSH_DELIVERED, actor=None, organisation=push.transfer.host, target=push.transfer, at=at)


@transaction.atomic
def push_parked(*, transfer_id: int, reason: str, at: datetime) -> None:
    """Note why a push was given up, and tell both schools."""
    push = _lock_push(transfer_id)
    if push.state != PushState.WAITING:
        return
    transfer = push.transfer
    move(push, PushState.PARKED, reason=reason[:500])
    record(Verb.PUSH_PARKED, actor=None, organisation=transfer.host, target=transfer, at=at, changes={"reason": reason})
    people = [
        *_people(transfer.host, (Role.COORDINATOR,), transfer, at),
        *_people(transfer.home, (Role.RESPONSIBLE,), transfer, at),
    ]
    text = f"Ведомость №\u00a0{transfer.document.number} не принята внешней системой ({transfer.home}): {reason}"
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
    push = _lock_push(transfer.pk)
    move(push, PushState.WAITING, reason="")
    outbox.retry(key=push_key(transfer.pk), at=at)
    record(Verb.PUSH_RETRIED, actor=actor.user, organisation=actor.organisation, target=transfer, at=at)


def deliver_key(transfer_id: int) -> str:
    """Return the key under which the outbox delivers a transfer once."""
    return f"transfer:{transfer_id}:deliver"


def push_key(transfer_id: int) -> str:
    """Return the key under which the outbox pushes a transfer; the receiver's message id comes from it."""
    return f"transfer:{transfer_id}:push"


# --- without a person ---------------------------------------------------------------------------------------------


def transfers_plan(*, at: datetime) -> int:
    """Queue the seals of months that are due in networks that transfer without a person.

    Looks back three months, so a missed day heals itself. What stands in the way is told to the host's coordinators
    once per group, home school and month.

    Returns:
        How many seals were queued or found queued.
    """
    queued = 0
    hosts = Organisation.objects.filter(
        programmes__courses__network__in=Network.objects.filter(auto_transfer=True)
    ).distinct()
    for host in hosts:
        for row in seal_rows(host.pk, _due_months(at), at=at):
            network = row.group.course.network
            due = network.auto_transfer and group_day(row.group, at) >= due_day(row.group, row.month)
            if not due or row.transfer is not None:
                continue
            if row.ready:
                _queue_seal(row, at)
                queued += 1
            else:
                slot = f"{row.group.pk}:{row.home.pk}:{row.month}"
                outbox.run_once(job="transfer.blocked", slot=slot, at=at, work=_tell_blocked(host, row, at))
    return queued


def _due_months(at: datetime) -> list[Month]:
    return months_back(at.date())


@transaction.atomic
def _queue_seal(row: SealRow, at: datetime) -> None:
    outbox.emit(
        topic="transfer.seal",
        key=f"seal:{row.group.pk}:{row.home.pk}:{row.month}",
        payload={
            "group_id": row.group.pk,
            "home_id": row.home.pk,
            "year": row.month.year,
            "month": row.month.month,
        },
        at=at,
    )


def _tell_blocked(host: Organisation, row: SealRow, at: datetime) -> Callable[[], None]:
    reasons = "; ".join(item.text for item in row.blockers)
    text = f"Ведомость не запечатана: {row.group}, {month_label(row.month.year, row.month.month)}: {reasons}"
    url = f"{reverse('transfer_list')}?month={row.month}"

    def tell() -> None:
        notify(people_of(host, (Role.COORDINATOR,), row.group, at), text[:300], url, at=at)

    return tell


def transfer_seal_by_ids(*, group_id: int, home_id: int, year: int, month: int, at: datetime) -> None:
    """Seal for the portal itself; a month that is sealed already is left as it is.

    Raises:
        BlockedError: something stands in the way by now.
    """
    group = StudyGroup.objects.get(pk=group_id)
    home = Organisation.objects.get(pk=home_id)
    try:
        transfer_seal(actor=None, group=group, home=home, year=year, month=month, at=at)
    except AlreadySealedError:
        return


def seal_parked(*, group_id: int, year: int, month: int, reason: str, at: datetime) -> None:
    """Tell the host's coordinators that the portal could not seal a month by itself."""
    group = StudyGroup.objects.select_related("course__programme__host", "course__network").get(pk=group_id)
    text = f"Ведомость не запечатана: {group}, {month_label(year, month)}: {reason}"
    url = f"{reverse('transfer_list')}?month={Month(year, month)}"
    notify(people_of(group.course.programme.host, (Role.COORDINATOR,), group, at), text[:300], url, at=at)


def people_of(school: Organisation, roles: tuple[Role, ...], group: StudyGroup, at: datetime) -> list[User]:
    """Return who acts for `school` in one of `roles` on the day of the moment `at`."""
    duties = Duty.objects.in_force(group_day(group, at)).filter(
        organisation=school, kind__in=[role.value for role in roles], user__is_active=True
    )
    return [duty.user for duty in duties.select_related("user")]


def _people(school: Organisation, roles: tuple[Role, ...], transfer: MonthlyTransfer, at: datetime) -> list[User]:
    return people_of(school, roles, transfer.group, at)


def _lock(pk: int) -> MonthlyTransfer:
    return (
        MonthlyTransfer.objects.select_for_update(of=("self",))
        .select_related("host", "home", "document", "group__course__network")
        .get(pk=pk)
    )


def _lock_push(transfer_id: int) -> TransferPush:
    return (
        TransferPush.objects.select_for_update(of=("self",))
        .select_related("transfer__host", "transfer__home", "transfer__document", "transfer__group__course__network")
        .get(transfer=transfer_id)
    )
