"""Opening a group, which needs everything that lessons rest on; its dates; its closing (3.7, lessons 7, addition 2)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from courses.enums import GroupState, Verb
from courses.models import StudyGroup
from enrollment.enums import EnrolmentState
from enrollment.enums import Verb as EnrollmentVerb
from enrollment.models import Enrolment, SeatOffer
from enrollment.selectors.conditions import failed
from enrollment.selectors.groups import groups_over, opening_of
from enrollment.selectors.people import MANAGER_KINDS
from enrollment.services.leaving import enrolments_complete
from network_portal.audit.services import record
from network_portal.common.dates import ru_date
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from network_portal.outbox.services import emit
from schools.acting import Acting
from schools.models import Organisation
from schools.selectors import staff_of
from schools.services.trail import note


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
    note(Verb.GROUP_OPENED, actor, group, at)
    emit(topic="group.opened", key=f"group:{group.pk}:opened", payload={"group_id": group.pk}, at=at)
    members = Enrolment.objects.filter(group=group).holding_seats()
    homes = Organisation.objects.filter(pk__in=members.values("home"))
    people = [user for home in homes for user in staff_of(home, *MANAGER_KINDS, on=on)]
    if group.teacher:
        people.append(group.teacher.user)
    notify(people, f"Группа {group.name} открыта.", reverse("group", args=[group.pk]), at=at)
    return group


@transaction.atomic
def group_dates_set(
    *,
    actor: Acting,
    group: StudyGroup,
    enrol_from: date | None,
    enrol_to: date | None,
    last_free_exit: date | None,
    at: datetime,
) -> StudyGroup:
    """Set between which days an order may enrol, and until when one may leave as if one had not studied.

    Args:
        actor: the host's manager.
        group: a group that is not closed.
        enrol_from: the first day; None: that of the course.
        enrol_to: the last day; None: that of the course.
        last_free_exit: the last day of an exit kept as «не обучался»; None: there is none once the study has begun.
        at: the moment.

    Raises:
        RuleError: the dates are out of order or after the course.
        StaleError: the group was closed meanwhile.
    """
    group = StudyGroup.objects.select_for_update(of=("self",)).select_related("course").get(pk=group.pk)
    if group.state == GroupState.CLOSED:
        raise StaleError("Группа закрыта, её сроки не меняют.")
    if enrol_from and enrol_to and enrol_to < enrol_from:
        raise RuleError("Последний день зачисления раньше первого.", field="enrol_to")
    for name, day in (("enrol_from", enrol_from), ("enrol_to", enrol_to), ("last_free_exit", last_free_exit)):
        if day is not None and day > group.course.date_to:
            raise RuleError(f"День позже окончания курса: {ru_date(group.course.date_to)}", field=name)
    group.enrol_from, group.enrol_to, group.last_free_exit = enrol_from, enrol_to, last_free_exit
    group.save(update_fields=["enrol_from", "enrol_to", "last_free_exit"])
    dates = {"enrol_from": enrol_from, "enrol_to": enrol_to, "last_free_exit": last_free_exit}
    note(
        EnrollmentVerb.GROUP_DATES_SET,
        actor,
        group,
        at,
        **{name: day.isoformat() if day else None for name, day in dates.items()},
    )
    return group


@transaction.atomic
def group_close(*, actor: Acting | None, group: StudyGroup, on: date, at: datetime) -> StudyGroup:
    """Close a group at the end of its course, or one in which nobody is: whoever still studies has completed.

    Args:
        actor: the host's staff; None for the portal itself at the end of the course.
        group: a group that is not closed.
        on: the day of closing in the network's time zone.
        at: the moment.

    Raises:
        RuleError: the course goes on and pupils study, or places are booked.
        StaleError: the group was closed meanwhile.
    """
    group = (
        StudyGroup.objects.select_for_update(of=("self",))
        .select_related("course__programme__host", "teacher__user")
        .get(pk=group.pk)
    )
    if group.state == GroupState.CLOSED:
        raise StaleError("Группа уже закрыта.")
    members = Enrolment.objects.filter(group=group)
    if members.filter(state=EnrolmentState.BOOKED).exists():
        raise RuleError("В группе есть забронированные места. Подготовьте приказ или снимите бронь с причиной.")
    if SeatOffer.objects.open().filter(group=group).exists():
        raise RuleError("Место в группе предложено семье. Дождитесь ответа.")
    if on <= group.course.date_to and members.filter(state=EnrolmentState.ENROLLED).exists():
        raise RuleError(
            f"Курс идёт до {ru_date(group.course.date_to)} Раньше группу закрывают, когда все обучающиеся выбыли "
            "приказами."
        )
    homes = list(
        Organisation.objects.filter(pk__in=members.filter(state=EnrolmentState.ENROLLED).values("home")).order_by("pk")
    )
    count = enrolments_complete(actor=actor, group=group, at=at)
    move(group, GroupState.CLOSED, closed_on=on)
    record(
        Verb.GROUP_CLOSED,
        actor=actor.user if actor else None,
        organisation=actor.organisation if actor else group.course.programme.host,
        target=group,
        at=at,
        changes={"completed": count},
    )
    people = [user for school in homes for user in staff_of(school, *MANAGER_KINDS, on=on)]
    notify(people, f"Группа {group.name} закрыта, обучение завершено.", reverse("group", args=[group.pk]), at=at)
    return group


def groups_sweep(*, on: date, at: datetime) -> int:
    """Close the open groups whose course was over before the day `on`, each in a transaction of its own.

    Returns:
        How many were closed; one with a booked place waits for the host.
    """
    closed = 0
    for group in groups_over(on):
        with suppress(RuleError):
            group_close(actor=None, group=group, on=on, at=at)
            closed += 1
    return closed
