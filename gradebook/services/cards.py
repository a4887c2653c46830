"""Report cards: calculated, signed by three of the host, received, verified, annulled (3.10, S1-4.10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from courses.models import StudyGroup
from gradebook import access
from gradebook.card_papers import DEPUTY, DIRECTOR, TEACHER
from gradebook.enums import CARD_OPEN, CardState, Term, Verb
from gradebook.models import MonthlyTransfer, ReportCard, ReportCardLine
from gradebook.selectors.cards import Computed, card_row, computed, standing_of
from gradebook.selectors.months import group_day
from gradebook.selectors.registers import card_differences
from gradebook.selectors.terms import TermPeriod
from gradebook.selectors.transfers import Blocker
from gradebook.services.transfers import people_of
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import Case
from network_portal.common.states import move
from network_portal.documents.kinds import content_of
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import current_version, next_slot
from network_portal.documents.services import (
    SignerSlot,
    document_cancel,
    document_draft,
    document_refuse,
    document_register,
    document_revise,
    document_sign,
)
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import Role
from schools.models import GuardianLink, Organisation

#: Fields that are empty by right in a new card.
LATER = (
    "replaces",
    "sent_at",
    "received_at",
    "received_by",
    "verified_at",
    "verified_by",
    "annulled_at",
    "annulled_by",
)
SIGNERS = {DEPUTY: Role.DEPUTY, DIRECTOR: Role.DIRECTOR}


class CardBlockedError(RuleError):
    """Something stands in the way of a card: the message names it."""

    def __init__(self, found: Sequence[Blocker]) -> None:
        super().__init__(f"Табель пока нельзя подписать: {'; '.join(one.text for one in found)}.")


@transaction.atomic
def card_compose(*, actor: Acting, group: StudyGroup, home: Organisation, term: str, at: datetime) -> ReportCard:
    """Calculate the report card of one home school's pupils in a group for a term and put it before its signers.

    One that is not signed by all three is calculated anew: signatures under its former content stay with that.

    Args:
        actor: the group's teacher, the host's coordinator or deputy director.
        group: the group.
        home: the school whose pupils they are.
        term: which of the group's terms.
        at: the moment.

    Raises:
        CardBlockedError: a month is not sealed, an objection or a correction waits, a final mark is missing.
        RuleError: the school has nobody in the group in that term.
        StaleError: the card is signed already.
    """
    group = _lock_group(group.pk)
    row = card_row(group, home.pk, term)
    if row is None:
        raise RuleError("В этом периоде в группе не было обучающихся этой школы.")
    card = row.card
    if card is not None and card.state not in CARD_OPEN:
        raise StaleError(f"Табель {card.label} за этот период уже подписан. Обновите страницу.")
    if found := standing_of(card) if card else row.blockers:
        raise CardBlockedError(found)
    if card is None:
        made = computed(group, home, row.period, row.annulled)
        card = _drafted(actor, group, home, row.period, row.annulled, made, at)
    else:
        card = _lock(card.pk)
        made = _computed_now(card)
        if card.state == CardState.COMPUTED:
            move(card, CardState.DRAFT)
        document_revise(document=card.document, paper=made.paper, actor=actor.user, at=at)
        card.lines.all().delete()
    for line in made.lines:
        line.card = card
    ReportCardLine.objects.bulk_create(made.lines)
    move(card, CardState.COMPUTED)
    record(
        Verb.CARD_COMPUTED, actor=actor.user, organisation=card.host, target=card, at=at, changes={"term": card.term}
    )
    _call_next(card, at)
    return card


def _drafted(
    actor: Acting,
    group: StudyGroup,
    home: Organisation,
    period: TermPeriod,
    replaces: ReportCard | None,
    made: Computed,
    at: datetime,
) -> ReportCard:
    host = group.course.programme.host
    whose = host.in_case(Case.GENITIVE)
    card = ReportCard(
        host=host,
        home=home,
        group=group,
        term=period.term,
        date_from=period.first,
        date_to=period.last,
        replaces=replaces,
        document=document_draft(
            actor=actor.user,
            organisation=host,
            paper=made.paper,
            signers=[
                SignerSlot(TEACHER, "учитель"),
                SignerSlot(DEPUTY, f"заместитель директора {whose}"),
                SignerSlot(DIRECTOR, f"директор {whose}"),
            ],
            at=at,
        ),
    )
    clean(card, exclude=LATER)
    card.save()
    return card


@transaction.atomic
def card_sign(
    *,
    actor: Acting,
    card: ReportCard,
    slot: str,
    version_sha256: str,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str = "",
) -> ReportCard:
    """Sign a card in one of its three places; with the last signature it gets its number and goes to the home school.

    Raises:
        CardBlockedError: an objection or a correction came up meanwhile.
        RuleError: it is somebody else's turn; on the field "password" or "code" when that is wrong.
        StaleError: the card is signed by all, was returned, or the journal says something else by now.
    """
    _lock_group(card.group_id)
    # Who disputes a line locks the transfer: the objection is either seen here or comes after the signature.
    list(MonthlyTransfer.objects.select_for_update().filter(group=card.group_id, home=card.home_id).values_list("pk"))
    card = _lock(card.pk)
    _still_signed(card)
    if found := standing_of(card):
        raise CardBlockedError(found)
    if content_of(_computed_now(card).paper) != current_version(card.document).content:
        raise StaleError(
            "Отметки, пропуски или ведомости изменились после расчёта табеля. Подпись не поставлена: "
            "рассчитайте табель заново и прочтите его."
        )
    document_sign(
        document=card.document,
        version_sha256=version_sha256,
        slot=slot,
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
    )
    record(Verb.CARD_SIGNED, actor=actor.user, organisation=card.host, target=card, at=at, changes={"slot": slot})
    if next_slot(card.document) is not None:
        _call_next(card, at)
        return card
    card.document = document_register(
        document=card.document, on=group_day(card.group, at), at=at, actor=actor.user, pdf_later=True
    )
    move(card, CardState.SENT, sent_at=at)
    number = card.document.number
    record(Verb.CARD_SENT, actor=actor.user, organisation=card.host, target=card, at=at, changes={"number": number})
    url = reverse("card", args=[card.pk])
    words = f"{card.group.course}, {card.get_term_display()}"
    notify(people_of(card.home, access.RECEIVERS, card.group, at), f"Пришёл табель {card.label}: {words}", url, at=at)
    notify(_families(card, at), f"Подписан табель с отметками вашего ребёнка: {words}", url, at=at)
    return card


@transaction.atomic
def card_return(
    *, actor: Acting, card: ReportCard, slot: str, reason: str, version_sha256: str | None = None, at: datetime
) -> ReportCard:
    """Return a card instead of signing it: it is a draft again, all who prepare and sign it learn why (3.13).

    Raises:
        RuleError: on the field "reason" when there is none; the place is signed already.
        StaleError: it is signed by all, or was returned before.
    """
    _lock_group(card.group_id)
    card = _lock(card.pk)
    _still_signed(card)
    document_refuse(
        document=card.document, slot=slot, signer=actor.user, reason=reason, at=at, version_sha256=version_sha256
    )
    move(card, CardState.DRAFT)
    record(
        Verb.CARD_RETURNED,
        actor=actor.user,
        organisation=card.host,
        target=card,
        at=at,
        changes={"slot": slot, "reason": reason.strip()},
    )
    told = people_of(card.host, (Role.COORDINATOR, Role.DEPUTY, Role.DIRECTOR), card.group, at)
    notify(
        [*told, *_teacher(card)],
        f"Табель не подписан ({card.group.course}, {card.get_term_display()}): {reason.strip()}",
        reverse("card", args=[card.pk]),
        at=at,
    )
    return card


@transaction.atomic
def card_receive(*, actor: Acting, card: ReportCard, at: datetime) -> ReportCard:
    """Say that the home school has the card; its class teachers may carry the marks over now.

    Raises:
        StaleError: it is received already, or annulled.
    """
    card = _lock(card.pk)
    move(card, CardState.RECEIVED, received_at=at, received_by=actor.user)
    record(Verb.CARD_RECEIVED, actor=actor.user, organisation=card.home, target=card, at=at)
    if not card.lines.filter(value__isnull=False).exists():
        move(card, CardState.CARRIED)
        return card
    notify(
        _keepers(card),
        f"Перенесите отметки табеля {card.label} в сводную ведомость: {card.group.course}",
        reverse("card", args=[card.pk]),
        at=at,
    )
    return card


@transaction.atomic
def card_verify(*, actor: Acting, card: ReportCard, at: datetime) -> ReportCard:
    """Say that the home school's register agrees with the card, which the portal checks cell by cell (3.10).

    Raises:
        RuleError: a cell is missing or says something else.
        StaleError: the marks are not carried over, or it is verified already.
    """
    card = _lock(card.pk)
    if found := card_differences(card):
        raise RuleError(f"Сводная ведомость не совпадает с табелем: {'; '.join(found)}.")
    move(card, CardState.VERIFIED, verified_at=at, verified_by=actor.user)
    record(Verb.CARD_VERIFIED, actor=actor.user, organisation=card.home, target=card, at=at)
    return card


@transaction.atomic
def card_annul(*, actor: Acting, card: ReportCard, reason: str, at: datetime) -> ReportCard:
    """End a wrong card: its number and paper stay, its final marks may be mended, another card takes its place (3.10).

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: it is not signed yet, or annulled already.
    """
    if not reason.strip():
        raise RuleError("Укажите, почему табель аннулируется: причину увидят обе школы.", field="reason")
    _lock_group(card.group_id)
    card = _lock(card.pk)
    if card.state in CARD_OPEN:
        raise StaleError("Табель ещё не подписан: верните его с причиной или рассчитайте заново.")
    move(card, CardState.ANNULLED, annulled_at=at, annulled_by=actor.user, annul_reason=reason.strip())
    document_cancel(document=card.document, actor=actor.user, reason=reason, at=at)
    record(
        Verb.CARD_ANNULLED,
        actor=actor.user,
        organisation=card.host,
        target=card,
        at=at,
        changes={"reason": reason.strip()},
    )
    told = people_of(card.home, (*access.RECEIVERS, Role.DIRECTOR), card.group, at)
    told += people_of(card.host, access.SEALERS, card.group, at)
    words = f"Табель {card.label} аннулирован ({card.group.course}, {card.get_term_display()})"
    url = reverse("card", args=[card.pk])
    notify([*told, *_teacher(card), *_keepers(card)], f"{words}: {reason.strip()}", url, at=at)
    notify(_families(card, at), f"{words}: будет выдан новый", url, at=at)
    return card


def _lock_group(pk: int) -> StudyGroup:
    """Lock the group as a seal does: final marks of it are written before or after."""
    StudyGroup.objects.select_for_update().get(pk=pk)
    return StudyGroup.objects.select_related(
        "course__programme__host", "course__programme__policy", "course__network", "teacher__user"
    ).get(pk=pk)


def _lock(pk: int) -> ReportCard:
    return (
        ReportCard.objects.select_for_update(of=("self",))
        .select_related(
            "host",
            "home",
            "document",
            "replaces__document",
            "group__course__programme__host",
            "group__course__programme__policy",
            "group__course__network",
            "group__teacher__user",
        )
        .get(pk=pk)
    )


def _computed_now(card: ReportCard) -> Computed:
    period = TermPeriod(Term(card.term), card.date_from, card.date_to)
    return computed(card.group, card.home, period, card.replaces)


def _still_signed(card: ReportCard) -> None:
    if card.state != CardState.COMPUTED:
        raise StaleError(f"Табель уже в состоянии «{card.get_state_display()}». Ничего не изменено.")


def _call_next(card: ReportCard, at: datetime) -> None:
    waiting = next_slot(card.document)
    if waiting is None:
        return
    people: Iterable[User] = (
        _teacher(card) if waiting.key == TEACHER else people_of(card.host, (SIGNERS[waiting.key],), card.group, at)
    )
    text = f"На подпись: табель, {card.group.course}, {card.get_term_display()}, {card.home}"
    notify(people, text, reverse("card_sign", args=[card.pk]), at=at)


def _teacher(card: ReportCard) -> list[User]:
    return [card.group.teacher.user] if card.group.teacher else []


def _keepers(card: ReportCard) -> list[User]:
    lines = card.lines.select_related("enrolment__student__school_class__class_teacher__user")
    return [duty.user for line in lines if (duty := line.enrolment.student.school_class.class_teacher)]


def _families(card: ReportCard, at: datetime) -> list[User]:
    """Return who represents the card's pupils on the day of the moment `at`."""
    links = GuardianLink.objects.valid(group_day(card.group, at)).filter(
        student__in=card.lines.values("enrolment__student")
    )
    return list(User.objects.filter(pk__in=links.values("user"), is_active=True))
