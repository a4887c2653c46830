"""Who holds which duty in a school, and whose child a pupil is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from network_portal.accounts.models import User
from schools.enums import DutyKind
from schools.models import Duty, GuardianLink, Organisation

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


def guardians_of(student_id: int, on: date) -> list[User]:
    """Return who represents a pupil on the day `on`: decisions go to nobody whose rights have ended."""
    links = GuardianLink.objects.valid(on).filter(student=student_id)
    return list(User.objects.filter(pk__in=links.values("user"), is_active=True))
