"""Who may act for a school: appointing and ending."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from schools.access import GIVEN_BY_DIRECTOR
from schools.acting import Acting
from schools.enums import DutyKind, OfferState, Verb
from schools.models import Duty, DutyOffer, DutyQuerySet, Organisation
from schools.services.trail import note


@transaction.atomic
def duty_offer(
    *, actor: Acting, email: str, kind: DutyKind, order: str, date_from: date, date_to: date | None, at: datetime
) -> DutyOffer:
    """Offer a duty in the director's school to whoever owns an address.

    What the director sees is the same whether there is an account or not; only its owner is told.

    Args:
        actor: the director of the school.
        email: the address.
        kind: the duty; the director's own and those of the council are given otherwise.
        order: number and date of the order.
        date_from: the first day.
        date_to: the last day, or None.
        at: the moment.

    Raises:
        RuleError: the director does not give this duty; it is offered to this address already; the dates contradict
            each other.
    """
    if kind not in GIVEN_BY_DIRECTOR:
        raise RuleError("Это полномочие даёт не директор школы.", field="kind")
    assert actor.organisation is not None
    _lock_school(actor.organisation)
    offer = DutyOffer(
        organisation=actor.organisation,
        email=email.strip().lower(),
        kind=kind,
        order=order,
        date_from=date_from,
        date_to=date_to,
        offered_at=at,
    )
    clean(offer)
    offer.save()
    note(Verb.DUTY_OFFERED, actor, offer, at, **{"kind": kind.value, "order": order, "from": date_from.isoformat()})
    owner = User.objects.filter(email=offer.email, is_active=True)
    notify(owner, f"Вам предлагают полномочие: {offer}", reverse("duty_offer_list"), at=at)
    return offer


@transaction.atomic
def duty_take(*, actor: Acting, offer: DutyOffer, at: datetime) -> Duty:
    """Take a duty that was offered to the actor's own address.

    Raises:
        StaleError: the offer is taken or withdrawn.
        RuleError: the actor has this duty in that time.
    """
    offer = DutyOffer.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=offer.pk)
    move(offer, OfferState.TAKEN)
    duty = Duty(
        user=actor.user,
        organisation=offer.organisation,
        kind=offer.kind,
        order=offer.order,
        date_from=offer.date_from,
        date_to=offer.date_to,
    )
    return _appoint(actor, duty, at)


@transaction.atomic
def duty_offer_withdraw(*, actor: Acting, offer: DutyOffer, at: datetime) -> DutyOffer:
    """Take an offer back that nobody has taken.

    Raises:
        StaleError: it is taken or withdrawn.
    """
    offer = DutyOffer.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=offer.pk)
    move(offer, OfferState.WITHDRAWN)
    record(Verb.DUTY_OFFER_WITHDRAWN, actor=actor.user, organisation=offer.organisation, target=offer, at=at)
    return offer


@transaction.atomic
def director_appoint(
    *, actor: Acting, user: User, organisation: Organisation, order: str, date_from: date, at: datetime
) -> Duty:
    """Give a school its director; the technical administrator does this, and the director appoints the rest.

    Raises:
        RuleError: the school has a director at that time.
    """
    duty = Duty(user=user, organisation=organisation, kind=DutyKind.DIRECTOR, order=order, date_from=date_from)
    _lock_school(organisation)
    if _in_time(Duty.objects.filter(organisation=organisation, kind=DutyKind.DIRECTOR), duty).exists():
        raise RuleError("В школе уже есть директор. Сначала прекратите его полномочие.")
    return _appoint(actor, duty, at)


@transaction.atomic
def duty_give(*, actor: Acting, duty: Duty, at: datetime) -> Duty:
    """Save a new duty that a decision taken elsewhere gives, such as a seat in a council.

    Raises:
        RuleError: the person has this duty in that time.
    """
    return _appoint(actor, duty, at)


@transaction.atomic
def duty_end(*, actor: Acting, duty: Duty, on: date, at: datetime) -> Duty:
    """End a duty so that it gives no rights on the day `on` any more (2.3 (6)).

    Raises:
        StaleError: it has ended already.
    """
    duty = Duty.objects.select_for_update(of=("self",)).select_related("user", "organisation").get(pk=duty.pk)
    if duty.date_to is not None and duty.date_to < on:
        raise StaleError("Это полномочие уже прекращено. Обновите страницу.")
    duty.date_to = max(on, duty.date_from) - timedelta(days=1)
    duty.save(update_fields=["date_to"])
    record(
        Verb.DUTY_ENDED,
        actor=actor.user,
        organisation=duty.organisation,
        target=duty,
        at=at,
        changes={"date_to": duty.date_to.isoformat()},
    )
    notify([duty.user], f"Полномочие прекращено: {duty}", reverse("home"), at=at)
    return duty


def _appoint(actor: Acting, duty: Duty, at: datetime) -> Duty:
    _lock_school(duty.organisation)
    same = Duty.objects.filter(user=duty.user, organisation=duty.organisation, kind=duty.kind)
    if _in_time(same, duty).exists():
        raise RuleError("Это полномочие в эти дни уже есть.")
    clean(duty)
    duty.save()
    record(
        Verb.DUTY_APPOINTED,
        actor=actor.user,
        organisation=duty.organisation,
        target=duty,
        at=at,
        changes={"user": duty.user_id, "kind": duty.kind, "order": duty.order, "from": duty.date_from.isoformat()},
    )
    notify([duty.user], f"Вам назначено полномочие: {duty}", reverse("home"), at=at)
    return duty


def _lock_school(organisation: Organisation) -> None:
    """Let the appointments of one school pass one by one."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _in_time(duties: DutyQuerySet, duty: Duty) -> DutyQuerySet:
    """Keep the duties that share a day with `duty`; one that ended before its first day shares none."""
    overlapping = Q(date_to=None) | Q(date_to__gte=duty.date_from)
    if duty.date_to is not None:
        overlapping &= Q(date_from__lte=duty.date_to)
    return duties.filter(overlapping).exclude(date_to__lt=F("date_from"))
