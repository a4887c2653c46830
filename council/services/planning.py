"""Before a meeting: convening with notice and agenda, moving, cancelling, answers, materials (S1-5.7, 3.11)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from council.enums import MeetingKind, MeetingState, Verb
from council.models import AgendaItem, Answer, Council, Material, Meeting
from council.selectors.composition import composition, kinds_allowed
from council.selectors.hall import convene_obstacle
from council.services._shared import agenda_is_open, lock, lock_council, seat_of, tell_members
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day, ru_date, ru_time
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import plural
from network_portal.common.states import move
from network_portal.documents.services import file_keep
from network_portal.documents.uploads import Upload
from network_portal.outbox.services import emit
from schools.acting import Acting
from schools.services.trail import note

#: What is filled in later, or may stay empty.
LATER = [
    "opened_at", "closed_at", "presiding", "secretary", "document", "convened_at", "review_until",
    "short_notice", "cancel_reason", "invited",
]  # fmt: skip


@transaction.atomic
def meeting_plan(
    *,
    actor: Acting,
    council: Council,
    kind: str,
    planned_at: datetime,
    place: str,
    invited: str = "",
    at: datetime,
) -> Meeting:
    """Name the day of a meeting, so that its agenda can be drawn up (S1-5.7); the same one named twice is one.

    Nobody is invited yet: `meeting_convene` does that, with the agenda.

    Args:
        actor: the secretary or the chair.
        council: the council, through the gate.
        kind: a value of `MeetingKind`; the first meeting until a chair is in office (S1-5.6).
        planned_at: when; today or later in the network's time zone.
        place: a room, or the link of a remote meeting.
        invited: who is asked to come without a vote.
        at: the moment.

    Raises:
        RuleError: on the fields "planned_at" and "kind".
    """
    council = lock_council(council)
    day = _day_to_come(planned_at, council, at)
    if kind not in dict(kinds_allowed(council, day)):
        if kind == MeetingKind.FIRST:
            raise RuleError("Председатель уже избран: первое заседание состоялось.", field="kind")
        raise RuleError("Председатель ещё не избран: сначала проводится первое заседание.", field="kind")
    same = Meeting.objects.filter(
        council=council, kind=kind, planned_at=planned_at, place=place.strip(), state=MeetingState.PLANNED
    ).first()
    if same is not None:
        return same
    meeting = Meeting(council=council, kind=kind, planned_at=planned_at, place=place.strip(), invited=invited.strip())
    clean(meeting, exclude=LATER)
    meeting.save()
    note(Verb.MEETING_PLANNED, actor, meeting, at, planned_at=planned_at.isoformat(), place=meeting.place)
    return meeting


@transaction.atomic
def meeting_convene(*, actor: Acting, meeting: Meeting, short_notice: str = "", at: datetime) -> Meeting:
    """Invite the members with the agenda and the materials, in time (3.11).

    Args:
        actor: the secretary or the chair.
        meeting: a planned meeting with an agenda.
        short_notice: why the first or an extraordinary meeting is convened later than the council has set.
        at: the moment.

    Raises:
        RuleError: no agenda, the day is over; the notice is too short, on the field "short_notice".
        StaleError: the invitations were sent already.
    """
    meeting = lock(meeting)
    if meeting.state != MeetingState.PLANNED:
        raise StaleError("Приглашения уже направлены. Обновите страницу.")
    today = local_day(at, meeting.council.network.time_zone)
    if reason := convene_obstacle(meeting, today, meeting.items.count()):
        raise RuleError(reason)
    short_notice = _notice(meeting, today, short_notice)
    move(meeting, MeetingState.CONVENED, convened_at=at, short_notice=short_notice)
    note(Verb.MEETING_CONVENED, actor, meeting, at, short_notice=short_notice)
    _invite(meeting, at)
    tell_members(meeting, f"Вы приглашены на заседание совета {_when(meeting)}. Ответьте, придёте ли вы.", at)
    return meeting


@transaction.atomic
def meeting_move(
    *, actor: Acting, meeting: Meeting, planned_at: datetime, place: str, short_notice: str = "", at: datetime
) -> Meeting:
    """Move a meeting that has not begun; whoever was invited gets a new invitation and answers again.

    Raises:
        RuleError: on "planned_at"; the notice is too short, on "short_notice".
        StaleError: it has begun, or is cancelled.
    """
    meeting = lock(meeting)
    if meeting.state not in (MeetingState.PLANNED, MeetingState.CONVENED):
        raise StaleError("Перенести можно только заседание, которое не началось. Обновите страницу.")
    _day_to_come(planned_at, meeting.council, at)
    meeting.planned_at, meeting.place = planned_at, place.strip()
    convened = meeting.state == MeetingState.CONVENED
    if convened:
        today = local_day(at, meeting.council.network.time_zone)
        meeting.short_notice = _notice(meeting, today, short_notice)
        meeting.sequence += 1
    clean(meeting, exclude=LATER)
    meeting.save(update_fields=["planned_at", "place", "short_notice", "sequence"])
    note(Verb.MEETING_MOVED, actor, meeting, at, planned_at=planned_at.isoformat(), place=meeting.place)
    if convened:
        Answer.objects.filter(meeting=meeting).delete()
        _invite(meeting, at)
        tell_members(meeting, f"Заседание совета перенесено на {_when(meeting)}. Ответьте снова, придёте ли вы.", at)
    return meeting


@transaction.atomic
def meeting_cancel(*, actor: Acting, meeting: Meeting, reason: str, at: datetime) -> Meeting:
    """Call a meeting off; whoever was invited is told.

    Raises:
        RuleError: no reason, on the field "reason".
        StaleError: it has begun, or is cancelled.
    """
    if not reason.strip():
        raise RuleError("Укажите причину: её получат приглашённые.", field="reason")
    meeting = lock(meeting)
    invited = meeting.state == MeetingState.CONVENED
    move(meeting, MeetingState.CANCELLED, cancel_reason=reason.strip(), sequence=meeting.sequence + 1)
    note(Verb.MEETING_CANCELLED, actor, meeting, at, reason=meeting.cancel_reason)
    if invited:
        _invite(meeting, at)
        tell_members(meeting, f"Заседание {ru_date(meeting.day)} отменено: {meeting.cancel_reason}", at)
    return meeting


@transaction.atomic
def meeting_answer(*, actor: Acting, meeting: Meeting, coming: bool, reason: str = "", at: datetime) -> Answer:
    """Say whether one comes; the latest word counts.

    Raises:
        StaleError: the meeting is not convened, or has begun.
        RuleError: the secretary has no vote and is not counted.
    """
    meeting = lock(meeting)
    if meeting.state != MeetingState.CONVENED:
        raise StaleError("Ответить на приглашение можно до начала заседания. Обновите страницу.")
    member = seat_of(actor, meeting)
    if not member.voting:
        raise RuleError("Ответ нужен от членов с правом голоса: по ним считают кворум.")
    answer, _ = Answer.objects.update_or_create(
        meeting=meeting,
        member=member,
        defaults={"coming": coming, "reason": "" if coming else reason.strip()[:200], "at": at},
    )
    note(Verb.MEETING_ANSWERED, actor, meeting, at, member=member.pk, coming=coming)
    return answer


@transaction.atomic
def material_add(
    *, actor: Acting, meeting: Meeting, item: AgendaItem | None, title: str, upload: Upload, at: datetime
) -> Material:
    """Hand out a file with the agenda, until the meeting ends.

    Raises:
        StaleError: the meeting is over.
    """
    meeting = lock(meeting)
    agenda_is_open(meeting)
    kept = file_keep(upload=upload, by=actor.user, at=at)
    material = Material(meeting=meeting, item=item, title=title.strip(), file=kept)
    clean(material)
    material.save()
    note(Verb.MATERIAL_ADDED, actor, meeting, at, title=material.title, sha256=kept.sha256)
    if meeting.state == MeetingState.CONVENED:
        tell_members(meeting, f"К заседанию {ru_date(meeting.day)} добавлен материал: {material.title}", at)
    return material


@transaction.atomic
def material_remove(*, actor: Acting, material: Material, at: datetime) -> None:
    """Take a file back before the meeting is over.

    Raises:
        StaleError: the meeting is over.
    """
    meeting = lock(material.meeting)
    agenda_is_open(meeting)
    note(Verb.MATERIAL_REMOVED, actor, meeting, at, title=material.title)
    Material.objects.filter(pk=material.pk).delete()


def _day_to_come(planned_at: datetime, council: Council, at: datetime) -> date:
    day = local_day(planned_at, council.network.time_zone)
    if day < local_day(at, council.network.time_zone):
        raise RuleError("Эта дата уже прошла. Укажите сегодняшнюю или более позднюю.", field="planned_at")
    return day


def _notice(meeting: Meeting, today: date, reason: str) -> str:
    """Return why the notice is too short, empty when it is not; a regular meeting is never convened late."""
    days = meeting.council.notice_days
    if (meeting.day - today).days >= days:
        return ""
    term = f"{days}\u00a0{plural(days, 'день,дня,дней')}"
    if meeting.kind == MeetingKind.REGULAR:
        raise RuleError(
            f"До заседания меньше, чем {term}: перенесите его или созовите как внеочередное.", field="short_notice"
        )
    if not reason.strip():
        raise RuleError(
            f"До заседания меньше, чем {term}. Укажите причину: её внесут в протокол.", field="short_notice"
        )
    return reason.strip()


def _invite(meeting: Meeting, at: datetime) -> None:
    for member in composition(meeting.council, meeting.day):
        emit(
            topic="council.invitation",
            key=f"meeting:{meeting.pk}:invitation:{meeting.sequence}:{member.pk}",
            payload={"meeting_id": meeting.pk, "member_id": member.pk, "sequence": meeting.sequence},
            at=at,
        )


def _when(meeting: Meeting) -> str:
    return f"{ru_date(meeting.day)}, начало в {ru_time(meeting.planned_at)}"
