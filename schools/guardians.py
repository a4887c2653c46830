"""Who may decide for a child on a day, and whose word a decision still needs (L-17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from network_portal.accounts.models import User
from network_portal.common.dates import years_before
from schools.enums import GuardianRule
from schools.models import ADULT, GuardianLink, Student
from schools.pupils import policy_of

#: From this age on a pupil gives the own word to a consent (L-2).
OWN_WORD = 14


@dataclass(frozen=True)
class DecisionNeeded:
    """Whose word a decision about a child needs on a day.

    Attributes:
        rule: the school's rule for this child.
        days: how many days the second representative has to object.
        guardians: who represents the child on that day.
    """

    rule: GuardianRule
    days: int
    guardians: tuple[User, ...]

    def others(self, first_id: int | None) -> tuple[User, ...]:
        """Return the representatives whose word beside that of the applicant counts; None came with a paper."""
        return tuple(guardian for guardian in self.guardians if guardian.pk != first_id)


def decision_needed(student: Student, on: date) -> DecisionNeeded:
    """Return whose word a decision about the child needs on the day `on`; rights that have ended count no more.

    An adult pupil decides alone.
    """
    if of_age(student, on):
        return DecisionNeeded(GuardianRule.ONE, 0, ())
    policy = policy_of(student)
    links = GuardianLink.objects.valid(on).filter(student=student, user__is_active=True)
    guardians = {link.user.pk: link.user for link in links.select_related("user").order_by("pk")}
    return DecisionNeeded(GuardianRule(policy.rule), policy.days, tuple(guardians.values()))


def needs_own_word(birth_date: date, on: date) -> bool:
    """Tell whether a consent given on the day `on` needs the pupil's own word beside that of the representative.

    From fourteen on; whoever is of age gives the consent alone (L-2).
    """
    return years_before(on, ADULT) < birth_date <= years_before(on, OWN_WORD)


def of_age(student: Student, on: date) -> bool:
    """Tell whether the pupil acts alone on the day `on`: from the eighteenth birthday."""
    return student.birth_date <= years_before(on, ADULT)
