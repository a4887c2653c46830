"""Whom a change of a lesson or of a group concerns; for notices."""

from __future__ import annotations

from datetime import date

from courses.models import StudyGroup
from enrollment.models import Enrolment
from network_portal.accounts.models import User
from schools.enums import DutyKind
from schools.models import Duty, GuardianLink

#: Who follows the studies of the own pupils at home.
HOME_KINDS = (DutyKind.CURATOR, DutyKind.RESPONSIBLE)


def families_of(group: StudyGroup, day: date, *, on: date, home: int | None = None) -> list[User]:
    """Return who represents, on the day `on`, the pupils of `group` of the day `day`; of one school when given."""
    pupils = Enrolment.objects.studied_on(day).filter(group=group)
    if home is not None:
        pupils = pupils.filter(home=home)
    links = GuardianLink.objects.valid(on).filter(student__in=pupils.values("student"))
    return list(User.objects.filter(pk__in=links.values("user"), is_active=True))


def followers_of(group: StudyGroup, day: date, *, on: date, home: int | None = None) -> list[User]:
    """Return the curators and responsibles of the home schools of `group`; of one school when given."""
    homes = Enrolment.objects.studied_on(day).filter(group=group).values("home")
    duties = Duty.objects.in_force(on).filter(organisation__in=homes, kind__in=HOME_KINDS)
    if home is not None:
        duties = duties.filter(organisation=home)
    return list(User.objects.filter(pk__in=duties.values("user"), is_active=True))
