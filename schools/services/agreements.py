"""The agreement of two schools: drafted, sent, signed by both directors, suspended, resumed, ended (3.2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import Case
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import next_slot
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
from schools.documents import network_agreement
from schools.enums import AgreementState, DutyKind, Role, Verb
from schools.models import Agreement, Duty, Organisation
from schools.selectors import HOME_SLOT, HOST_SLOT, director_of, network_of, slot_of, staff_of, terms_of
from schools.services.authority import authority_of

#: Who hears of every step of an agreement of the school.
TOLD = (DutyKind.DIRECTOR, DutyKind.DEPUTY, DutyKind.RESPONSIBLE)


@dataclass(frozen=True, kw_only=True)
class AgreementTerms:
    """What the parties agree on; the fields are those of the model."""

    subject: str
    duties: str
    resources: str
    safety: str
    issued_documents: str
    funding: str
    date_from: date
    date_to: date


@transaction.atomic
def agreement_create(*, actor: Acting, host: Organisation, terms: AgreementTerms, at: datetime) -> Agreement:
    """Draft an agreement by which `host` teaches pupils of the actor's school; the same draft twice is one.

    Args:
        actor: the office of the home school.
        host: another school of the same network.
        terms: what the parties agree on.
        at: the moment.

    Raises:
        RuleError: the schools are in no common network; the dates contradict each other.
    """
    assert actor.organisation is not None
    network = network_of(actor.organisation, host, on=terms.date_from)
    if network is None:
        raise RuleError("К началу действия договора обе школы должны состоять в одной сети.", field="host")
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)  # two clicks are one draft
    same = Agreement.objects.filter(
        network=network, home=actor.organisation, host=host, state=AgreementState.DRAFT, document=None, **asdict(terms)
    ).first()
    if same is not None:
        return same
    agreement = Agreement(network=network, home=actor.organisation, host=host, **asdict(terms))
    clean(agreement, exclude=["document"])
    agreement.save()
    record(Verb.AGREEMENT_DRAFTED, actor=actor.user, organisation=actor.organisation, target=agreement, at=at)
    return agreement


@transaction.atomic
def agreement_edit(
    *, actor: Acting, agreement: Agreement, terms: AgreementTerms, seen: str = "", at: datetime
) -> Agreement:
    """Change the terms of a draft.

    Args:
        actor: the office of the home school.
        agreement: a draft.
        terms: the new terms.
        seen: the terms that the page showed, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        StaleError: it was sent for signature, or changed by someone else meanwhile.
        RuleError: the dates contradict each other.
    """
    agreement = _lock(agreement)
    refuse_sent(agreement)
    check_seen(seen, terms_of(agreement))
    before = {name: getattr(agreement, name) for name in asdict(terms)}
    for name, value in asdict(terms).items():
        setattr(agreement, name, value)
    clean(agreement, exclude=["document"])
    names = [item.name for item in fields(terms)]
    agreement.save(update_fields=names)
    changed = [name for name in names if getattr(agreement, name) != before[name]]
    record(
        Verb.AGREEMENT_CHANGED,
        actor=actor.user,
        organisation=actor.organisation,
        target=agreement,
        at=at,
        changes={"fields": changed},
    )
    return agreement


def refuse_sent(agreement: Agreement) -> None:
    """Raise StaleError when the terms of the agreement can no longer be changed."""
    if agreement.state != AgreementState.DRAFT:
        raise StaleError(
            f"Договор уже не проект: он {agreement.get_state_display()}, условия изменить нельзя. Откройте договор."
        )


@transaction.atomic
def agreement_send(*, actor: Acting, agreement: Agreement, at: datetime) -> Agreement:
    """Send a draft to both directors for signature; the home school's signs first.

    Raises:
        StaleError: it is sent already.
        RuleError: a school has no director in office, or its details that the paper names are empty.
    """
    agreement = _lock(agreement)
    refuse_sent(agreement)
    on = _day(agreement, at)
    home_director, host_director = _director(agreement.home, on), _director(agreement.host, on)
    paper = network_agreement(agreement, home_director=home_director, host_director=host_director)
    slots = [
        SignerSlot(HOME_SLOT, f"{Role.DIRECTOR.label} {agreement.home.in_case(Case.GENITIVE)}"),
        SignerSlot(HOST_SLOT, f"{Role.DIRECTOR.label} {agreement.host.in_case(Case.GENITIVE)}"),
    ]
    document = agreement.document
    if document is None:
        document = document_draft(actor=actor.user, organisation=agreement.home, paper=paper, signers=slots, at=at)
    else:
        document_revise(document=document, paper=paper, actor=actor.user, signers=slots, at=at)
    move(agreement, AgreementState.SIGNING, document=document)
    record(Verb.AGREEMENT_SENT, actor=actor.user, organisation=actor.organisation, target=agreement, at=at)
    notify([home_director.user], f"Договор ждёт вашей подписи: {agreement}", _url(agreement), at=at)
    return agreement


@transaction.atomic
def agreement_sign(
    *,
    actor: Acting,
    agreement: Agreement,
    version_sha256: str,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str = "",
) -> Agreement:
    """Sign for the actor's school; the second signature registers the paper in the home school's register.

    Args:
        actor: the director of a party, or a deputy with a power of attorney; with `SignedElsewhere` the clerk.
        agreement: an agreement that is being signed.
        version_sha256: the hash of the version that the director saw.
        proof: the director's password and one-time code.
        at: the moment.
        ip: where the request came from.

    Raises:
        StaleError: the paper has changed since, or is registered.
        RuleError: it is the other party's turn; this person signed for the other party; the proof is wrong; the
            power of attorney has expired.
    """
    agreement = _lock(agreement)
    document = _document_to_sign(agreement)
    authority = authority_of(actor, _day(agreement, at)) if isinstance(proof, Proof) else None
    document_sign(
        document=document,
        version_sha256=version_sha256,
        slot=_slot(agreement, actor),
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
        basis=authority.basis if authority else "",
        capacity=authority.capacity if authority else "",
    )
    if next_slot(document) is not None:
        record(Verb.AGREEMENT_SIGNED_BY_ONE, actor=actor.user, organisation=actor.organisation, target=agreement, at=at)
        waiting = _director(agreement.host, _day(agreement, at))
        notify([waiting.user], f"Договор ждёт вашей подписи: {agreement}", _url(agreement), at=at)
        return agreement
    registered = document_register(document=document, on=_day(agreement, at), at=at, actor=actor.user)
    move(agreement, AgreementState.SIGNED, document=registered)
    record(Verb.AGREEMENT_SIGNED, actor=actor.user, organisation=actor.organisation, target=agreement, at=at)
    _tell_both(agreement, f"Договор подписан обеими школами: {agreement}", at)
    return agreement


@transaction.atomic
def agreement_refuse(
    *, actor: Acting, agreement: Agreement, reason: str, at: datetime, version_sha256: str | None = None
) -> Agreement:
    """Return the agreement to its draft with the director's remarks; both parties are told.

    Raises:
        RuleError: there is no reason; the actor has signed already.
        StaleError: it is not being signed, or its paper has changed since.
    """
    agreement = _lock(agreement)
    document_refuse(
        document=_document_to_sign(agreement),
        slot=_slot(agreement, actor),
        signer=actor.user,
        reason=reason,
        at=at,
        version_sha256=version_sha256,
    )
    move(agreement, AgreementState.DRAFT)
    record(
        Verb.AGREEMENT_REFUSED,
        actor=actor.user,
        organisation=actor.organisation,
        target=agreement,
        at=at,
        changes={"reason": reason.strip()},
    )
    text = f"Договор возвращён с замечаниями: {agreement}"
    on = _day(agreement, at)
    notify(staff_of(agreement.home, *TOLD, on=on), text, _url(agreement), at=at)
    # A draft is the home school's alone, so the host's people are led to their list.
    notify(staff_of(agreement.host, *TOLD, on=on), text, reverse("agreement_list"), at=at)
    return agreement


@transaction.atomic
def agreement_suspend(*, actor: Acting, agreement: Agreement, reason: str, at: datetime) -> Agreement:
    """Suspend a signed agreement; it is not in force until it is resumed.

    Raises:
        RuleError: there is no reason.
        StaleError: it is not signed, or suspended already.
    """
    return _decide(
        AgreementState.SUSPENDED,
        Verb.AGREEMENT_SUSPENDED,
        "Договор приостановлен",
        actor=actor,
        agreement=agreement,
        reason=reason,
        at=at,
    )


@transaction.atomic
def agreement_resume(*, actor: Acting, agreement: Agreement, reason: str, at: datetime) -> Agreement:
    """Put a suspended agreement in force again; errors as of `agreement_suspend`."""
    return _decide(
        AgreementState.SIGNED,
        Verb.AGREEMENT_RESUMED,
        "Действие договора возобновлено",
        actor=actor,
        agreement=agreement,
        reason=reason,
        at=at,
    )


@transaction.atomic
def agreement_end(*, actor: Acting, agreement: Agreement, reason: str, at: datetime) -> Agreement:
    """End an agreement for good; errors as of `agreement_suspend`."""
    return _decide(
        AgreementState.ENDED,
        Verb.AGREEMENT_ENDED,
        "Договор прекращён",
        actor=actor,
        agreement=agreement,
        reason=reason,
        at=at,
    )


def _decide(
    state: AgreementState, verb: Verb, words: str, *, actor: Acting, agreement: Agreement, reason: str, at: datetime
) -> Agreement:
    if not reason.strip():
        raise RuleError("Укажите основание: его увидят обе стороны.", field="reason")
    agreement = _lock(agreement)
    if state == AgreementState.SIGNED and agreement.state != AgreementState.SUSPENDED:
        raise StaleError("Договор не приостановлен. Обновите страницу.")
    move(agreement, state)
    record(
        verb,
        actor=actor.user,
        organisation=actor.organisation,
        target=agreement,
        at=at,
        changes={"reason": reason.strip()},
    )
    _tell_both(agreement, f"{words}: {agreement}", at)
    return agreement


def _lock(agreement: Agreement) -> Agreement:
    return (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("network", "home", "host", "document")
        .get(pk=agreement.pk)
    )


def _day(agreement: Agreement, at: datetime) -> date:
    return local_day(at, agreement.network.time_zone)


def _director(school: Organisation, on: date) -> Duty:
    director = director_of(school, on)
    if director is None:
        raise RuleError(f"У школы {school} сейчас нет директора на портале: подписать договор некому.")
    return director


def _document_to_sign(agreement: Agreement) -> Document:
    if agreement.state != AgreementState.SIGNING or agreement.document is None:
        raise StaleError(f"Договор не ждёт подписи: он {agreement.get_state_display()}. Обновите страницу.")
    return agreement.document


def _slot(agreement: Agreement, actor: Acting) -> str:
    slot = slot_of(agreement, actor.organisation_id)
    if slot is None:
        raise RuleError("Договор подписывают директора школ, которые его заключают.")
    return slot


def _url(agreement: Agreement) -> str:
    return reverse("agreement", args=[agreement.pk])


def _tell_both(agreement: Agreement, text: str, at: datetime) -> None:
    on = _day(agreement, at)
    told = [*staff_of(agreement.home, *TOLD, on=on), *staff_of(agreement.host, *TOLD, on=on)]
    notify(told, text, _url(agreement), at=at)
