"""The protocol of disagreements: clauses in two wordings, how each was settled, the paper T28."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents.services import document_draft
from schools.acting import Acting
from schools.documents import protocol_paper
from schools.enums import AgreementState, Outcome, Verb
from schools.models import Agreement, Disagreement
from schools.services._agreements import call_signer, lock_agreement, slots, tell_both
from schools.services.agreements import prepare_paper
from schools.services.trail import note


@transaction.atomic
def disagreement_add(
    *, actor: Acting, agreement: Agreement, clause: str, home_wording: str, host_wording: str, at: datetime
) -> Disagreement:
    """Put a clause in the protocol; while the protocol is open nobody signs.

    The other party opens it while it reads the agreement; after that both parties add to it.

    Args:
        actor: the office of a party; the first clause is the other party's.
        agreement: one that is being agreed, or whose protocol is open.
        clause: the clause of the agreement, such as «2.4».
        home_wording: how the preparing school has it.
        host_wording: how the other party wants it.
        at: the moment.

    Raises:
        StaleError: the agreement is neither being agreed nor disputed.
        RuleError: a wording is empty; the clause is there already.
    """
    agreement = lock_agreement(agreement)
    if agreement.state == AgreementState.REVIEW and actor.organisation_id == agreement.host_id:
        move(agreement, AgreementState.DISPUTED)
    if agreement.state != AgreementState.DISPUTED:
        raise StaleError(
            f"Разногласия вносят, пока договор согласуется, а он {agreement.get_state_display()}. Обновите страницу."
        )
    line = Disagreement(
        agreement=agreement,
        clause=clause.strip(),
        home_wording=home_wording.strip(),
        host_wording=host_wording.strip(),
    )
    clean(line, exclude=["agreed_wording", "outcome"])
    line.save()
    note(Verb.AGREEMENT_DISPUTED, actor, agreement, at, clause=line.clause)
    tell_both(agreement, f"Протокол разногласий, пункт {line.clause}: {agreement}", at)
    return line


@transaction.atomic
def disagreement_settle(
    *, actor: Acting, disagreement: Disagreement, outcome: Outcome, agreed_wording: str = "", at: datetime
) -> Disagreement:
    """Say how a clause is settled; said again, it is settled anew.

    Raises:
        StaleError: the protocol is not open, or the line is gone.
        RuleError: the agreed wording is asked for and empty.
    """
    agreement = lock_agreement(disagreement.agreement)
    if agreement.state != AgreementState.DISPUTED:
        raise StaleError("Протокол разногласий уже закрыт. Обновите страницу.")
    if outcome == Outcome.AGREED and not agreed_wording.strip():
        raise RuleError("Впишите согласованную редакцию пункта.", field="agreed_wording")
    line = Disagreement.objects.select_for_update().get(pk=disagreement.pk)
    line.outcome = outcome
    line.agreed_wording = agreed_wording.strip() if outcome == Outcome.AGREED else ""
    line.save(update_fields=["outcome", "agreed_wording"])
    note(Verb.AGREEMENT_SETTLED, actor, agreement, at, clause=line.clause, outcome=str(outcome))
    return line


@transaction.atomic
def disagreements_close(*, actor: Acting, agreement: Agreement, at: datetime) -> Agreement:
    """Close the protocol once every clause is settled; it is signed first, as a part of the agreement.

    Raises:
        StaleError: the protocol is not open.
        RuleError: a clause is not settled yet; the terms of the agreement are not complete.
    """
    agreement = lock_agreement(agreement)
    if agreement.state != AgreementState.DISPUTED:
        raise StaleError("Протокол разногласий уже закрыт. Обновите страницу.")
    lines = list(agreement.disagreements.all())
    unsettled = [line.clause for line in lines if not line.outcome]
    if unsettled:
        raise RuleError(f"По пункту {', '.join(unsettled)} ещё нет итога. Укажите его и закройте протокол.")
    before = agreement.protocol if agreement.protocol and agreement.protocol.is_registered else None
    protocol = document_draft(
        actor=actor.user,
        organisation=agreement.home,
        paper=protocol_paper(agreement, lines),
        signers=slots(agreement),
        replaces=before,
        at=at,
    )
    agreement.protocol = protocol
    document = prepare_paper(agreement, actor=actor, at=at)
    move(agreement, AgreementState.SIGNING, protocol=protocol, document=document)
    note(Verb.AGREEMENT_PROTOCOL, actor, agreement, at, clauses=[line.clause for line in lines])
    call_signer(agreement, protocol, at)
    return agreement
