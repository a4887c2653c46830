"""What a council's signed decisions change in the schools' records: members of the network, duties in the council."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction

from network_portal.accounts.models import User
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError
from network_portal.common.models import in_force
from schools.acting import Acting
from schools.enums import DutyKind, Verb
from schools.models import Duty, Membership, Network, Organisation
from schools.services.duties import duty_give
from schools.services.trail import note


@transaction.atomic
def membership_begin(
    *, actor: Acting, network: Network, organisation: Organisation, on: date, basis: str, at: datetime
) -> Membership:
    """Admit a school to the network from the day `on` (S1-5.4).

    Raises:
        RuleError: it is in the network on that day.
    """
    _by_decision(basis)
    if Membership.objects.filter(in_force(on), network=network, organisation=organisation).exists():
        raise RuleError(f"{organisation.short_name} уже участвует в сети.")
    row = Membership(network=network, organisation=organisation, date_from=on)
    clean(row)
    row.save()
    note(Verb.MEMBERSHIP_BEGUN, actor, row, at, on=on.isoformat(), basis=basis)
    return row


@transaction.atomic
def membership_end(
    *, actor: Acting, network: Network, organisation: Organisation, on: date, basis: str, at: datetime
) -> Membership:
    """Let a school leave the network: the day `on` is the first one without it (S1-5.4).

    Raises:
        RuleError: it is not in the network.
    """
    _by_decision(basis)
    rows = Membership.objects.select_for_update().filter(in_force(on), network=network, organisation=organisation)
    row = rows.first()
    if row is None:
        raise RuleError(f"{organisation.short_name} не участвует в сети.")
    row.date_to = max(row.date_from, on - timedelta(days=1))
    row.save(update_fields=["date_to"])
    note(Verb.MEMBERSHIP_ENDED, actor, row, at, on=on.isoformat(), basis=basis)
    return row


@transaction.atomic
def council_duty_give(
    *, actor: Acting, user: User, organisation: Organisation, kind: DutyKind, on: date, basis: str, at: datetime
) -> Duty:
    """Give somebody a duty in the council from the day `on`; `basis` names the minutes (S1-5.4).

    Raises:
        RuleError: the person has this duty in that time.
    """
    duty = Duty(user=user, organisation=organisation, kind=kind, order=basis[:100], date_from=on)
    return duty_give(actor=actor, duty=duty, at=at)


def _by_decision(basis: str) -> None:
    """Tell the trigger of the table of members that a signed decision stands behind what follows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.decision', %s, true)", [basis])
