"""Messages between a home school and those who teach its pupils; who looked into a journal (S0-8, S0-6p)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from courses.models import StudyGroup
from gradebook.access import Thread
from gradebook.enums import Verb
from gradebook.models import GroupMessage, JournalView, ThreadRead
from gradebook.selectors.months import group_day
from network_portal.common.cleaning import clean
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.selectors import staff_of
from schools.services.trail import note


@transaction.atomic
def message_send(*, actor: Acting, thread: Thread, text: str, at: datetime) -> GroupMessage:
    """Write to the other school about a group; a message is never changed (S0-8).

    Args:
        actor: one of the two sides of the thread.
        thread: the group and the home school.
        text: the message.
        at: the moment.

    Raises:
        RuleError: there is no text.
    """
    group, home = thread.group, thread.home
    host = group.course.programme.host
    message = GroupMessage(
        group=group, home=home, author=actor.user, capacity=actor.label[:200], text=text.strip(), at=at
    )
    clean(message)
    message.save()
    on = group_day(group, at)
    if actor.organisation_id == host.pk:
        told = staff_of(home, DutyKind.CURATOR, DutyKind.RESPONSIBLE, on=on)
    else:
        told = staff_of(host, DutyKind.RESPONSIBLE, on=on)
        told += [group.teacher.user] if group.teacher else []
    notify(
        [user for user in told if user != actor.user],
        f"Сообщение о группе {group} ({home}): {actor.label}",
        reverse("thread", args=[group.pk, home.pk]),
        at=at,
    )
    note(Verb.MESSAGE_SENT, actor, group, at)
    return message


@transaction.atomic
def thread_read(*, actor: Acting, thread: Thread, last: int) -> None:
    """Remember that a person has read a thread up to the message `last`."""
    ThreadRead.objects.update_or_create(user=actor.user, group=thread.group, home=thread.home, defaults={"last": last})


@transaction.atomic
def journal_viewed(*, actor: Acting, group: StudyGroup, at: datetime) -> None:
    """Remember that somebody looked into the live journal: one row for a person, a group and a day.

    Those who teach keep the journal and are not counted among those who look into it.
    """
    if actor.organisation_id is None or actor.is_(Role.NETWORK_TEACHER):
        return
    view = JournalView(
        user=actor.user,
        organisation_id=actor.organisation_id,
        role=str(actor.role),
        group=group,
        day=group_day(group, at),
    )
    JournalView.objects.bulk_create([view], ignore_conflicts=True)
