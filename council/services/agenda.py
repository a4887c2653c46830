"""The agenda: questions and what they are about, members' proposals, opinions of those concerned (S1-5.3, S4-1.4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.urls import reverse

from council.enums import (
    ABOUT_GROUPS,
    ABOUT_MEMBER,
    ABOUT_PERSON,
    ABOUT_SCHOOL,
    NOT_REVOKED,
    RULES,
    ExecutionState,
    ItemKind,
    ItemRule,
    ItemState,
    MeetingState,
    ProposalState,
    Verb,
)
from council.models import (
    AgendaItem,
    Council,
    CouncilMember,
    Decision,
    Execution,
    ItemThing,
    Meeting,
    Opinion,
    Proposal,
    Regulation,
)
from council.selectors.attendance import attendance_of
from council.selectors.composition import appointees, chair_on, schools_of, schools_outside, secretary_on, voters
from council.services._shared import agenda_is_open, lock, log, log_council, open_item
from courses.models import Programme, StudyGroup
from enrollment.models import AllocationRun
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from network_portal.documents.services import file_keep
from network_portal.documents.uploads import Upload
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import Agreement, Duty, Organisation
from schools.selectors import staff_of


@dataclass(frozen=True, kw_only=True)
class About:
    """What a question is about; only what its kind asks for is kept.

    Attributes:
        candidate: the member to be elected, withdrawn or removed.
        appointee: the duty of whoever is to become a member or the secretary.
        school: the school to be admitted or to leave.
        groups, programmes, agreements: what is agreed on.
        run: the forming of groups to be approved.
        revokes: the decision to be undone.
        regulation: the new edition of the regulation, as a file.
    """

    candidate: CouncilMember | None = None
    appointee: Duty | None = None
    school: Organisation | None = None
    groups: Sequence[StudyGroup] = ()
    programmes: Sequence[Programme] = ()
    agreements: Sequence[Agreement] = ()
    run: AllocationRun | None = None
    revokes: Decision | None = None
    regulation: Upload | None = None


NOTHING = About()


@transaction.atomic
def item_add(
    *,
    actor: Acting,
    meeting: Meeting,
    title: str,
    speaker: str,
    proposal: str,
    kind: str = ItemKind.OTHER,
    about: About = NOTHING,
    proposed_by: CouncilMember | None = None,
    at: datetime,
) -> AgendaItem:
    """Put a question on the agenda, with the draft of its decision; also while the meeting runs.

    The kind says by what rule it is decided; nobody chooses the rule. The same open question sent twice is one.

    Args:
        actor: the secretary.
        meeting: a meeting that is not over.
        title: the question.
        speaker: who reports.
        proposal: the draft of the decision.
        kind: a value of `ItemKind`.
        about: what it is about.
        proposed_by: the member who wished for it.
        at: the moment.

    Raises:
        RuleError: on the field of `About` that the kind asks for: an election needs a member with a vote and no chair
            in office (S1-5.6), a removal enough missed meetings (S1-5.9), a revocation a decision in effect.
        StaleError: the meeting is over.
    """
    meeting = lock(meeting)
    agenda_is_open(meeting)
    kind = ItemKind(kind)
    fields = _subject(meeting, kind, about)
    same = meeting.items.filter(
        title=title.strip(), proposal=proposal.strip(), kind=kind, state=ItemState.OPEN, **fields
    ).first()
    if same is not None:
        return same
    item = AgendaItem(
        meeting=meeting,
        position=(meeting.items.aggregate(last=Max("position"))["last"] or 0) + 1,
        kind=kind,
        title=title.strip(),
        speaker=speaker.strip(),
        proposal=proposal.strip(),
        rule=_rule(kind, about),
        evidence=attendance_of(about.candidate, meeting.day).words
        if kind == ItemKind.REMOVAL and about.candidate
        else "",
        proposed_by=proposed_by,
        **fields,
    )
    clean(item)
    item.save()
    _attach(item, kind, about, actor, at)
    log(Verb.ITEM_ADDED, actor, meeting, at, item=item.pk, kind=item.kind, title=item.title, rule=item.rule)
    return item


@transaction.atomic
def item_remove(*, actor: Acting, item: AgendaItem, at: datetime) -> None:
    """Take a question off the agenda; those behind it move up.

    Raises:
        StaleError: the question was judged already, or the meeting is over.
        RuleError: it is the last question of a meeting that was convened or runs; its vote was interrupted.
    """
    meeting = lock(item.meeting)
    agenda_is_open(meeting)
    item = open_item(item)
    if meeting.state != MeetingState.PLANNED and meeting.items.count() == 1:
        raise RuleError("Это единственный вопрос повестки: без него заседание проводить нельзя.")
    if item.ballots.exists():
        raise RuleError("По вопросу уже голосовали: он остаётся в протоколе.")
    item.delete()
    meeting.items.filter(position__gt=item.position).update(position=F("position") - 1)
    log(Verb.ITEM_REMOVED, actor, meeting, at, title=item.title)


@transaction.atomic
def item_heard(
    *,
    actor: Acting,
    item: AgendaItem,
    heard: str,
    discussed: str = "",
    seen: str = "",
    key: UUID | None = None,
    at: datetime,
) -> AgendaItem:
    """Write down what was said on an item, until the minutes are submitted.

    Args:
        actor: the secretary.
        item: an item of the agenda.
        heard: what the speaker said.
        discussed: what others said.
        seen: what the page showed, by `common.seen.seen_of`.
        key: what the screen sends with the act.
        at: the moment.

    Raises:
        StaleError: the minutes are being signed, or are signed; the record was changed by someone else meanwhile.
    """
    meeting = lock(item.meeting, actor=actor, key=key)
    if meeting.state not in (MeetingState.RUNNING, MeetingState.ENDED, MeetingState.REVIEW):
        raise StaleError("Записать выступления можно до передачи протокола на подпись. Обновите страницу.")
    item = AgendaItem.objects.get(pk=item.pk)
    check_seen(seen, {"heard": item.heard, "discussed": item.discussed})
    item.heard, item.discussed = heard.strip(), discussed.strip()
    item.save(update_fields=["heard", "discussed"])
    log(Verb.ITEM_HEARD, actor, meeting, at, item=item.pk)
    return item


# --- members' proposals -------------------------------------------------------------------------------------------


@transaction.atomic
def proposal_make(
    *, actor: Acting, council: Council, member: CouncilMember, title: str, proposal: str, at: datetime
) -> Proposal:
    """Wish for a question on an agenda (S1-5.8); the same wish twice is one."""
    same = Proposal.objects.filter(
        council=council, member=member, title=title.strip(), state=ProposalState.PROPOSED
    ).first()
    if same is not None:
        return same
    wish = Proposal(council=council, member=member, title=title.strip(), proposal=proposal.strip(), at=at)
    clean(wish)
    wish.save()
    log_council(Verb.ITEM_PROPOSED, actor, council, at, title=wish.title)
    secretary = secretary_on(council, actor.on)
    told = [seat.user for seat in (secretary, chair_on(council, actor.on)) if seat is not None]
    notify(
        told, f"{member.user.short_name} предлагает вопрос в повестку: {wish.title}", reverse("proposal_list"), at=at
    )
    return wish


@transaction.atomic
def proposal_take(*, actor: Acting, proposal: Proposal, meeting: Meeting, at: datetime) -> AgendaItem:
    """Put what a member wished for on the agenda of a meeting.

    Raises:
        StaleError: it was answered already, or the meeting is over.
        RuleError: the meeting is another council's.
    """
    proposal = _lock_proposal(proposal)
    if meeting.council_id != proposal.council_id:
        raise RuleError("Это заседание другого совета.")
    move(proposal, ProposalState.TAKEN)
    member = proposal.member
    item = item_add(
        actor=actor,
        meeting=meeting,
        title=proposal.title,
        speaker=member.user.short_name,
        proposal=proposal.proposal,
        proposed_by=member,
        at=at,
    )
    notify(
        [member.user], f"Ваш вопрос включён в повестку: {proposal.title}", reverse("meeting", args=[meeting.pk]), at=at
    )
    return item


@transaction.atomic
def proposal_decline(*, actor: Acting, proposal: Proposal, reason: str, at: datetime) -> Proposal:
    """Tell the member why the question is not put on an agenda.

    Raises:
        RuleError: no reason, on the field "reason".
        StaleError: it was answered already.
    """
    if not reason.strip():
        raise RuleError("Укажите причину: её увидит тот, кто предложил.", field="reason")
    proposal = _lock_proposal(proposal)
    move(proposal, ProposalState.DECLINED, answer=reason.strip()[:300])
    log_council(Verb.PROPOSAL_DECLINED, actor, proposal.council, at, title=proposal.title, reason=proposal.answer)
    text = f"Вопрос «{proposal.title}» не включён в повестку: {proposal.answer}"
    notify([proposal.member.user], text, reverse("proposal_list"), at=at)
    return proposal


def _lock_proposal(proposal: Proposal) -> Proposal:
    return (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("council__network", "member__duty__user")
        .get(pk=proposal.pk)
    )


# --- opinions of those concerned ----------------------------------------------------------------------------------


@transaction.atomic
def opinion_ask(*, actor: Acting, item: AgendaItem, schools: Iterable[Organisation], at: datetime) -> list[Opinion]:
    """Ask schools that a question concerns what they think of it, before the vote (S4-1.4.6).

    Raises:
        StaleError: the question was judged, or the meeting is over.
        RuleError: no school was chosen, on the field "schools".
    """
    wanted = list(schools)
    if not wanted:
        raise RuleError("Выберите хотя бы одну школу.", field="schools")
    meeting = lock(item.meeting)
    agenda_is_open(meeting)
    item = open_item(item)
    asked = []
    for school in wanted:
        opinion, created = Opinion.objects.get_or_create(item=item, organisation=school, defaults={"asked_at": at})
        if created:
            asked.append(opinion)
            people = staff_of(school, DutyKind.DIRECTOR, DutyKind.DEPUTY, DutyKind.RESPONSIBLE, on=actor.on)
            text = f"Координационный совет просит мнение вашей школы: {item.title}"
            notify(people, text, reverse("opinion", args=[opinion.pk]), at=at)
    log(Verb.OPINION_ASKED, actor, meeting, at, item=item.pk, schools=[one.organisation_id for one in asked])
    return asked


@transaction.atomic
def opinion_give(*, actor: Acting, opinion: Opinion, stance: str, text: str, at: datetime) -> Opinion:
    """Say what the own school thinks; the latest word before the vote counts.

    Raises:
        StaleError: the council has voted already, or the meeting is over.
        RuleError: an objection without a reason, on the field "text".
    """
    meeting = lock(opinion.item.meeting)
    agenda_is_open(meeting)
    item = open_item(opinion.item)
    if stance == "objected" and not text.strip():
        raise RuleError("Объясните возражение: его прочтут члены совета.", field="text")
    opinion.stance, opinion.text, opinion.by, opinion.answered_at = stance, text.strip(), actor.user, at
    clean(opinion)
    opinion.save(update_fields=["stance", "text", "by", "answered_at"])
    log(Verb.OPINION_GIVEN, actor, meeting, at, item=item.pk, stance=stance)
    return opinion


# --- what a question is about -------------------------------------------------------------------------------------


def _rule(kind: ItemKind, about: About) -> ItemRule:
    """Return the rule of a kind; what undoes a decision is decided as that decision was."""
    if kind == ItemKind.REVOCATION and about.revokes is not None:
        rule = ItemRule(about.revokes.item.rule)
        return ItemRule.ORDINARY if rule == ItemRule.ELECTION else rule
    return RULES.get(kind, ItemRule.ORDINARY)


def _subject(meeting: Meeting, kind: ItemKind, about: About) -> dict[str, object]:
    """Return the fields that the kind asks for, checked against the council as it is on the day of the meeting."""
    council, day = meeting.council, meeting.day
    if kind in ABOUT_MEMBER:
        return {"candidate": _candidate(meeting, kind, about.candidate)}
    if kind in ABOUT_PERSON:
        duty = about.appointee
        if duty is None or not appointees(council, day).filter(pk=duty.pk).exists():
            raise RuleError(
                "Укажите директора, заместителя или классного руководителя 10–11 классов школы сети.", field="appointee"
            )
        if kind == ItemKind.MEMBER_IN and voters(council, day).filter(duty__user=duty.user_id).exists():
            raise RuleError("У этого человека уже есть место с правом голоса в совете.", field="appointee")
        return {"appointee": duty}
    if kind in ABOUT_SCHOOL:
        pool = schools_outside(council, day) if kind == ItemKind.SCHOOL_IN else schools_of(council, day)
        if about.school is None or not pool.filter(pk=about.school.pk).exists():
            words = "которая ещё не в сети" if kind == ItemKind.SCHOOL_IN else "которая участвует в сети"
            raise RuleError(f"Укажите школу, {words}.", field="school")
        return {"school": about.school}
    if kind == ItemKind.ALLOCATION:
        if about.run is None or about.run.network_id != council.network_id:
            raise RuleError("Укажите проект распределения этой сети.", field="run")
        return {"run": about.run, "run_sha256": about.run.sha256}
    if kind == ItemKind.REVOCATION:
        return {"revokes": _revocable(council, about.revokes)}
    if kind in ABOUT_GROUPS and not about.groups:
        raise RuleError("Отметьте группы, о которых вопрос.", field="groups")
    if kind == ItemKind.REGULATION and about.regulation is None:
        raise RuleError("Приложите текст новой редакции.", field="regulation")
    return {}


def _candidate(meeting: Meeting, kind: ItemKind, candidate: CouncilMember | None) -> CouncilMember:
    council, day = meeting.council, meeting.day
    if candidate is None or not voters(council, day).filter(pk=candidate.pk).exists():
        raise RuleError("Укажите члена этого совета с правом голоса.", field="candidate")
    if kind == ItemKind.CHAIR and chair_on(council, day) is not None:
        raise RuleError("Председатель уже избран: выборы проводятся, когда председателя нет.", field="candidate")
    if kind == ItemKind.REMOVAL:
        attended = attendance_of(candidate, day)
        if len(attended.missed) < council.missed_for_removal:
            raise RuleError(
                f"Нет основания для исключения: {attended.words}, нужно не меньше {council.missed_for_removal}.",
                field="candidate",
            )
    return candidate


def _revocable(council: Council, decision: Decision | None) -> Decision:
    if decision is None or decision.item.meeting.council_id != council.pk or decision.effective_at is None:
        raise RuleError("Укажите решение этого совета, которое вступило в силу.", field="revokes")
    if decision.item.kind in NOT_REVOKED:
        raise RuleError("Такое решение отменяют обратным решением, а не отменой.", field="revokes")
    if Execution.objects.filter(decision=decision, state=ExecutionState.REVOKED).exists():
        raise RuleError("Это решение уже отменено.", field="revokes")
    return decision


def _attach(item: AgendaItem, kind: ItemKind, about: About, actor: Acting, at: datetime) -> None:
    """Keep with the question the words of today about what it is on."""
    things = []
    if kind in ABOUT_GROUPS:
        things += [ItemThing(item=item, group=group, words=_group_words(group)) for group in about.groups]
    things += [ItemThing(item=item, programme=one, words=f"Программа «{one}»") for one in about.programmes]
    things += [ItemThing(item=item, agreement=one, words=f"Договор: {one}") for one in about.agreements]
    for thing in things:
        clean(thing, exclude=["group", "programme", "agreement"])
    ItemThing.objects.bulk_create(things)
    if kind == ItemKind.REGULATION and about.regulation is not None:
        council = item.meeting.council
        last = Regulation.objects.filter(council=council).aggregate(last=Max("no"))["last"] or 0
        kept = file_keep(upload=about.regulation, by=actor.user, at=at)
        Regulation.objects.create(council=council, no=last + 1, text=item.proposal, file=kept, item=item)


def _group_words(group: StudyGroup) -> str:
    slots = "; ".join(str(slot) for slot in group.slots.all())
    return f"Группа {group.name}, курс «{group.course}»: {slots or 'расписания ещё нет'}"[:500]
