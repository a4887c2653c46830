"""After a meeting: the draft for the members, remarks, dissent, two signatures by two people (S1-5.5, 3.11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from council.access import PRESIDING, SECRETARY
from council.documents import minutes_of, signers_of
from council.enums import ItemState, MeetingState, Verb
from council.models import AgendaItem, Dissent, Meeting, Remark
from council.selectors.minutes import submit_obstacle
from council.services._shared import is_secretary, lock, lock_council, seat_of, tell_members
from council.services.effects import take_effect
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day, ru_date
from network_portal.common.errors import RuleError, StaleError
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
from schools.services.trail import note


@transaction.atomic
def minutes_circulate(*, actor: Acting, meeting: Meeting, at: datetime) -> Meeting:
    """Show the draft of the minutes to the members, who have the days that the council has set for remarks (3.11).

    Raises:
        StaleError: the meeting has not ended, or the draft was shown already.
    """
    meeting = lock(meeting)
    if meeting.state != MeetingState.ENDED:
        raise StaleError("Проект протокола показывают членам совета после закрытия заседания. Обновите страницу.")
    until = local_day(at, meeting.council.network.time_zone) + timedelta(days=meeting.council.remark_days)
    move(meeting, MeetingState.REVIEW, review_until=until)
    note(Verb.MINUTES_CIRCULATED, actor, meeting, at, until=until.isoformat())
    text = f"Проект протокола заседания {ru_date(meeting.day)} готов: замечания принимаются по {ru_date(until)}"
    tell_members(meeting, text, at)
    return meeting


@transaction.atomic
def remark_add(*, actor: Acting, meeting: Meeting, text: str, at: datetime) -> Remark:
    """Say what is wrong in the draft of the minutes; without a text, that it was read and is right.

    Raises:
        StaleError: the draft is not shown to the members.
    """
    meeting = lock(meeting)
    _under_review(meeting)
    member = seat_of(actor, meeting)
    same = Remark.objects.filter(meeting=meeting, member=member, text=text.strip()).first()
    if same is not None:
        return same
    remark = Remark(meeting=meeting, member=member, text=text.strip(), at=at)
    clean(remark)
    remark.save()
    note(Verb.REMARK_MADE, actor, meeting, at, member=member.pk, remark=bool(remark.text))
    if remark.text and meeting.secretary is not None:
        told = f"Замечание к протоколу заседания {ru_date(meeting.day)}: {member.user.short_name}"
        notify([meeting.secretary.user], told, reverse("meeting", args=[meeting.pk]), at=at)
    return remark


@transaction.atomic
def remark_answer(*, actor: Acting, remark: Remark, answer: str, at: datetime) -> Remark:
    """Say what was done with a remark; each one is answered before the minutes are signed.

    Raises:
        RuleError: no answer, on the field "answer".
        StaleError: the minutes are being signed, or are signed.
    """
    if not answer.strip():
        raise RuleError("Напишите, что исправлено, или почему нет.", field="answer")
    meeting = lock(remark.meeting)
    if meeting.state not in (MeetingState.REVIEW, MeetingState.ENDED):
        raise StaleError("Протокол уже передан на подпись. Обновите страницу.")
    remark.answer = answer.strip()
    remark.save(update_fields=["answer"])
    note(Verb.REMARK_ANSWERED, actor, meeting, at, remark=remark.pk)
    told = f"Ответ на ваше замечание к протоколу заседания {ru_date(meeting.day)}"
    notify([remark.member.user], told, reverse("meeting", args=[meeting.pk]), at=at)
    return remark


@transaction.atomic
def dissent_state(*, actor: Acting, item: AgendaItem, text: str, at: datetime) -> Dissent:
    """State one's dissenting opinion on a question that was put to the vote; the latest words print in the minutes.

    Raises:
        RuleError: no text, no vote in the council, or one was not at the meeting.
        StaleError: the question was not voted on, or the minutes are being signed.
    """
    if not text.strip():
        raise RuleError("Изложите особое мнение.", field="text")
    meeting = lock(item.meeting)
    if meeting.state not in (MeetingState.RUNNING, MeetingState.ENDED, MeetingState.REVIEW):
        raise StaleError("Особое мнение вносят до передачи протокола на подпись. Обновите страницу.")
    if item.state not in (ItemState.ADOPTED, ItemState.REJECTED):
        raise StaleError("По этому вопросу ещё не голосовали.")
    member = seat_of(actor, meeting)
    if not meeting.presences.filter(member=member).exists():
        raise RuleError("Особое мнение излагает тот, кто был на заседании.")
    dissent, _ = Dissent.objects.update_or_create(item=item, member=member, defaults={"text": text.strip()})
    note(Verb.DISSENT_STATED, actor, meeting, at, item=item.pk, member=member.pk)
    return dissent


@transaction.atomic
def minutes_submit(*, actor: Acting, meeting: Meeting, at: datetime) -> Document:
    """Draw up the minutes (T18) from what happened and hand them to the two who sign.

    Raises:
        RuleError: the days for remarks are not over and not everyone has said that the draft is right; a remark waits
            for its answer; the same person would sign twice.
        StaleError: the minutes are being signed already, or the meeting has not ended.
    """
    meeting = lock(meeting)
    if meeting.state not in (MeetingState.ENDED, MeetingState.REVIEW):
        raise StaleError("Протокол составляется после закрытия заседания и до подписания. Обновите страницу.")
    if reason := submit_obstacle(meeting, local_day(at, meeting.council.network.time_zone)):
        raise RuleError(reason)
    meeting.secretary = seat_of(actor, meeting)
    if is_secretary(meeting, meeting.presiding):
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
    note(Verb.MINUTES_SUBMITTED, actor, meeting, at, document=document.pk)
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
    council = lock_council(meeting.council)
    meeting = lock(meeting)
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
        note(Verb.MINUTES_SIGNED_BY_ONE, actor, meeting, at, slot=slot)
        if meeting.secretary is not None:
            text = f"Протокол заседания {ru_date(meeting.day)} подписал председательствующий, ждёт вашей подписи"
            notify([meeting.secretary.user], text, reverse("meeting", args=[meeting.pk]), at=at)
        return meeting
    today = local_day(at, council.network.time_zone)
    document_register(document=document, on=today, at=at, actor=actor.user)
    take_effect(actor, council, meeting, today, at)
    move(meeting, MeetingState.CLOSED)
    note(Verb.MINUTES_SIGNED, actor, meeting, at, document=document.pk)
    tell_members(meeting, f"Протокол заседания {ru_date(meeting.day)} подписан, решения вступили в силу", at)
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
    meeting = lock(meeting)
    document = _being_signed(meeting)
    _own_slot(actor, meeting, slot)
    document_refuse(
        document=document, slot=slot, signer=actor.user, reason=reason, version_sha256=version_sha256, at=at
    )
    move(meeting, MeetingState.ENDED)
    note(Verb.MINUTES_RETURNED, actor, meeting, at, slot=slot)
    signers = [member.user for member in (meeting.presiding, meeting.secretary) if member is not None]
    text = f"Протокол заседания {ru_date(meeting.day)} возвращён на доработку: {reason.strip()}"
    notify(signers, text, reverse("meeting", args=[meeting.pk]), at=at)
    return meeting


def _under_review(meeting: Meeting) -> None:
    if meeting.state != MeetingState.REVIEW:
        raise StaleError("Сейчас замечания к протоколу не принимаются. Обновите страницу.")


def _being_signed(meeting: Meeting) -> Document:
    if meeting.state != MeetingState.SIGNING or meeting.document is None:
        raise StaleError(f"Протокол сейчас не подписывается: {meeting.get_state_display()}. Обновите страницу.")
    return meeting.document


def _own_slot(actor: Acting, meeting: Meeting, slot: str) -> None:
    seat = {PRESIDING: meeting.presiding, SECRETARY: meeting.secretary}.get(slot)
    if seat is None or actor.duty is None or seat.duty_id != actor.duty.pk:
        raise RuleError("Это место для подписи другого человека.")
