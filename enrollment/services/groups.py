"""Opening a group: lessons may begin only when everything they rest on is there (3.7, lessons 7)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from courses.enums import GroupState, Verb
from courses.models import StudyGroup
from enrollment.models import Enrolment
from enrollment.selectors.conditions import failed
from enrollment.selectors.groups import opening_of
from enrollment.selectors.people import MANAGER_KINDS
from network_portal.audit.services import record
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from network_portal.outbox.services import emit
from schools.acting import Acting
from schools.models import Organisation
from schools.selectors import staff_of


@transaction.atomic
def group_open(*, actor: Acting, group: StudyGroup, on: date, at: datetime) -> StudyGroup:
    """Open a group; the journal lays out its lessons from the event `group.opened`.

    Args:
        actor: the host's staff.
        group: a group that is being formed.
        on: the day of opening in the network's time zone.
        at: the moment.

    Raises:
        RuleError: a condition is missing; the message names each.
        StaleError: the group was opened or closed meanwhile.
    """
    group = (
        StudyGroup.objects.select_for_update(of=("self",))
        .select_related("course__programme__host", "teacher__user")
        .get(pk=group.pk)
    )
    if group.state != GroupState.FORMING:
        raise StaleError(f"Группа уже в состоянии «{group.get_state_display()}». Ничего не изменено.")
    if missing := failed(opening_of(group, on).conditions):
        raise RuleError(f"Открыть группу нельзя. {missing}")
    move(group, GroupState.OPEN, opened_on=on)
    record(Verb.GROUP_OPENED, actor=actor.user, organisation=actor.organisation, target=group, at=at)
    emit(topic="group.opened", key=f"group:{group.pk}:opened", payload={"group_id": group.pk}, at=at)
    members = Enrolment.objects.filter(group=group).holding_seats()
    homes = Organisation.objects.filter(pk__in=members.values("home"))
    people = [user for home in homes for user in staff_of(home, *MANAGER_KINDS, on=on)]
    if group.teacher:
        people.append(group.teacher.user)
    notify(people, f"Группа {group.name} открыта.", reverse("group", args=[group.pk]), at=at)
    return group
