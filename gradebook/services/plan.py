"""What is done with transfers without a person: sealing what is due, telling what is late (3.9, C-11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from courses.enums import GroupState
from courses.models import StudyGroup
from gradebook.enums import AWAITED, DisputeState
from gradebook.models import MonthlyTransfer, TransferDispute
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.replies import awaited
from gradebook.selectors.transfers import SealRow, due_day, months_back, seal_rows
from gradebook.services.sealing import AT_ONCE
from gradebook.services.transfers import people_of
from network_portal.common.dates import local_day, month_label
from network_portal.notices.services import notify
from network_portal.outbox import services as outbox
from schools.enums import DutyKind, Role
from schools.models import Duty, Network, Organisation


def transfers_plan(*, at: datetime) -> int:
    """Queue the seals of months that are due in networks that transfer without a person.

    Looks back three months and takes up again what is not sealed, so a missed day heals itself, and so does a month
    that something stood in the way of. That is told to the host's coordinators once per group, home school and month.

    Returns:
        How many seals were queued.
    """
    queued = 0
    hosts = Organisation.objects.filter(
        programmes__courses__network__in=Network.objects.filter(auto_transfer=True)
    ).distinct()
    for host in hosts:
        due = [row for row in seal_rows(host.pk, _due_months(at), at=at) if _is_due(row, at)]
        queued += _queue_seals(host, [row for row in due if row.ready], at)
        blocked = {f"{row.group.pk}:{row.home.pk}:{row.month}": row for row in due if not row.ready}
        for slot in outbox.free_slots(job="transfer.blocked", slots=blocked):
            outbox.run_once(job="transfer.blocked", slot=slot, at=at, work=_tell_blocked(host, blocked[slot], at))
    return queued


def _due_months(at: datetime) -> list[Month]:
    return months_back(at.date())


def _is_due(row: SealRow, at: datetime) -> bool:
    wanted = row.transfer is None and row.group.course.network.auto_transfer
    return wanted and group_day(row.group, at) >= due_day(row.group, row.month)


@transaction.atomic
def _queue_seals(host: Organisation, rows: list[SealRow], at: datetime) -> int:
    """Queue the seals of a host, a hundred of one month in an event; an hour's plan queues them once."""
    by_month: dict[Month, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        by_month[row.month].append((row.group.pk, row.home.pk))
    events = [
        (
            f"seal:{host.pk}:{month}:{at:%Y%m%d%H}:{start}",
            {"pairs": pairs[start : start + AT_ONCE], "year": month.year, "month": month.month},
        )
        for month, pairs in by_month.items()
        for start in range(0, len(pairs), AT_ONCE)
    ]
    outbox.emit_all(topic="transfer.seal", events=events, at=at)
    return len(rows)


def _tell_blocked(host: Organisation, row: SealRow, at: datetime) -> Callable[[], None]:
    reasons = "; ".join(item.text for item in row.blockers)
    text = f"Ведомость не запечатана: {row.group}, {month_label(row.month.year, row.month.month)}: {reasons}"
    url = f"{reverse('transfer_list')}?month={row.month}"

    def tell() -> None:
        notify(people_of(host, (Role.COORDINATOR,), row.group, at), text[:300], url, at=at)

    return tell


def seals_parked(*, pairs: Sequence[tuple[int, int]], year: int, month: int, reason: str, at: datetime) -> None:
    """Tell the host's coordinators that the portal could not seal a month by itself."""
    group = StudyGroup.objects.select_related("course__programme__host", "course__network").get(pk=pairs[0][0])
    text = f"Ведомости за {month_label(year, month)} не запечатаны: {reason}"
    url = f"{reverse('transfer_list')}?month={Month(year, month)}"
    notify(people_of(group.course.programme.host, (Role.COORDINATOR,), group, at), text[:300], url, at=at)


def overdue_tell(*, at: datetime) -> int:
    """Tell the directors of both schools once a week how many transfers and answers are late (3.9, C-11).

    Returns:
        How many schools were told.
    """
    late: dict[int, Late] = defaultdict(Late)
    for transfer in MonthlyTransfer.objects.filter(state__in=AWAITED, due_on__lt=at.date()).defer("payload"):
        late[transfer.home_id].answers += 1
        late[transfer.host_id].awaited += 1
    for package in awaited():
        if package.due < at.date():
            late[package.intake.home_id].answers += 1
    for dispute in TransferDispute.objects.filter(state=DisputeState.OPEN, due_on__lt=at.date()).select_related(
        "transfer"
    ):
        late[dispute.transfer.host_id].disputes += 1
        late[dispute.transfer.home_id].unanswered += 1
    for host in Organisation.objects.filter(programmes__courses__groups__state=GroupState.OPEN).distinct():
        for row in seal_rows(host.pk, _due_months(at), at=at):
            if row.transfer is None and group_day(row.group, at) > due_day(row.group, row.month):
                late[host.pk].unsealed += 1
                late[row.home.pk].missing += 1
    schools = Organisation.objects.in_bulk(late)
    year, week, _ = at.isocalendar()
    told = 0
    for pk, school in sorted(schools.items()):
        told += outbox.run_once(
            job="transfer.overdue", slot=f"{pk}:{year}-{week}", at=at, work=_tell_late(school, late[pk], at)
        )
    return told


@dataclass
class Late:
    """What is late of a school's transfers, counted without names."""

    unsealed: int = 0
    disputes: int = 0
    awaited: int = 0
    missing: int = 0
    answers: int = 0
    unanswered: int = 0

    def words(self) -> str:
        """Return the counts in words, only those that are not zero."""
        said = (
            (self.unsealed, "не передано ведомостей"),
            (self.disputes, "не отвечено на возражения"),
            (self.awaited, "не подтвердили другие школы"),
            (self.missing, "не пришло ведомостей"),
            (self.answers, "не подтверждено получение"),
            (self.unanswered, "ждём ответа на возражения"),
        )
        return ", ".join(f"{text}: {number}" for number, text in said if number)


def _tell_late(school: Organisation, late: Late, at: datetime) -> Callable[[], None]:
    def tell() -> None:
        duties = Duty.objects.in_force(local_day(at, settings.TIME_ZONE)).filter(
            organisation=school, kind=DutyKind.DIRECTOR, user__is_active=True
        )
        people = [duty.user for duty in duties.select_related("user")]
        notify(people, f"Просрочено по ведомостям: {late.words()}", reverse("transfer_list"), at=at)

    return tell
