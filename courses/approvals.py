"""What a council's signed decision says of groups and their timetables (S1-4.5, S1-5.3 (4))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from courses.enums import GroupState, Verb
from courses.models import StudyGroup
from network_portal.audit.services import record
from network_portal.common.errors import RuleError
from schools.acting import Acting


@transaction.atomic
def groups_approve(*, actor: Acting, groups: Iterable[StudyGroup], basis: str, at: datetime) -> None:
    """Note on each group that it was approved with its timetable; `basis` names the minutes.

    Raises:
        RuleError: a group is closed by now.
    """
    for group in _locked(groups):
        if group.state == GroupState.CLOSED:
            raise RuleError(f"Группа «{group.name}» уже закрыта.")
        _note(group, basis, Verb.GROUP_APPROVED, actor, at)


@transaction.atomic
def groups_approval_lift(*, actor: Acting, groups: Iterable[StudyGroup], basis: str, at: datetime) -> None:
    """Take back the approval that `basis` gave; a later one stays."""
    for group in _locked(groups):
        if group.approved_by == basis:
            _note(group, "", Verb.GROUP_APPROVAL_LIFTED, actor, at)


def _locked(groups: Iterable[StudyGroup]) -> list[StudyGroup]:
    wanted = [group.pk for group in groups]
    rows = StudyGroup.objects.select_for_update(of=("self",)).filter(pk__in=wanted)
    return list(rows.select_related("course__programme__host").order_by("pk"))


def _note(group: StudyGroup, basis: str, verb: Verb, actor: Acting, at: datetime) -> None:
    group.approved_by = basis
    group.save(update_fields=["approved_by"])
    host = group.course.programme.host
    record(verb, actor=actor.user, organisation=host, target=group, at=at, changes={"basis": basis})
