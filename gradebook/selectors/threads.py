"""Reading the messages of groups, and who looked into journals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from enrollment.models import Enrolment
from gradebook import access
from gradebook.access import Thread
from gradebook.models import GroupMessage, JournalView, ThreadRead
from schools.acting import Acting
from schools.enums import Role

MOST_MESSAGES = 200


@dataclass(frozen=True)
class ThreadRow:
    """A thread in the list, with its last message and how many the person has not read."""

    thread: Thread
    last: GroupMessage | None
    unread: int


def thread_rows(acting: Acting) -> list[ThreadRow]:
    """Return the threads of the acting person, those with news first; four queries."""
    threads = access.threads_for(acting)
    messages = GroupMessage.objects.filter(group__in={thread.group.pk for thread in threads})
    newest = messages.select_related("author").order_by("group_id", "home_id", "-pk").distinct("group_id", "home_id")
    last = {(message.group_id, message.home_id): message for message in newest}
    read = ThreadRead.objects.filter(user=acting.user, group=OuterRef("group"), home=OuterRef("home")).values("last")
    fresh = messages.exclude(author=acting.user).filter(pk__gt=Coalesce(Subquery(read), 0)).order_by()
    unread = {
        (group, home): number
        for group, home, number in fresh.values("group", "home")
        .annotate(n=Count("pk"))
        .values_list("group", "home", "n")
    }
    rows = [
        ThreadRow(thread, last.get(key), unread.get(key, 0))
        for thread in threads
        for key in [(thread.group.pk, thread.home.pk)]
    ]
    return sorted(rows, key=lambda row: (-bool(row.unread), -(row.last.pk if row.last else 0), str(row.thread.group)))


def messages_of(thread: Thread) -> list[GroupMessage]:
    """Return the newest messages of a thread in the order in which they came."""
    newest = GroupMessage.objects.filter(group=thread.group, home=thread.home).select_related("author").order_by("-pk")
    return list(newest[:MOST_MESSAGES])[::-1]


@dataclass(frozen=True)
class Viewer:
    """Somebody who looked into the live journal of a child's group on a day."""

    day: date
    group: str
    name: str
    role: str
    school: str


def viewers_of(enrolments: Sequence[Enrolment]) -> list[Viewer]:
    """Return who looked into the journals of a child while it studied there, the latest first.

    Of the home schools only the child's own counts: readers of others see their own pupils alone.
    """
    if not enrolments:
        return []
    chosen = Q(pk__in=[])
    for enrolment in enrolments:
        host = enrolment.group.course.programme.host_id
        days = Q(day__gte=enrolment.date_from)
        if enrolment.date_to is not None:
            days &= Q(day__lte=enrolment.date_to)
        chosen |= Q(days, group=enrolment.group_id, organisation__in=[host, enrolment.home_id])
    rows = JournalView.objects.filter(chosen).select_related("user", "organisation", "group__course__programme")
    return [
        Viewer(
            day=row.day,
            group=str(row.group.course),
            name=row.user.short_name,
            role=str(Role(row.role).label),
            school=str(row.organisation),
        )
        for row in rows.order_by("-day", "user__sort_key", "pk")[:MOST_MESSAGES]
    ]
