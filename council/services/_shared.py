"""What the council's services share: the lock of a meeting, the trail, telling the members."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.urls import reverse

from council.access import MEETING_PARTS
from council.enums import FINAL_STATES, ItemState, MeetingState
from council.models import Act, AgendaItem, Council, CouncilMember, Meeting
from council.selectors.composition import composition
from council.selectors.hall import Floor
from network_portal.common.dates import ru_time
from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.services import notify
from schools.acting import Acting

#: How far apart the clocks of a screen and of the portal may put two acts that follow each other.
JITTER = timedelta(seconds=5)
#: How long a screen without a network may keep what was entered.
LONGEST_WAIT = timedelta(hours=12)


class AlreadyDoneError(RuleError):
    """What a screen sends was done already: it had not heard of it. Nothing is done a second time."""

    def __init__(self) -> None:
        super().__init__("Это уже записано.")


def lock(meeting: Meeting, *, actor: Acting | None = None, key: UUID | None = None) -> Meeting:
    """Return the meeting as it is under its lock, and let the screens that follow it know that it changes.

    Args:
        meeting: the meeting.
        actor: who acts, where there is a `key`.
        key: what the screen sends with each act, the same when it sends it again.

    Raises:
        AlreadyDoneError: an act with this key was done.
    """
    locked = Meeting.objects.select_for_update(of=("self",)).select_related(*MEETING_PARTS).get(pk=meeting.pk)
    if key is not None and actor is not None:
        _, created = Act.objects.get_or_create(meeting=locked, key=key, defaults={"by": actor.user})
        if not created:
            raise AlreadyDoneError
    if locked.state not in FINAL_STATES:
        Meeting.objects.filter(pk=locked.pk).update(revision=F("revision") + 1)
    return locked


def lock_council(council: Council) -> Council:
    return (
        Council.objects.select_for_update(of=("self",)).select_related("network", "chair", "keeper").get(pk=council.pk)
    )


def tell_members(meeting: Meeting, text: str, at: datetime) -> None:
    people = [member.user for member in composition(meeting.council, meeting.day)]
    notify(people, text, reverse("meeting", args=[meeting.pk]), at=at)


def runs(meeting: Meeting) -> None:
    if meeting.state != MeetingState.RUNNING:
        raise StaleError(f"Заседание не идёт: {meeting.get_state_display()}. Обновите страницу.")


def agenda_is_open(meeting: Meeting) -> None:
    if meeting.state not in (MeetingState.PLANNED, MeetingState.CONVENED, MeetingState.RUNNING):
        raise StaleError("Заседание завершено, повестка больше не меняется. Обновите страницу.")


def open_item(item: AgendaItem, *states: ItemState) -> AgendaItem:
    """Return the item as it is under the meeting's lock; StaleError when it is judged or gone."""
    fresh = AgendaItem.objects.filter(pk=item.pk).first()
    if fresh is None or fresh.state not in (states or (ItemState.OPEN,)):
        words = fresh.get_state_display() if fresh else "исключён из повестки"
        raise StaleError(f"Вопрос сейчас не в том состоянии: {words}. Обновите страницу.")
    return fresh


def no_open_vote(meeting: Meeting) -> None:
    """Refuse to change the hall or the agenda while ballots come in: they are counted against those present."""
    voting = meeting.items.filter(state=ItemState.VOTING).first()
    if voting is not None:
        raise RuleError(f"Идёт голосование по вопросу {voting.position}. Завершите или прервите его.")


def seat_of(actor: Acting, meeting: Meeting) -> CouncilMember:
    """Return the seat of the acting member or secretary."""
    return CouncilMember.objects.select_related("duty__user").get(council=meeting.council, duty=actor.duty)


def is_secretary(meeting: Meeting, member: CouncilMember | None) -> bool:
    if member is None or meeting.secretary is None:
        return False
    return member.user.pk == meeting.secretary.user.pk


def nothing_later(floor: Floor, at: datetime) -> None:
    if floor.last_event_at is not None and floor.last_event_at > at:
        raise StaleError("Пока вы вносили данные, явка изменилась. Обновите страницу и проверьте число присутствующих.")


def happened(floor: Floor, at: datetime, age: timedelta) -> datetime:
    """Return when that happened which a screen without a network sends only now, `age` after it was entered."""
    if not age:
        return at
    moment = at - min(age, LONGEST_WAIT)
    last = floor.last_event_at
    return last if last is not None and moment < last <= moment + JITTER else moment


def not_before_vote(floor: Floor, moment: datetime) -> None:
    """Who was present at a vote is settled by it: presence is not changed backwards."""
    if floor.last_vote_at is not None and moment < floor.last_vote_at:
        raise RuleError(
            f"В {ru_time(floor.last_vote_at)} прошло голосование: явку до него изменить нельзя. Укажите время позже."
        )
