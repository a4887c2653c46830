"""Who holds which duty in a school, and whose child a pupil is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from network_portal.accounts.models import User
from schools.enums import DutyKind, LinkState
from schools.models import Duty, Organisation

#: Duty kinds that get the notices of lists and applications.
MANAGER_KINDS = (DutyKind.DEPUTY, DutyKind.RESPONSIBLE, DutyKind.COORDINATOR)


def holder_of(organisation: Organisation, kinds: Iterable[DutyKind], on: date) -> User | None:
    """Return who holds the first of `kinds` that anyone holds in the school on the day `on`."""
    held = {
        duty.kind: duty.user
        for duty in Duty.objects.in_force(on)
        .filter(organisation=organisation, kind__in=list(kinds))
        .select_related("user")
        .order_by("-pk")
    }
    return next((held[kind] for kind in kinds if kind in held), None)


def guardians_of(student_id: int) -> list[User]:
    """Return the verified guardians of a pupil."""
    return list(
        User.objects.filter(guardian_links__student=student_id, guardian_links__state=LinkState.VERIFIED).distinct()
    )
