"""The meeting as it runs: opening, who comes and goes, who presides, closing, or recording that it was not held."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from council.enums import ItemState, MeetingState, Verb
from council.models import CouncilMember, Meeting, Presence
from council.selectors.composition import chair_on
from council.selectors.hall import (
    end_obstacle,
    floor_of,
    item_in_vote,
    not_held_obstacle,
    open_obstacle,
)
from council.services._shared import (
    happened,
    is_secretary,
    lock,
    no_open_vote,
    not_before_vote,
    nothing_later,
    runs,
    seat_of,
    tell_members,
)
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day, ru_date, ru_time
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from schools.acting import Acting
from schools.services.trail import note

NOW = timedelta()


@transaction.atomic
def meeting_open(*, actor: Acting, meeting: Meeting, present: Iterable[CouncilMember] = (), at: datetime) -> Meeting:
    """Open the meeting with those who are already in the hall; the chair presides if there.

    Whoever opens it keeps the record. A quorum is not needed to open, only to vote (3.11).

    Raises:
        RuleError: it was not convened, the agenda is empty, or the day has not come.
        StaleError: it is open already.
    """
    meeting = lock(meeting)
    today = local_day(at, meeting.council.network.time_zone)
    if reason := open_obstacle(meeting, today, meeting.items.count()):
        before = meeting.state in (MeetingState.PLANNED, MeetingState.CONVENED)
        raise RuleError(reason) if before else StaleError(f"{reason} Обновите страницу.")
    secretary = seat_of(actor, meeting)
    move(meeting, MeetingState.RUNNING, opened_at=at, secretary=secretary)
    note(Verb.MEETING_OPENED, actor, meeting, at, secretary=secretary.pk)
    for member in present:
        _arrive(actor, meeting, member, moment=at, at=at)
    return meeting


@transaction.atomic
def presence_arrive(
    *,
    actor: Acting,
    meeting: Meeting,
    member: CouncilMember,
    minute: datetime | None = None,
    age: timedelta = NOW,
    key: UUID | None = None,
    at: datetime,
) -> Presence:
    """Note that a member came, or came back.

    Args:
        actor: the secretary.
        meeting: a meeting that runs.
        member: a member of this council with a vote on this day.
        minute: when, if not now; what was settled by a vote is not changed afterwards.
        age: how long ago a screen without a network was told; it is now without a `minute`.
        key: what the screen sends with the act.
        at: the moment of the entry.

    Raises:
        RuleError: someone else's member, present already, a time in the future or running backwards, ballots come in.
        StaleError: the meeting does not run, or someone has entered something later meanwhile.
    """
    meeting = lock(meeting, actor=actor, key=key)
    moment = _moment(meeting, minute, age, at)
    return _arrive(actor, meeting, member, moment=moment, at=at)


@transaction.atomic
def presence_leave(
    *,
    actor: Acting,
    meeting: Meeting,
    member: CouncilMember,
    minute: datetime | None = None,
    age: timedelta = NOW,
    key: UUID | None = None,
    at: datetime,
) -> Presence:
    """Note that a member left; arguments and errors as of `presence_arrive`."""
    meeting = lock(meeting, actor=actor, key=key)
    moment = _moment(meeting, minute, age, at)
    stay = Presence.objects.filter(meeting=meeting, member=member, left_at=None).first()
    if stay is None:
        raise RuleError(f"{member.user.short_name} сейчас не отмечен среди присутствующих.")
    if moment < stay.arrived_at:
        raise RuleError(f"Уход не может быть раньше прибытия ({ru_time(stay.arrived_at)}).")
    not_before_vote(floor_of(meeting), moment)
    stay.left_at = moment
    stay.save(update_fields=["left_at"])
    note(Verb.MEMBER_LEFT, actor, meeting, at, member=member.pk, left_at=moment.isoformat())
    return stay


@transaction.atomic
def presiding_set(
    *, actor: Acting, meeting: Meeting, member: CouncilMember, key: UUID | None = None, at: datetime
) -> Meeting:
    """Name who presides: the chair when present, else any member in the hall (S1-5.6, S1-5.7).

    Raises:
        RuleError: not in the hall, not the chair although the chair is there, or the secretary; ballots come in.
        StaleError: the meeting does not run.
    """
    meeting = lock(meeting, actor=actor, key=key)
    runs(meeting)
    no_open_vote(meeting)
    floor = floor_of(meeting)
    if member.pk not in floor.inside:
        raise RuleError("Председательствовать может только присутствующий член совета с правом голоса.")
    chair = chair_on(meeting.council, meeting.day)
    if chair is not None and chair.pk in floor.inside and chair.pk != member.pk:
        raise RuleError(f"Председатель совета присутствует: заседание ведёт {chair.user.short_name}")
    if is_secretary(meeting, member):
        raise RuleError("Секретарь не может вести заседание: протокол подписывают два разных человека.")
    _preside(actor, meeting, member, at)
    return meeting


@transaction.atomic
def meeting_end(*, actor: Acting, meeting: Meeting, at: datetime) -> Meeting:
    """Close the meeting: everyone in the hall leaves, questions left over were not considered.

    Raises:
        RuleError: there never was a quorum, nobody presided, or ballots come in.
        StaleError: it does not run.
    """
    meeting = lock(meeting)
    runs(meeting)
    floor = floor_of(meeting)
    if reason := end_obstacle(meeting, floor, item_in_vote(meeting)):
        raise RuleError(reason)
    nothing_later(floor, at)
    _empty_the_hall(meeting, at)
    move(meeting, MeetingState.ENDED, closed_at=at)
    note(Verb.MEETING_ENDED, actor, meeting, at)
    return meeting


@transaction.atomic
def meeting_not_held(*, actor: Acting, meeting: Meeting, at: datetime) -> Meeting:
    """Record that the meeting did not take place for want of a quorum; who came stays on record (3.11).

    Raises:
        RuleError: it was not convened, the time has not come, there is a quorum, or the council has voted already.
        StaleError: the meeting is over.
    """
    meeting = lock(meeting)
    if meeting.state not in (MeetingState.PLANNED, MeetingState.CONVENED, MeetingState.RUNNING):
        raise StaleError("Заседание уже завершено. Обновите страницу.")
    floor = floor_of(meeting)
    if reason := not_held_obstacle(meeting, floor, at):
        raise RuleError(reason)
    nothing_later(floor, at)
    _empty_the_hall(meeting, at)
    fields = {"closed_at": at} if meeting.opened_at else {}
    move(meeting, MeetingState.NOT_HELD, **fields)
    changes = {"reason": "нет кворума", "present": floor.present, "total": floor.total, "needed": floor.needed}
    note(Verb.MEETING_NOT_HELD, actor, meeting, at, **changes)
    tell_members(meeting, f"Заседание {ru_date(meeting.day)} не состоялось: не было кворума", at)
    return meeting


def _moment(meeting: Meeting, minute: datetime | None, age: timedelta, at: datetime) -> datetime:
    """Return the moment of an arrival or departure; a minute that is not over yet means now."""
    runs(meeting)
    no_open_vote(meeting)
    if minute is None:
        return max(happened(floor_of(meeting), at, age), meeting.opened_at or at)
    if minute == at.replace(second=0, microsecond=0):
        return at
    if minute > at:
        raise RuleError("Это время ещё не наступило.")
    if meeting.opened_at is not None and minute < meeting.opened_at:
        if minute < meeting.opened_at.replace(second=0, microsecond=0):
            raise RuleError(f"Заседание открыто в {ru_time(meeting.opened_at)}: более раннее время указать нельзя.")
        return meeting.opened_at
    return minute


def _arrive(actor: Acting, meeting: Meeting, member: CouncilMember, *, moment: datetime, at: datetime) -> Presence:
    floor = floor_of(meeting)
    if member.pk not in {known.pk for known in floor.members}:
        raise RuleError("Это не член совета с правом голоса в день заседания.")
    stays = floor.stays_of(member)
    if member.pk in floor.inside:
        raise RuleError(f"{member.user.short_name} уже среди присутствующих.")
    left = stays[-1].left_at if stays else None
    if left is not None and moment < left:
        raise RuleError(f"{member.user.short_name}: уход отмечен в {ru_time(left)}, вернуться раньше нельзя.")
    not_before_vote(floor, moment)
    stay = Presence(meeting=meeting, member=member, arrived_at=moment)
    clean(stay, exclude=["left_at"])
    stay.save()
    note(Verb.MEMBER_ARRIVED, actor, meeting, at, member=member.pk, arrived_at=moment.isoformat())
    chair = meeting.council.chair_id
    if meeting.presiding_id is None and chair == member.pk and not is_secretary(meeting, member):
        _preside(actor, meeting, member, at)
    return stay


def _preside(actor: Acting, meeting: Meeting, member: CouncilMember, at: datetime) -> None:
    meeting.presiding = member
    meeting.save(update_fields=["presiding"])
    note(Verb.PRESIDING_SET, actor, meeting, at, presiding=member.pk)


def _empty_the_hall(meeting: Meeting, at: datetime) -> None:
    Presence.objects.filter(meeting=meeting, left_at=None).update(left_at=at)
    for item in meeting.items.filter(state=ItemState.OPEN):
        move(item, ItemState.SKIPPED)
