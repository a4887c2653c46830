"""Supplementary agreements: only what changes is listed, signed by both directors, and only then in force."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import next_slot
from network_portal.documents.services import (
    document_cancel,
    document_draft,
    document_register,
    document_revise,
)
from schools.acting import Acting
from schools.agreements import amended_terms, terms_json, terms_of
from schools.documents import SupplementaryAgreement, supplementary_agreement
from schools.enums import AgreementState, AmendmentState, Verb
from schools.models import Agreement, Amendment
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
    tell,
    tell_both,
)
from schools.services.agreements import terms_seen
from schools.services.authority import amendment_signers
from schools.services.trail import note
from schools.terms import AgreementTerms, changes, fingerprint, missing


@transaction.atomic
def amendment_create(
    *, actor: Acting, agreement: Agreement, terms: AgreementTerms, reason: str, at: datetime
) -> Amendment:
    """Draft a supplementary agreement; the terms in force stay as they are until both directors have signed it.

    Args:
        actor: the office of either party.
        agreement: a signed agreement.
        terms: all terms as they will be.
        reason: why they change; it is printed.
        at: the moment.

    Raises:
        StaleError: the agreement is not signed.
        RuleError: nothing changes; a term is open; another supplementary agreement is not signed yet.
    """
    agreement = lock_agreement(agreement)
    _still_signed(agreement)
    assert actor.organisation is not None
    amendment = Amendment(agreement=agreement, prepared_by=actor.organisation, reason=needs_reason(reason))
    _put(amendment, agreement, terms)
    clean(amendment, exclude=["document", "host_copy", "remarks"])
    amendment.save()
    note(Verb.AMENDMENT_DRAFTED, actor, agreement, at)
    return amendment


@transaction.atomic
def amendment_edit(
    *, actor: Acting, amendment: Amendment, terms: AgreementTerms, reason: str, seen: str = "", at: datetime
) -> Amendment:
    """Change the draft of a supplementary agreement.

    Raises:
        StaleError: it was sent, or changed by someone else meanwhile.
        RuleError: as of `amendment_create`.
    """
    amendment = _lock(amendment)
    _still(amendment, AmendmentState.DRAFT)
    check_seen(seen, terms_seen(amended_terms(amendment)))
    amendment.reason = needs_reason(reason)
    _put(amendment, amendment.agreement, terms)
    amendment.save(update_fields=["terms", "reason"])
    note(Verb.AMENDMENT_CHANGED, actor, amendment.agreement, at)
    return amendment


@transaction.atomic
def amendment_send(*, actor: Acting, amendment: Amendment, at: datetime) -> Amendment:
    """Send a draft to both directors for signature.

    Raises:
        StaleError: it is sent already, or the agreement is no longer signed.
        RuleError: a school has no director in office; the terms in force have become the same.
    """
    amendment = _lock(amendment)
    _still(amendment, AmendmentState.DRAFT)
    agreement = amendment.agreement
    _still_signed(agreement)
    content = _content(amendment, at)
    signers = amendment_signers(agreement, legal_day(agreement, at))
    document = amendment.document
    if document is None:
        document = document_draft(actor=actor.user, organisation=agreement.home, paper=content, signers=signers, at=at)
    else:
        document_revise(document=document, paper=content, actor=actor.user, signers=signers, at=at)
    move(amendment, AmendmentState.SIGNING, document=document, remarks="")
    note(Verb.AMENDMENT_SENT, actor, agreement, at)
    call_signer(agreement, document, at)
    return amendment


@transaction.atomic
def amendment_sign(
    *,
    actor: Acting,
    amendment: Amendment,
    version_sha256: str,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str = "",
) -> Amendment:
    """Sign for the actor's school; the second signature registers both copies and puts the new terms in force.

    Raises:
        StaleError: the paper has changed since, or the terms in force are no longer those that it changes.
        RuleError: it is the other party's turn; the proof is wrong.
    """
    amendment = _lock(amendment)
    document = _document_to_sign(amendment)
    agreement = amendment.agreement
    put_signature(agreement, document, actor=actor, version_sha256=version_sha256, proof=proof, at=at, ip=ip)
    if next_slot(document) is not None:
        note(Verb.AMENDMENT_SIGNED_BY_ONE, actor, agreement, at)
        call_signer(agreement, document, at)
        return amendment
    _still_signed(agreement)
    terms = amended_terms(amendment)
    registered = document_register(document=document, on=legal_day(agreement, at), at=at, actor=actor.user)
    copy = copy_for_host(agreement, SupplementaryAgreement, registered, actor=actor, at=at)
    names = put_plain(agreement, terms)
    if agreement.publication is not None:  # what everyone reads must be the terms in force
        document_cancel(document=agreement.publication, actor=actor.user, reason="Условия договора изменены.", at=at)
    agreement.publication = None
    agreement.save(update_fields=[*names, "publication"])
    put_rows(agreement, terms)
    move(amendment, AmendmentState.SIGNED, document=registered, host_copy=copy)
    note(Verb.AMENDMENT_SIGNED, actor, agreement, at, number=registered.number)
    tell_both(agreement, f"Дополнительное соглашение подписано обеими школами: {agreement}", at)
    return amendment


@transaction.atomic
def amendment_refuse(
    *, actor: Acting, amendment: Amendment, reason: str, at: datetime, version_sha256: str | None = None
) -> Amendment:
    """Return a supplementary agreement to its draft with the director's remarks.

    Raises:
        RuleError: there is no reason; the actor has signed already.
        StaleError: it is not being signed, or its paper has changed since.
    """
    amendment = _lock(amendment)
    agreement = amendment.agreement
    document = _document_to_sign(amendment)
    refuse_signature(agreement, document, actor=actor, reason=reason, version_sha256=version_sha256, at=at)
    move(amendment, AmendmentState.DRAFT, remarks=reason.strip())
    note(Verb.AMENDMENT_REFUSED, actor, agreement, at, reason=reason.strip())
    tell_both(agreement, f"Дополнительное соглашение возвращено с замечаниями: {agreement}", at)
    return amendment


@transaction.atomic
def amendment_drop(*, actor: Acting, amendment: Amendment, at: datetime) -> Amendment:
    """Give up the draft of a supplementary agreement.

    Raises:
        StaleError: it is not a draft.
    """
    amendment = _lock(amendment)
    _still(amendment, AmendmentState.DRAFT)
    move(amendment, AmendmentState.DROPPED)
    note(Verb.AMENDMENT_DROPPED, actor, amendment.agreement, at)
    tell(
        amendment.agreement,
        [amendment.prepared_by],
        f"Проект дополнительного соглашения отозван: {amendment.agreement}",
        at,
    )
    return amendment


def _put(amendment: Amendment, agreement: Agreement, terms: AgreementTerms) -> None:
    if open_terms := missing(terms):
        raise RuleError(f"Дополнительное соглашение ещё не готово. {' '.join(open_terms)}")
    check_terms(agreement, terms)
    if not changes(terms_of(agreement), terms):
        raise RuleError("Ни одно условие не изменено.")
    amendment.terms = terms_json(terms)


def _content(amendment: Amendment, at: datetime) -> SupplementaryAgreement:
    agreement = amendment.agreement
    before, after = terms_of(agreement), amended_terms(amendment)
    changed = changes(before, after)
    if not changed:
        raise RuleError("Условия договора уже такие. Отзовите проект дополнительного соглашения.")
    on = legal_day(agreement, at)
    return supplementary_agreement(
        agreement,
        changed,
        reason=amendment.reason,
        before=fingerprint(before),
        after=fingerprint(after),
        home_director=director(agreement.home, on),
        host_director=director(agreement.host, on),
    )


def _lock(amendment: Amendment) -> Amendment:
    agreement = lock_agreement(amendment.agreement)
    locked = (
        Amendment.objects.select_for_update(of=("self",)).select_related("document", "prepared_by").get(pk=amendment.pk)
    )
    locked.agreement = agreement
    return locked


def _still(amendment: Amendment, state: AmendmentState) -> None:
    if amendment.state != state:
        raise StaleError(f"Дополнительное соглашение уже {amendment.get_state_display()}. Обновите страницу.")


def _still_signed(agreement: Agreement) -> None:
    if agreement.state != AgreementState.SIGNED:
        raise StaleError(f"Изменить можно подписанный договор, а он {agreement.get_state_display()}.")


def _document_to_sign(amendment: Amendment) -> Document:
    _still(amendment, AmendmentState.SIGNING)
    assert amendment.document is not None
    return amendment.document
