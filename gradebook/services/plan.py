"""What is done with transfers without a person: sealing what is due, telling what is late (3.9, C-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from courses.models import StudyGroup
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.transfers import SealRow, due_day, months_back, seal_rows
from gradebook.services.transfers import AlreadySealedError, people_of, transfer_seal
from network_portal.common.dates import month_label
from network_portal.notices.services import notify
from network_portal.outbox import services as outbox
from schools.enums import Role
from schools.models import Network, Organisation


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
