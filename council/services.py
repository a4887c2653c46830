"""Every write of the council: convening, the hall, votes, minutes (S1-5, 3.11, 3.12).

Each service locks the row of its meeting first, so that two people at one meeting act one after the other, and looks
at the hall anew under that lock: quorum and tally are judged by who is present then, not by what a page showed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from council import voting
from council.access import PRESIDING, SECRETARY
from council.documents import minutes_of, signers_of
from council.enums import ItemRule, ItemState, MeetingKind, MeetingState, Verb
from council.models import AgendaItem, Council, CouncilMember, Decision, Meeting, Presence, Vote
from council.selectors import (
    Floor,
    chair_on,
    composition,
    end_obstacle,
    floor_of,
    kinds_allowed,
    not_held_obstacle,
    open_obstacle,
    vote_obstacle,
    voters,
)
from council.voting import Tally
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day, ru_date, ru_time
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.services import (
    SignerSlot,
    document_draft,
    document_refuse,
    document_register,
    document_revise,
    document_sign,
)
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.services.duties import duty_end

# --- before -------------------------------------------------------------------------------------------------------


@transaction.atomic
def meeting_plan(
    *, actor: Acting, council: Council, kind: str, planned_at: datetime, place: str, at: datetime
) -> Meeting:
    """Convene the council and tell its members (S1-5.7); the same meeting convened twice is one.

    Args:
        actor: the secretary or the chair.
        council: the council, through the gate.
        kind: a value of `MeetingKind`; the first meeting until a chair is in office (S1-5.6).
        planned_at: when; today or later in the network's time zone.
        place: a room, or the link of a remote meeting.
        at: the moment.

    Raises:
        RuleError: on the fields "planned_at" and "kind".
    """
    council = _lock_council(council)
    day = local_day(planned_at, council.network.time_zone)
    if day < local_day(at, council.network.time_zone):
        raise RuleError("Эта дата уже прошла. Укажите сегодняшнюю или более позднюю.", field="planned_at")
    if kind not in dict(kinds_allowed(council, day)):
        if kind == MeetingKind.FIRST:
            raise RuleError("Председатель уже избран: первое заседание состоялось.", field="kind")
        raise RuleError("Председатель ещё не избран: сначала проводится первое заседание.", field="kind")
    same = Meeting.objects.filter(
        council=council, kind=kind, planned_at=planned_at, place=place.strip(), state=MeetingState.PLANNED
    ).first()
    if same is not None:
        return same
    meeting = Meeting(council=council, kind=kind, planned_at=planned_at, place=place.strip())
    clean(meeting, exclude=["opened_at", "closed_at", "presiding", "secretary", "document"])
    meeting.save()
    _record(Verb.MEETING_PLANNED, actor, meeting, at, planned_at=planned_at.isoformat(), place=meeting.place)
    text = f"Заседание координационного совета назначено на {ru_date(day)}, начало в {ru_time(planned_at)}"
    _tell_members(meeting, text, at)
    return meeting


@transaction.atomic
def item_add(
    *,
    actor: Acting,
    meeting: Meeting,
    title: str,
    speaker: str,
    proposal: str,
    rule: str = ItemRule.ORDINARY,
    candidate: CouncilMember | None = None,
    at: datetime,
) -> AgendaItem:
    """Put a question on the agenda, with the draft of its decision; also while the meeting runs.

    The same open question sent twice is one.

    Raises:
        RuleError: on the field "candidate": the election needs a member with a vote, and no chair in office (S1-5.6);
            a removal needs the member concerned (S1-5.9).
        StaleError: the meeting is over.
    """
    meeting = _lock(meeting)
    _agenda_is_open(meeting)
    if rule in (ItemRule.ELECTION, ItemRule.REMOVAL):
        _candidate_fits(meeting, rule, candidate)
    else:
        candidate = None
    same = meeting.items.filter(
        title=title.strip(), proposal=proposal.strip(), rule=rule, candidate=candidate, state=ItemState.OPEN
    ).first()
    if same is not None:
        return same
    item = AgendaItem(
        meeting=meeting,
        position=meeting.items.count() + 1,
        title=title.strip(),
        speaker=speaker.strip(),
        proposal=proposal.strip(),
        rule=rule,
        candidate=candidate,
    )
    clean(item)
    item.save()
    _record(Verb.ITEM_ADDED, actor, meeting, at, item=item.pk, title=item.title, rule=item.rule)
    return item


@transaction.atomic
def item_remove(*, actor: Acting, item: AgendaItem, at: datetime) -> None:
    """Take a question off the agenda; those behind it move up.

    Raises:
        StaleError: the question was judged already, or the meeting is over.
        RuleError: it is the last question of a meeting that runs.
    """
    meeting = _lock(item.meeting)
    _agenda_is_open(meeting)
    item = _open_item(item)
    if meeting.state == MeetingState.RUNNING and meeting.items.count() == 1:
        raise RuleError("Это единственный вопрос повестки: без него заседание проводить нельзя.")
    item.delete()
    meeting.items.filter(position__gt=item.position).update(position=F("position") - 1)
    _record(Verb.ITEM_REMOVED, actor, meeting, at, title=item.title)


# --- during -------------------------------------------------------------------------------------------------------


@transaction.atomic
def meeting_open(*, actor: Acting, meeting: Meeting, present: Iterable[CouncilMember] = (), at: datetime) -> Meeting:
    """Open the meeting with those who are already in the hall; the chair presides if there.

    Whoever opens it keeps the record. A quorum is not needed to open, only to vote (3.11).

    Raises:
        RuleError: the agenda is empty, or the day has not come.
        StaleError: it is open already.
    """
    meeting = _lock(meeting)
    if meeting.state != MeetingState.PLANNED:
        raise StaleError("Заседание уже открыто или завершено. Обновите страницу.")
    today = local_day(at, meeting.council.network.time_zone)
    if reason := open_obstacle(meeting, today, meeting.items.count()):
        raise RuleError(reason)
    secretary = _secretary(actor, meeting)
    move(meeting, MeetingState.RUNNING, opened_at=at, secretary=secretary)
    _record(Verb.MEETING_OPENED, actor, meeting, at, secretary=secretary.pk)
    for member in present:
        _arrive(actor, meeting, member, moment=at, at=at)
    return meeting


@transaction.atomic
def presence_arrive(
    *, actor: Acting, meeting: Meeting, member: CouncilMember, minute: datetime | None = None, at: datetime
) -> Presence:
    """Note that a member came, or came back.

    Args:
        actor: the secretary.
        meeting: a meeting that runs.
        member: a member of this council with a vote on this day.
        minute: when, if not now; what was settled by a vote is not changed afterwards.
        at: the moment of the entry.

    Raises:
        RuleError: someone else's member, present already, a time in the future or running backwards.
        StaleError: the meeting does not run, or someone has entered something later meanwhile.
    """
    meeting = _lock(meeting)
    moment = _moment(meeting, minute, at)
    return _arrive(actor, meeting, member, moment=moment, at=at)


@transaction.atomic
def presence_leave(
    *, actor: Acting, meeting: Meeting, member: CouncilMember, minute: datetime | None = None, at: datetime
) -> Presence:
    """Note that a member left; arguments and errors as of `presence_arrive`."""
    meeting = _lock(meeting)
    moment = _moment(meeting, minute, at)
    stay = Presence.objects.filter(meeting=meeting, member=member, left_at=None).first()
    if stay is None:
        raise RuleError(f"{member.user.short_name} сейчас не отмечен среди присутствующих.")
    if moment < stay.arrived_at:
        raise RuleError(f"Уход не может быть раньше прибытия ({ru_time(stay.arrived_at)}).")
    _not_before_vote(floor_of(meeting), moment)
    stay.left_at = moment
    stay.save(update_fields=["left_at"])
    _record(Verb.MEMBER_LEFT, actor, meeting, at, member=member.pk, left_at=moment.isoformat())
    return stay


@transaction.atomic
def presiding_set(*, actor: Acting, meeting: Meeting, member: CouncilMember, at: datetime) -> Meeting:
    """Name who presides: the chair when present, else any member in the hall (S1-5.6, S1-5.7).

    Raises:
        RuleError: not in the hall, not the chair although the chair is there, or the secretary.
        StaleError: the meeting does not run.
    """
    meeting = _lock(meeting)
    _runs(meeting)
    floor = floor_of(meeting)
    if member.pk not in floor.inside:
        raise RuleError("Председательствовать может только присутствующий член совета с правом голоса.")
    chair = chair_on(meeting.council, meeting.day)
    if chair is not None and chair.pk in floor.inside and chair.pk != member.pk:
        raise RuleError(f"Председатель совета присутствует: заседание ведёт {chair.user.short_name}")
    if _is_secretary(meeting, member):
        raise RuleError("Секретарь не может вести заседание: протокол подписывают два разных человека.")
    _preside(actor, meeting, member, at)
    return meeting


@transaction.atomic
def vote_record(
    *,
    actor: Acting,
    item: AgendaItem,
    tally: Tally,
    heard: str = "",
    executor: str = "",
    due: date | None = None,
    at: datetime,
) -> Vote:
    """Record how the council voted, and judge it by the rule of the item (S1-5.5, S1-5.9, 3.12).

    Args:
        actor: the secretary.
        item: an item not yet judged.
        tally: the counted votes; they sum to those present at this moment.
        heard: what the speaker said, for the minutes; empty keeps what was written.
        executor: who carries the decision out.
        due: by when.
        at: the moment of the vote.

    Returns:
        The vote; an adopted item has a decision now, which takes effect with the signed minutes.

    Raises:
        RuleError: no quorum, nobody presides, the tally does not sum to those present, another election was adopted.
        StaleError: the item was judged already, or the hall has changed since `at`.
    """
    meeting = _lock(item.meeting)
    item = _open_item(item)
    floor = floor_of(meeting)
    if reason := vote_obstacle(meeting, floor):
        raise RuleError(reason)
    _nothing_later(floor, at)
    if not voting.tally_fits(tally, floor.present):
        raise RuleError(
            f"Сумма голосов {tally.sum}, а присутствуют {floor.present}. "
            "Проверьте подсчёт: за, против, воздержались и не голосовали вместе дают число присутствующих."
        )
    if item.rule == ItemRule.ELECTION:
        _election_is_free(meeting)
    vote = Vote(
        item=item,
        at=at,
        total=floor.total,
        present=floor.present,
        votes_for=tally.votes_for,
        against=tally.against,
        abstained=tally.abstained,
        not_voted=tally.not_voted,
    )
    clean(vote)
    vote.save()
    adopted = voting.adopted(item.rule, total=vote.total, present=vote.present, votes_for=vote.votes_for)
    move(item, ItemState.ADOPTED if adopted else ItemState.REJECTED, heard=heard.strip() or item.heard)
    if adopted:
        decision = Decision(item=item, text=item.proposal, executor=executor.strip(), due=due)
        clean(decision, exclude=["effective_at"])
        decision.save()
    _record(
        Verb.VOTE_RECORDED,
        actor,
        meeting,
        at,
        item=item.pk,
        present=vote.present,
        total=vote.total,
        votes=[vote.votes_for, vote.against, vote.abstained, vote.not_voted],
        adopted=adopted,
    )
    return vote


@transaction.atomic
def item_heard(*, actor: Acting, item: AgendaItem, heard: str, seen: str = "", at: datetime) -> AgendaItem:
    """Write down what was said on an item, until the minutes are submitted.

    Args:
        actor: the secretary.
        item: an item of the agenda.
        heard: what was said.
        seen: what the page showed, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        StaleError: the minutes are being signed, or are signed; the record was changed by someone else meanwhile.
    """
    meeting = _lock(item.meeting)
    if meeting.state not in (MeetingState.RUNNING, MeetingState.ENDED):
        raise StaleError("Записать выступления можно до передачи протокола на подпись. Обновите страницу.")
    item = AgendaItem.objects.get(pk=item.pk)
    check_seen(seen, {"heard": item.heard})
    item.heard = heard.strip()
    item.save(update_fields=["heard"])
    _record(Verb.ITEM_HEARD, actor, meeting, at, item=item.pk)
    return item


@transaction.atomic
def meeting_end(*, actor: Acting, meeting: Meeting, at: datetime) -> Meeting:
    """Close the meeting: everyone in the hall leaves, questions left over were not considered.

    Raises:
        RuleError: there never was a quorum, or nobody presided.
        StaleError: it does not run.
    """
    meeting = _lock(meeting)
    _runs(meeting)
    floor = floor_of(meeting)
    if reason := end_obstacle(meeting, floor):
        raise RuleError(reason)
    _nothing_later(floor, at)
    _empty_the_hall(meeting, at)
    move(meeting, MeetingState.ENDED, closed_at=at)
    _record(Verb.MEETING_ENDED, actor, meeting, at)
    return meeting


@transaction.atomic
def meeting_not_held(*, actor: Acting, meeting: Meeting, at: datetime) -> Meeting:
    """Record that the meeting did not take place for want of a quorum; who came stays on record (3.11).

    Raises:
        RuleError: the time has not come, there is a quorum, or the council has voted already.
        StaleError: the meeting is over.
    """
    meeting = _lock(meeting)
    if meeting.state not in (MeetingState.PLANNED, MeetingState.RUNNING):
        raise StaleError("Заседание уже завершено. Обновите страницу.")
    floor = floor_of(meeting)
    if reason := not_held_obstacle(meeting, floor, at):
        raise RuleError(reason)
    _nothing_later(floor, at)
    _empty_the_hall(meeting, at)
    fields = {"closed_at": at} if meeting.opened_at else {}
    move(meeting, MeetingState.NOT_HELD, **fields)
    changes = {"reason": "нет кворума", "present": floor.present, "total": floor.total, "needed": floor.needed}
    _record(Verb.MEETING_NOT_HELD, actor, meeting, at, **changes)
    _tell_members(meeting, f"Заседание {ru_date(meeting.day)} не состоялось: не было кворума", at)
    return meeting


# --- after --------------------------------------------------------------------------------------------------------


@transaction.atomic
def minutes_submit(*, actor: Acting, meeting: Meeting, at: datetime) -> Document:
    """Draw up the minutes (T18) from what happened and hand them to the two who sign.

    Raises:
        RuleError: the same person would sign twice.
        StaleError: the minutes are being signed already, or the meeting has not ended.
    """
    meeting = _lock(meeting)
    if meeting.state != MeetingState.ENDED:
        raise StaleError("Протокол составляется после закрытия заседания и до подписания. Обновите страницу.")
    meeting.secretary = _secretary(actor, meeting)
    if _is_secretary(meeting, meeting.presiding):
        raise RuleError("Председательствующий и секретарь – один человек: протокол должен передать другой секретарь.")
    paper = minutes_of(meeting)
    slots = [SignerSlot(key, capacity) for key, capacity in signers_of(meeting)]
    if meeting.document is None:
        document = document_draft(
            actor=actor.user, organisation=meeting.council.keeper, paper=paper, signers=slots, at=at
        )
    else:
        document = meeting.document
        document_revise(document=document, paper=paper, actor=actor.user, signers=slots, at=at)
    move(meeting, MeetingState.SIGNING, document=document, secretary=meeting.secretary)
    _record(Verb.MINUTES_SUBMITTED, actor, meeting, at, document=document.pk)
    if meeting.presiding is not None:
        notify(
            [meeting.presiding.user],
            f"Протокол заседания {ru_date(meeting.day)} ждёт вашей подписи",
            reverse("meeting", args=[meeting.pk]),
            at=at,
        )
    return document


@transaction.atomic
def minutes_sign(
    *,
    actor: Acting,
    meeting: Meeting,
    slot: str,
    proof: Proof | SignedElsewhere,
    version_sha256: str,
    at: datetime,
    ip: str = "",
) -> Meeting:
    """Sign the minutes in the person's own place; the second signature registers them and gives decisions effect.

    Args:
        actor: who presided, or the secretary; the secretary registers what either of them signed on paper.
        meeting: a meeting whose minutes are being signed.
        slot: the person's own place, from the gate.
        proof: the password and the one-time code, typed for this signature; or what was signed on paper.
        version_sha256: the hash of the version that the person saw.
        at: the moment.
        ip: the address of the request.

    Raises:
        RuleError: not the person's place or turn, signed as the other already, a wrong password or code.
        StaleError: the minutes have changed, or are signed.
    """
    council = _lock_council(meeting.council)
    meeting = _lock(meeting)
    document = _being_signed(meeting)
    if isinstance(proof, Proof):
        _own_slot(actor, meeting, slot)
    document_sign(
        document=document,
        version_sha256=version_sha256,
        slot=slot,
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
    )
    if slot == PRESIDING:
        _record(Verb.MINUTES_SIGNED_BY_ONE, actor, meeting, at, slot=slot)
        if meeting.secretary is not None:
            text = f"Протокол заседания {ru_date(meeting.day)} подписал председательствующий, ждёт вашей подписи"
            notify([meeting.secretary.user], text, reverse("meeting", args=[meeting.pk]), at=at)
        return meeting
    today = local_day(at, council.network.time_zone)
    document_register(document=document, on=today, at=at, actor=actor.user)
    _take_effect(actor, council, meeting, today, at)
    move(meeting, MeetingState.CLOSED)
    _record(Verb.MINUTES_SIGNED, actor, meeting, at, document=document.pk)
    _tell_members(meeting, f"Протокол заседания {ru_date(meeting.day)} подписан, решения вступили в силу", at)
    return meeting


@transaction.atomic
def minutes_return(
    *, actor: Acting, meeting: Meeting, slot: str, reason: str, version_sha256: str | None = None, at: datetime
) -> Meeting:
    """Refuse to sign: the minutes go back to be drawn up anew, and earlier signatures no longer count.

    Raises:
        RuleError: no reason (field "reason"), not the person's place, or signed there already.
        StaleError: the minutes have changed, or are signed.
    """
    meeting = _lock(meeting)
    document = _being_signed(meeting)
    _own_slot(actor, meeting, slot)
    document_refuse(
        document=document, slot=slot, signer=actor.user, reason=reason, version_sha256=version_sha256, at=at
    )
    move(meeting, MeetingState.ENDED)
    _record(Verb.MINUTES_RETURNED, actor, meeting, at, slot=slot)
    signers = [member.user for member in (meeting.presiding, meeting.secretary) if member is not None]
    text = f"Протокол заседания {ru_date(meeting.day)} возвращён на доработку: {reason.strip()}"
    notify(signers, text, reverse("meeting", args=[meeting.pk]), at=at)
    return meeting


# --- what services share ------------------------------------------------------------------------------------------


def _lock(meeting: Meeting) -> Meeting:
    return (
        Meeting.objects.select_for_update(of=("self",))
        .select_related(
            "council__network",
            "council__keeper",
            "council__chair__duty__user",
            "presiding__duty__user",
            "secretary__duty__user",
            "document",
        )
        .get(pk=meeting.pk)
    )


def _lock_council(council: Council) -> Council:
    return Council.objects.select_for_update(of=("self",)).select_related("network", "chair").get(pk=council.pk)


def _record(verb: Verb, actor: Acting, meeting: Meeting, at: datetime, **changes: object) -> None:
    record(verb, actor=actor.user, organisation=actor.organisation, target=meeting, at=at, changes=changes)


def _tell_members(meeting: Meeting, text: str, at: datetime) -> None:
    people = [member.user for member in composition(meeting.council, meeting.day)]
    notify(people, text, reverse("meeting", args=[meeting.pk]), at=at)


def _runs(meeting: Meeting) -> None:
    if meeting.state != MeetingState.RUNNING:
        raise StaleError(f"Заседание не идёт: {meeting.get_state_display()}. Обновите страницу.")


def _agenda_is_open(meeting: Meeting) -> None:
    if meeting.state not in (MeetingState.PLANNED, MeetingState.RUNNING):
        raise StaleError("Заседание завершено, повестка больше не меняется. Обновите страницу.")


def _open_item(item: AgendaItem) -> AgendaItem:
    """Return the item as it is under the meeting's lock; StaleError when it is judged or gone."""
    fresh = AgendaItem.objects.filter(pk=item.pk).first()
    if fresh is None or fresh.state != ItemState.OPEN:
        words = fresh.get_state_display() if fresh else "исключён из повестки"
        raise StaleError(f"Вопрос уже закрыт: {words}. Обновите страницу.")
    return fresh


def _candidate_fits(meeting: Meeting, rule: str, candidate: CouncilMember | None) -> None:
    if candidate is None or not voters(meeting.council, meeting.day).filter(pk=candidate.pk).exists():
        raise RuleError("Укажите члена этого совета с правом голоса.", field="candidate")
    if rule == ItemRule.ELECTION and chair_on(meeting.council, meeting.day) is not None:
        raise RuleError("Председатель уже избран: выборы проводятся, когда председателя нет.", field="candidate")


def _election_is_free(meeting: Meeting) -> None:
    """Refuse a second election while the first one waits for its minutes: two chairs could take office."""
    waiting = Decision.objects.filter(
        item__rule=ItemRule.ELECTION, item__meeting__council=meeting.council, effective_at=None
    )
    if chair_on(meeting.council, meeting.day) is not None or waiting.exists():
        raise RuleError("Председатель уже избран. Этот вопрос исключите из повестки.")


def _secretary(actor: Acting, meeting: Meeting) -> CouncilMember:
    """Return the seat of the acting secretary."""
    return CouncilMember.objects.select_related("duty__user").get(council=meeting.council, duty=actor.duty)


def _is_secretary(meeting: Meeting, member: CouncilMember | None) -> bool:
    if member is None or meeting.secretary is None:
        return False
    return member.user.pk == meeting.secretary.user.pk


def _moment(meeting: Meeting, minute: datetime | None, at: datetime) -> datetime:
    """Return the moment of an arrival or departure; a minute that is not over yet means now."""
    _runs(meeting)
    if minute is None or minute == at.replace(second=0, microsecond=0):
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
    _not_before_vote(floor, moment)
    stay = Presence(meeting=meeting, member=member, arrived_at=moment)
    clean(stay, exclude=["left_at"])
    stay.save()
    _record(Verb.MEMBER_ARRIVED, actor, meeting, at, member=member.pk, arrived_at=moment.isoformat())
    chair = meeting.council.chair_id
    if meeting.presiding_id is None and chair == member.pk and not _is_secretary(meeting, member):
        _preside(actor, meeting, member, at)
    return stay


def _not_before_vote(floor: Floor, moment: datetime) -> None:
    """Who was present at a vote is settled by it: presence is not changed backwards."""
    if floor.last_vote_at is not None and moment < floor.last_vote_at:
        raise RuleError(
            f"В {ru_time(floor.last_vote_at)} прошло голосование: явку до него изменить нельзя. Укажите время позже."
        )


def _nothing_later(floor: Floor, at: datetime) -> None:
    if floor.last_event_at is not None and floor.last_event_at > at:
        raise StaleError("Пока вы вносили данные, явка изменилась. Обновите страницу и проверьте число присутствующих.")


def _preside(actor: Acting, meeting: Meeting, member: CouncilMember, at: datetime) -> None:
    meeting.presiding = member
    meeting.save(update_fields=["presiding"])
    _record(Verb.PRESIDING_SET, actor, meeting, at, presiding=member.pk)


def _empty_the_hall(meeting: Meeting, at: datetime) -> None:
    Presence.objects.filter(meeting=meeting, left_at=None).update(left_at=at)
    for item in meeting.items.filter(state=ItemState.OPEN):
        move(item, ItemState.SKIPPED)


def _being_signed(meeting: Meeting) -> Document:
    if meeting.state != MeetingState.SIGNING or meeting.document is None:
        raise StaleError(f"Протокол сейчас не подписывается: {meeting.get_state_display()}. Обновите страницу.")
    return meeting.document


def _own_slot(actor: Acting, meeting: Meeting, slot: str) -> None:
    seat = {PRESIDING: meeting.presiding, SECRETARY: meeting.secretary}.get(slot)
    if seat is None or actor.duty is None or seat.duty_id != actor.duty.pk:
        raise RuleError("Это место для подписи другого человека.")


def _take_effect(actor: Acting, council: Council, meeting: Meeting, today: date, at: datetime) -> None:
    """Switch on what the council decided: nothing takes effect before the minutes are signed (3.12)."""
    decisions = Decision.objects.filter(item__meeting=meeting).select_related("item__candidate__duty")
    for decision in decisions.order_by("item__position"):
        decision.effective_at = at
        decision.save(update_fields=["effective_at"])
        member = decision.item.candidate
        if member is None:
            continue
        if decision.item.rule == ItemRule.ELECTION:
            council.chair = member
            council.save(update_fields=["chair"])
            verb = Verb.CHAIR_TOOK_OFFICE
        else:
            if member.duty.date_to is None or member.duty.date_to > today:
                duty_end(actor=actor, duty=member.duty, on=today + timedelta(days=1), at=at)
            verb = Verb.MEMBER_REMOVED
        record(
            verb,
            actor=actor.user,
            organisation=actor.organisation,
            target=council,
            at=at,
            changes={"member": member.pk, "meeting": meeting.pk},
        )
