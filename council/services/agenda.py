"""The agenda: questions put on it and taken off, what was said on them, what is carried over (S1-5.3, 3.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from council.enums import ItemKind, ItemState, MeetingState, Verb
from council.models import AgendaItem, CouncilMember, Material, Meeting
from council.selectors.agenda import left_over
from council.selectors.attendance import attendance_of
from council.services._shared import agenda_is_open, lock, lock_council, open_item
from council.services.planning import material_add
from council.services.subjects import NOTHING, About, about_of, attach, rule_of, subject_of
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from schools.acting import Acting
from schools.services.trail import note


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
    fields = subject_of(meeting, kind, about)
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
        rule=rule_of(kind, about),
        evidence=attendance_of(about.candidate, meeting.day).words
        if kind == ItemKind.REMOVAL and about.candidate
        else "",
        proposed_by=proposed_by,
        **fields,
    )
    clean(item)
    item.save()
    attach(item, kind, about, actor, at)
    if about.attachment is not None:
        material_add(actor=actor, meeting=meeting, item=item, title=item.title[:200], upload=about.attachment, at=at)
    note(Verb.ITEM_ADDED, actor, meeting, at, item=item.pk, kind=item.kind, title=item.title, rule=item.rule)
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
    note(Verb.ITEM_REMOVED, actor, meeting, at, title=item.title)


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
    note(Verb.ITEM_HEARD, actor, meeting, at, item=item.pk)
    return item


@dataclass(frozen=True)
class Carried:
    """What became of the questions of an earlier meeting.

    Attributes:
        items: those that stand on this agenda now.
        left: those that cannot, each with the reason.
    """

    items: list[AgendaItem]
    left: list[tuple[AgendaItem, str]]


@transaction.atomic
def agenda_take(*, actor: Acting, meeting: Meeting, at: datetime) -> Carried:
    """Put on the agenda all that an earlier meeting did not come to, with materials and opinions (3.11).

    A question is checked anew: the member to be elected may have left, the draft of groups may be another one.

    Args:
        actor: the secretary.
        meeting: a meeting that is not over.
        at: the moment.

    Raises:
        StaleError: nothing is left of an earlier meeting, or this one is over.
    """
    lock_council(meeting.council)
    meeting = lock(meeting)
    agenda_is_open(meeting)
    waiting = left_over(meeting)
    if not waiting:
        raise StaleError("Вопросы прошлого заседания уже перенесены. Обновите страницу.")
    carried = Carried([], [])
    for old in waiting:
        try:
            with transaction.atomic():
                carried.items.append(_carry(actor, meeting, old, at))
        except RuleError as refusal:
            carried.left.append((old, refusal.message))
    known = set(meeting.materials.filter(item=None).values_list("file_id", flat=True))
    for material in waiting[0].meeting.materials.filter(item=None).exclude(file_id__in=known):
        Material.objects.create(meeting=meeting, title=material.title, file_id=material.file_id)
    note(
        Verb.AGENDA_TAKEN, actor, meeting, at, source=waiting[0].meeting_id, items=[one.pk for one in carried.items],
        left=[old.title for old, _ in carried.left],
    )  # fmt: skip
    return carried


def _carry(actor: Acting, meeting: Meeting, old: AgendaItem, at: datetime) -> AgendaItem:
    item = item_add(
        actor=actor,
        meeting=meeting,
        title=old.title,
        speaker=old.speaker,
        proposal=old.proposal,
        kind=old.kind,
        about=about_of(old),
        proposed_by=old.proposed_by,
        at=at,
    )
    if item.carried_from_id is None:
        item.carried_from = old
        item.save(update_fields=["carried_from"])
    for material in old.materials.all():
        Material.objects.create(meeting=meeting, item=item, title=material.title, file_id=material.file_id)
    for said in old.opinions.exclude(organisation__in=item.opinions.values("organisation")):
        said.pk, said.item = None, item
        said.save(force_insert=True)
    return item
