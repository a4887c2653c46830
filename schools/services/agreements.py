"""The agreement of two schools: drafted, agreed, signed by both directors, suspended, resumed, ended (3.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import next_slot
from network_portal.documents.services import (
    document_draft,
    document_register,
    document_revise,
)
from network_portal.outbox.services import emit
from schools.acting import Acting
from schools.agreements import paper_to_sign, terms_of
from schools.documents import NetworkAgreement, network_agreement
from schools.enums import AgreementState, Verb
from schools.models import Agreement, Organisation
from schools.selectors import network_of
from schools.services._agreements import (
    call_signer,
    check_terms,
    copy_for_host,
    director,
    legal_day,
    lock_agreement,
    needs_reason,
    put_plain,
    put_rows,
    put_signature,
    refuse_signature,
    slots,
    tell,
    tell_both,
)
from schools.services.trail import note
from schools.terms import AgreementTerms, changes, fingerprint, missing


@transaction.atomic
def agreement_create(*, actor: Acting, host: Organisation, terms: AgreementTerms, at: datetime) -> Agreement:
    """Draft an agreement of the actor's school with `host`; the same draft twice is one.

    Args:
        actor: the office of the school that prepares it, the base organisation of the paper.
        host: another school of the same network.
        terms: what the parties agree on; a draft may leave much of it open.
        at: the moment.

    Raises:
        RuleError: the schools are in no common network; the dates contradict each other.
    """
    assert actor.organisation is not None
    network = network_of(actor.organisation, host, on=terms.date_from)
    if network is None:
        raise RuleError("К началу действия договора обе школы должны состоять в одной сети.", field="host")
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)  # two clicks are one draft
    drafts = Agreement.objects.filter(
        network=network, home=actor.organisation, host=host, state=AgreementState.DRAFT, document=None
    )
    same = next((draft for draft in drafts if fingerprint(terms_of(draft)) == fingerprint(terms)), None)
    if same is not None:
        return same
    agreement = Agreement(network=network, home=actor.organisation, host=host)
    check_terms(agreement, terms)
    put_plain(agreement, terms)
    agreement.save()
    put_rows(agreement, terms)
    note(Verb.AGREEMENT_DRAFTED, actor, agreement, at)
    return agreement


@transaction.atomic
def agreement_edit(
    *, actor: Acting, agreement: Agreement, terms: AgreementTerms, seen: str = "", at: datetime
) -> Agreement:
    """Change the terms of a draft, or of an agreement whose disagreements are being settled.

    Args:
        actor: the office of the school that prepares it.
        agreement: a draft, or one with an open protocol of disagreements.
        terms: the new terms.
        seen: the terms that the page showed, by `terms_seen`.
        at: the moment.

    Raises:
        StaleError: it was sent, or changed by someone else meanwhile.
        RuleError: the terms contradict themselves.
    """
    agreement = lock_agreement(agreement)
    refuse_sent(agreement)
    before = terms_of(agreement)
    check_seen(seen, terms_seen(before))
    check_terms(agreement, terms)
    changed = changes(before, terms)
    if changed:
        names = put_plain(agreement, terms)
        agreement.save(update_fields=names)
        put_rows(agreement, terms)
        note(
            Verb.AGREEMENT_CHANGED, actor, agreement, at, fields=list(dict.fromkeys(change.label for change in changed))
        )
    return agreement


def terms_seen(terms: AgreementTerms) -> dict[str, object]:
    """Return what `common.seen` compares of the terms of a draft."""
    return {"terms": fingerprint(terms)}


def refuse_sent(agreement: Agreement) -> None:
    """Raise StaleError when the terms of the agreement can no longer be changed."""
    if agreement.state not in (AgreementState.DRAFT, AgreementState.DISPUTED):
        raise StaleError(
            f"Договор уже не проект: он {agreement.get_state_display()}, условия изменить нельзя. Откройте договор."
        )


def paper_content(agreement: Agreement, at: datetime) -> NetworkAgreement:
    """Return the content of the agreement's paper as its rows and the people in office say today.

    Raises:
        RuleError: a term is not settled yet; a school has no director in office.
    """
    terms = terms_of(agreement)
    if open_terms := missing(terms):
        raise RuleError(f"Договор ещё не готов. {' '.join(open_terms)}")
    on = legal_day(agreement, at)
    protocol = agreement.protocol
    return network_agreement(
        agreement,
        terms,
        fingerprint(terms),
        home_director=director(agreement.home, on),
        host_director=director(agreement.host, on),
        protocol=protocol if protocol is not None and protocol.is_registered else None,
    )


def prepare_paper(agreement: Agreement, *, actor: Acting, at: datetime) -> Document:
    """Give the paper of the agreement a version that holds its terms of this moment; errors of `paper_content`."""
    content = paper_content(agreement, at)
    document = agreement.document
    if document is None:
        return document_draft(
            actor=actor.user, organisation=agreement.home, paper=content, signers=slots(agreement), at=at
        )
    document_revise(document=document, paper=content, actor=actor.user, signers=slots(agreement), at=at)
    return document


@transaction.atomic
def agreement_send(*, actor: Acting, agreement: Agreement, at: datetime) -> Agreement:
    """Send a draft to the other party's office, which agrees to it, objects clause by clause, or returns it.

    Raises:
        StaleError: it is sent already.
        RuleError: a term is not settled yet, a school has no director in office, or its details are empty.
    """
    agreement = lock_agreement(agreement)
    if agreement.state != AgreementState.DRAFT:
        refuse_sent(agreement)
        raise StaleError("Договор уже у второй стороны. Обновите страницу.")
    document = prepare_paper(agreement, actor=actor, at=at)
    move(agreement, AgreementState.REVIEW, document=document, remarks="")
    note(Verb.AGREEMENT_SENT, actor, agreement, at)
    tell(agreement, [agreement.host], f"Договор ждёт согласования: {agreement}", at)
    return agreement


@transaction.atomic
def agreement_agree(*, actor: Acting, agreement: Agreement, version_sha256: str, at: datetime) -> Agreement:
    """Agree to the terms as the other party; both directors may sign, the preparing school's first.

    Raises:
        StaleError: it does not wait for that, or its paper has changed since.
    """
    agreement = lock_agreement(agreement)
    document = in_review(agreement)
    if document.versions.latest("no").sha256 != version_sha256:
        raise StaleError("Договор изменился, пока вы его читали. Откройте его и прочтите ещё раз.")
    move(agreement, AgreementState.SIGNING)
    note(Verb.AGREEMENT_AGREED, actor, agreement, at)
    call_signer(agreement, document, at)
    return agreement


@transaction.atomic
def agreement_return(*, actor: Acting, agreement: Agreement, reason: str, at: datetime) -> Agreement:
    """Return an agreement that waits for the other party's word to its draft, with remarks.

    Raises:
        RuleError: there is no reason.
        StaleError: it does not wait for that.
    """
    reason = needs_reason(reason)
    agreement = lock_agreement(agreement)
    in_review(agreement)
    move(agreement, AgreementState.DRAFT, remarks=reason)
    note(Verb.AGREEMENT_RETURNED, actor, agreement, at, reason=reason)
    _tell_returned(agreement, at)
    return agreement


def in_review(agreement: Agreement) -> Document:
    """Return the paper of an agreement that the other party reads; StaleError when it does not."""
    if agreement.state != AgreementState.REVIEW or agreement.document is None:
        raise StaleError(f"Договор не ждёт согласования: он {agreement.get_state_display()}. Обновите страницу.")
    return agreement.document


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
    """Sign for the actor's school the paper whose turn it is: the protocol of disagreements, then the agreement.

    The second signature registers it in the registers of both schools.

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
    agreement = lock_agreement(agreement)
    document = _document_to_sign(agreement)
    put_signature(agreement, document, actor=actor, version_sha256=version_sha256, proof=proof, at=at, ip=ip)
    if next_slot(document) is not None:
        note(Verb.AGREEMENT_SIGNED_BY_ONE, actor, agreement, at)
        call_signer(agreement, document, at)
        return agreement
    registered = document_register(document=document, on=legal_day(agreement, at), at=at, actor=actor.user)
    if registered.pk == agreement.protocol_id:
        agreement.protocol = registered
        note(Verb.AGREEMENT_PROTOCOL_SIGNED, actor, agreement, at)
        agreement.document = prepare_paper(agreement, actor=actor, at=at)
        agreement.save(update_fields=["document"])
        call_signer(agreement, agreement.document, at)
        return agreement
    copy = copy_for_host(agreement, NetworkAgreement, registered, actor=actor, at=at)
    move(agreement, AgreementState.SIGNED, document=registered, host_copy=copy)
    note(Verb.AGREEMENT_SIGNED, actor, agreement, at)
    tell_both(agreement, f"Договор подписан обеими школами: {agreement}", at)
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
    agreement = lock_agreement(agreement)
    document = _document_to_sign(agreement)
    refuse_signature(agreement, document, actor=actor, reason=reason, version_sha256=version_sha256, at=at)
    protocol = None if document.pk == agreement.protocol_id else agreement.protocol
    move(agreement, AgreementState.DRAFT, remarks=reason.strip(), protocol=protocol)
    note(Verb.AGREEMENT_REFUSED, actor, agreement, at, reason=reason.strip())
    _tell_returned(agreement, at)
    return agreement


def _tell_returned(agreement: Agreement, at: datetime) -> None:
    text = f"Договор возвращён с замечаниями: {agreement}. {agreement.remarks}"
    tell(agreement, [agreement.home], text, at)
    # A draft is the preparing school's alone, so the other party's people are led to their list.
    tell(agreement, [agreement.host], text, at, url=reverse("agreement_list"))


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
    """End an agreement for good; what rests on it is looked at after the commit; errors as of `agreement_suspend`."""
    ended = _decide(
        AgreementState.ENDED,
        Verb.AGREEMENT_ENDED,
        "Договор прекращён",
        actor=actor,
        agreement=agreement,
        reason=reason,
        at=at,
    )
    emit(topic="agreement.ended", key=f"agreement:{ended.pk}", payload={"agreement_id": ended.pk}, at=at)
    return ended


def _decide(
    state: AgreementState, verb: Verb, words: str, *, actor: Acting, agreement: Agreement, reason: str, at: datetime
) -> Agreement:
    reason = needs_reason(reason)
    agreement = lock_agreement(agreement)
    if state == AgreementState.SIGNED and agreement.state != AgreementState.SUSPENDED:
        raise StaleError("Договор не приостановлен. Обновите страницу.")
    stopped_on = None if state == AgreementState.SIGNED else legal_day(agreement, at)
    move(agreement, state, stopped_on=stopped_on)
    note(verb, actor, agreement, at, reason=reason)
    tell_both(agreement, f"{words}: {agreement}", at)
    return agreement


def _document_to_sign(agreement: Agreement) -> Document:
    document = paper_to_sign(agreement)
    if document is None:
        raise StaleError(f"Договор не ждёт подписи: он {agreement.get_state_display()}. Обновите страницу.")
    return document
