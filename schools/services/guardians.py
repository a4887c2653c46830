"""The rule about a child's representatives, set by the home school."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError
from schools.acting import Acting
from schools.enums import GuardianRule, Verb
from schools.models import GuardianPolicy, Student
from schools.pupils import policy_of
from schools.services.trail import note


@transaction.atomic
def guardian_policy_set(
    *, actor: Acting, student: Student, rule: GuardianRule, days: int, basis: str, at: datetime
) -> GuardianPolicy:
    """Set whose word decisions about a child need; it counts for what is decided from now on.

    Args:
        actor: who keeps the school's list of pupils.
        student: a pupil of the school.
        rule: one is enough, both, or the second may object.
        days: how long the second may object.
        basis: what it rests on; any rule but «one is enough» needs it.
        at: the moment.

    Raises:
        RuleError: on the field "basis" or "days".
    """
    Student.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)
    if rule != GuardianRule.ONE and not basis.strip():
        raise RuleError("Укажите, на чём это основано: заявление родителей, решение суда.", field="basis")
    policy = policy_of(student)
    policy.rule, policy.days, policy.basis = rule, days, basis.strip()
    clean(policy)
    policy.save()
    note(Verb.GUARDIAN_RULE_SET, actor, student, at, rule=rule.value, days=days)
    return policy
