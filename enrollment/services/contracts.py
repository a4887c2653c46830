"""The contract of the host, the home school and the parent, where the network needs one (S3-(4), T07)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from enrollment.documents import contract_paper
from enrollment.enums import ContractState, LineDecision, Verb
from enrollment.models import Contract, SchoolRequestLine
from enrollment.selectors.people import MANAGER_KINDS
from enrollment.services._shared import checked, legal_day, lock_request, tell_family, tell_managers
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP, Case
from network_portal.common.states import move
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import next_slot
from network_portal.documents.services import (
    SignerSlot,
    document_draft,
    document_refuse,
    document_register,
    document_sign,
)
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import DutyKind
from schools.selectors import staff_of
from schools.services.trail import note

BASE_SLOT, HOME_SLOT, GUARDIAN_SLOT = "base_director", "home_director", "guardian"


@transaction.atomic
def contract_create(*, actor: Acting, line: SchoolRequestLine, at: datetime) -> Contract:
    """Draft the contract for a pupil whose line the host has accepted.

    Args:
        actor: a manager of the host.
        line: an accepted line of a received list.
        at: the moment.

    Raises:
        RuleError: the network needs no such contract, or the line is not accepted.
        StaleError: the contract is there already.
    """
    request = lock_request(line.request)
    line = (
        SchoolRequestLine.objects.select_related(
            "request__home", "request__host", "course__programme", "application__guardian",
            "application__student__school_class",
        ).get(pk=line.pk)
    )  # fmt: skip
    if not request.agreement.network.tripartite:
        raise RuleError("В этой сети трёхсторонний договор не нужен.")
    if line.decision != LineDecision.ACCEPTED:
        raise RuleError("Договор составляют, когда место забронировано: примите строку заявки.")
    if Contract.objects.filter(line=line).exclude(state=ContractState.CANCELLED).exists():
        raise StaleError("Договор с этой семьёй уже составлен. Обновите страницу.")
    on = legal_day(request, at)
    contract = Contract(line=line, created_at=at)
    contract.document = document_draft(
        actor=actor.user,
        organisation=request.host,
        paper=contract_paper(line, on),
        signers=[
            SignerSlot(BASE_SLOT, f"директор {request.host.in_case(Case.GENITIVE)}"),
            SignerSlot(HOME_SLOT, f"директор {request.home.in_case(Case.GENITIVE)}"),
            SignerSlot(GUARDIAN_SLOT, "законный представитель"),
        ],
        at=at,
    )
    checked(contract).save()
    note(Verb.CONTRACT_DRAFTED, actor, contract, at)
    _call_next(contract, at=at)
    return contract


@transaction.atomic
def contract_sign(
    *,
    actor: Acting,
    contract: Contract,
    slot: str,
    version_sha256: str,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str = "",
) -> Contract:
    """Sign for one of the three sides; with the third signature the contract gets its number and is in force.

    Raises:
        RuleError: it is another side's turn; on the field "password" or "code" when that is wrong.
        StaleError: it is signed by all, was refused, or the place is no longer booked.
    """
    contract = _lock(contract)
    _open(contract)
    request = contract.line.request
    document_sign(
        document=contract.document,
        version_sha256=version_sha256,
        slot=slot,
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
    )
    note(Verb.CONTRACT_SIGNED, actor, contract, at, slot=slot)
    if next_slot(contract.document) is not None:
        _call_next(contract, at=at)
        return contract
    on = legal_day(request, at)
    contract.document = document_register(document=contract.document, on=on, at=at, actor=actor.user)
    move(contract, ContractState.IN_FORCE)
    note(Verb.CONTRACT_IN_FORCE, actor, contract, at, number=contract.document.number)
    url = reverse("contract", args=[contract.pk])
    for school in (request.host, request.home):
        text = f"Трёхсторонний договор №{NBSP}{contract.document.number} подписан тремя сторонами."
        tell_managers(school, text, url, on=on, at=at)
    tell_family(
        contract.line.application,
        f"Трёхсторонний договор №{NBSP}{contract.document.number} заключён: курс «{contract.line.course}».",
        at=at,
    )
    return contract


@transaction.atomic
def contract_refuse(
    *, actor: Acting, contract: Contract, slot: str, reason: str, version_sha256: str | None = None, at: datetime
) -> Contract:
    """Refuse to sign for one of the sides: this contract ends, the host may draft another one.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: it is signed by all, or was refused before.
    """
    contract = _lock(contract)
    _open(contract)
    document_refuse(
        document=contract.document,
        slot=slot,
        signer=actor.user,
        reason=reason,
        at=at,
        version_sha256=version_sha256,
    )
    move(contract, ContractState.CANCELLED)
    note(Verb.CONTRACT_CANCELLED, actor, contract, at, slot=slot, reason=reason.strip())
    request = contract.line.request
    on, url = legal_day(request, at), reverse("contract", args=[contract.pk])
    for school in (request.host, request.home):
        told = staff_of(school, DutyKind.DIRECTOR, *MANAGER_KINDS, on=on)
        notify(told, f"Трёхсторонний договор не подписан: {reason.strip()}", url, at=at)
    text = f"Трёхсторонний договор не подписан одной из сторон: {reason.strip()}"
    tell_family(contract.line.application, text, at=at)
    return contract


def _lock(contract: Contract) -> Contract:
    """Lock the list first: an order that enrols by it waits for the signature, or the signature for the order."""
    lock_request(contract.line.request)
    return (
        Contract.objects.select_for_update(of=("self",))
        .select_related(
            "document", "line__course__programme", "line__application__student", "line__request__home",
            "line__request__host", "line__request__agreement__network",
        )
        .get(pk=contract.pk)
    )  # fmt: skip


def _open(contract: Contract) -> None:
    if contract.state != ContractState.SIGNING:
        raise StaleError(f"Договор уже в состоянии «{contract.get_state_display()}». Ничего не изменено.")
    if contract.line.decision != LineDecision.ACCEPTED:
        raise StaleError("Место по этой строке больше не забронировано: договор подписывать не нужно.")


def _call_next(contract: Contract, *, at: datetime) -> None:
    waiting = next_slot(contract.document)
    if waiting is None:
        return
    request = contract.line.request
    on = legal_day(request, at)
    text = f"На подпись: трёхсторонний договор, курс «{contract.line.course}»."
    if waiting.key == GUARDIAN_SLOT:
        tell_family(contract.line.application, text, at=at)
        return
    school = request.host if waiting.key == BASE_SLOT else request.home
    url = reverse("contract_sign", args=[contract.pk])
    notify(staff_of(school, DutyKind.DIRECTOR, on=on), text, url, at=at)
