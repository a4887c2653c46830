"""What the services of agreements, protocols and supplementary agreements share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Model
from django.urls import reverse

from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError
from network_portal.common.russian import Case
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import current_version, next_slot
from network_portal.documents.services import SignerSlot, document_issue, document_refuse, document_sign
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.agreements import FIRST, HOME_SLOT, HOST_SLOT, PLAIN, slot_of
from schools.documents import NetworkAgreement, SupplementaryAgreement, source_of
from schools.enums import DutyKind, Role, Side
from schools.models import (
    Agreement,
    AgreementAppendix,
    AgreementCondition,
    AgreementDuty,
    AgreementResource,
    Duty,
    Organisation,
)
from schools.selectors import director_of, staff_of
from schools.services.authority import authority_of, authority_on_paper, signatories_in
from schools.terms import AgreementTerms, read

#: Who hears of every step of an agreement of the school.
TOLD = (DutyKind.DIRECTOR, DutyKind.DEPUTY, DutyKind.RESPONSIBLE)


def lock_agreement(agreement: Agreement) -> Agreement:
    return (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("network", "home", "host", "document", "host_copy", "protocol", "publication")
        .get(pk=agreement.pk)
    )


def legal_day(agreement: Agreement, at: datetime) -> date:
    return local_day(at, agreement.network.time_zone)


def url_of(agreement: Agreement) -> str:
    return reverse("agreement", args=[agreement.pk])


def needs_reason(reason: str) -> str:
    if not reason.strip():
        raise RuleError("Укажите основание: его увидят обе стороны.", field="reason")
    return reason.strip()


def director(school: Organisation, on: date) -> Duty:
    found = director_of(school, on)
    if found is None:
        raise RuleError(f"У школы {school} сейчас нет директора на портале: подписать договор некому.")
    return found


def slots(agreement: Agreement) -> list[SignerSlot]:
    return [
        SignerSlot(key, f"{Role.DIRECTOR.label} {school.in_case(Case.GENITIVE)}")
        for key, school in ((HOME_SLOT, agreement.home), (HOST_SLOT, agreement.host))
    ]


def slot_for(agreement: Agreement, document: Document, actor: Acting) -> str:
    """Return where the actor's school signs: its turn if it is one of its places, else its own place."""
    own = slot_of(agreement, actor.organisation_id)
    if own is None:
        raise RuleError("Договор подписывают директора школ, которые его заключают.")
    turn = next_slot(document)
    return turn.key if turn and turn.key in (own, f"{own}{FIRST}") else own


def put_signature(
    agreement: Agreement,
    document: Document,
    *,
    actor: Acting,
    version_sha256: str,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str,
) -> None:
    """Sign a paper of the agreement for the actor's school, with what the person signs by on that day.

    Under a scan it is what the person signed by on the date beside the signature; one without an account brings a
    power of attorney that the clerk has typed.
    """
    slot = slot_for(agreement, document, actor)
    authority = None
    if not slot.endswith(FIRST):
        if isinstance(proof, Proof):
            authority = authority_of(actor, legal_day(agreement, at))
        elif proof.signer is not None:
            school = agreement.home if slot == HOME_SLOT else agreement.host
            authority = authority_on_paper(school, proof.signer, proof.signed_on)
            proof = replace(proof, basis=authority.basis, capacity=authority.capacity)
    document_sign(
        document=document,
        version_sha256=version_sha256,
        slot=slot,
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
        basis=authority.basis if authority else "",
        capacity=authority.capacity if authority else "",
    )


def refuse_signature(
    agreement: Agreement, document: Document, *, actor: Acting, reason: str, version_sha256: str | None, at: datetime
) -> None:
    """Refuse to sign a paper of the agreement for the actor's school."""
    document_refuse(
        document=document,
        slot=slot_for(agreement, document, actor),
        signer=actor.user,
        reason=reason,
        at=at,
        version_sha256=version_sha256,
    )


def call_signer(agreement: Agreement, document: Document, at: datetime) -> None:
    """Tell those who may sign where a signature under `document` is waited for."""
    slot = next_slot(document)
    if slot is not None:
        people = signatories_in(agreement, slot.key, legal_day(agreement, at))
        notify(people, f"{document.title}: ждёт вашей подписи ({agreement})", url_of(agreement), at=at)


def tell(agreement: Agreement, schools: Iterable[Organisation], text: str, at: datetime, *, url: str = "") -> None:
    on = legal_day(agreement, at)
    told = [user for school in schools for user in staff_of(school, *TOLD, on=on)]
    notify(told, text, url or url_of(agreement), at=at)


def tell_both(agreement: Agreement, text: str, at: datetime) -> None:
    tell(agreement, (agreement.home, agreement.host), text, at)


def copy_for_host(
    agreement: Agreement,
    kind: type[NetworkAgreement] | type[SupplementaryAgreement],
    document: Document,
    *,
    actor: Acting,
    at: datetime,
) -> Document:
    """Register the second copy of a signed paper in the register of the other party, with a number of its own.

    The signatures bind to the one version that was signed; the copy repeats its content and tells how it was signed.
    """
    content = read(json.loads(current_version(document).content)["paper"], kind)
    return document_issue(
        actor=actor.user,
        organisation=agreement.host,
        paper=replace(content, original=source_of(document)),
        on=legal_day(agreement, at),
        at=at,
        pdf_later=True,
    )


# --- terms into rows --------------------------------------------------------------------------------------------


def check_terms(agreement: Agreement, terms: AgreementTerms) -> None:
    """Raise RuleError when the terms contradict themselves; what is not settled yet contradicts nothing."""
    row = Agreement(network=agreement.network, home=agreement.home, host=agreement.host, state=agreement.state)
    put_plain(row, terms)
    clean(row, exclude=["document", "host_copy", "protocol", "publication", "stopped_on"])
    for one in terms.conditions:
        if one.grade_from and one.grade_to and one.grade_from > one.grade_to:
            raise RuleError(f"«{one.programme}»: классы указаны в обратном порядке.")
        if one.year_from and one.year_to and one.year_from > one.year_to:
            raise RuleError(f"«{one.programme}»: учебные годы указаны в обратном порядке.")
    for duty in terms.duties:
        if duty.due and not terms.date_from <= duty.due <= terms.date_to:
            raise RuleError(f"Срок обязанности «{duty.what}» вне срока действия договора.")
    for row_of_terms in rows_of(agreement, terms):
        clean(row_of_terms, exclude=["agreement", "done_on", "done_by"])


def put_plain(agreement: Agreement, terms: AgreementTerms) -> list[str]:
    """Set the terms that are fields of the agreement itself and return their names."""
    for name in (*PLAIN, "funding_mode"):
        setattr(agreement, name, getattr(terms, name))
    agreement.journal_readers = [str(role) for role in terms.journal_readers]
    return [*PLAIN, "funding_mode", "journal_readers"]


def rows_of(agreement: Agreement, terms: AgreementTerms) -> list[Model]:
    """Return the rows, not saved, that hold the terms of `agreement`."""
    rows: list[Model] = []
    for condition in terms.conditions:
        values = {name: value for name, value in vars(condition).items() if name != "teaches"}
        sides = {"home": agreement.home, "host": agreement.host}
        if condition.teaches == Side.HOME:
            sides = {"home": agreement.host, "host": agreement.home}
        rows.append(AgreementCondition(agreement=agreement, **sides, **values))
    rows += [AgreementResource(agreement=agreement, **vars(one)) for one in terms.resources]
    rows += [AgreementDuty(agreement=agreement, **vars(one)) for one in terms.duties]
    rows += [AgreementAppendix(agreement=agreement, **vars(one)) for one in terms.appendices]
    return rows


def put_rows(agreement: Agreement, terms: AgreementTerms) -> None:
    """Replace the rows of an agreement by those of `terms`; what was done of a duty that stays is kept."""
    done = {
        (duty.party, duty.what, duty.due): (duty.done_on, duty.done_by)
        for duty in agreement.duties.exclude(done_on=None).select_related("done_by")
    }
    for kind in (AgreementCondition, AgreementResource, AgreementDuty, AgreementAppendix):
        kind._default_manager.filter(agreement=agreement).delete()
    for row in rows_of(agreement, terms):
        if isinstance(row, AgreementDuty):
            row.done_on, row.done_by = done.get((row.party, row.what, row.due), (None, None))
        row.save()
