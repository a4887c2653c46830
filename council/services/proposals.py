"""Questions that members propose, opinions of the schools that a question concerns (S1-5.8, S4-1.4.6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from council.enums import ProposalState, Verb
from council.models import AgendaItem, Council, CouncilMember, Meeting, Opinion, Proposal
from council.selectors.composition import chair_on, secretary_on
from council.services._shared import agenda_is_open, lock, open_item
from council.services.agenda import item_add
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import Organisation
from schools.selectors import staff_of
from schools.services.trail import note

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
    note(Verb.ITEM_PROPOSED, actor, council, at, title=wish.title)
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
    note(Verb.PROPOSAL_DECLINED, actor, proposal.council, at, title=proposal.title, reason=proposal.answer)
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
    note(Verb.OPINION_ASKED, actor, meeting, at, item=item.pk, schools=[one.organisation_id for one in asked])
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
    note(Verb.OPINION_GIVEN, actor, meeting, at, item=item.pk, stance=stance)
    return opinion
