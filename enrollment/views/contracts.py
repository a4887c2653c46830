"""The contract of three parties: drafted by the host, signed by two directors and a guardian."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.enums import ContractState
from enrollment.forms._shared import ReturnForm
from enrollment.models import Contract
from enrollment.views._shared import form_page, shown
from network_portal.common.errors import StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm, forms_to_sign, returned_in
from network_portal.documents.http import document_response
from network_portal.documents.selectors import next_slot, refusal_of, signature_slots
from schools.acting import ActingRequest
from schools.enums import Role

TONES = {ContractState.SIGNING: "warn", ContractState.IN_FORCE: "good", ContractState.CANCELLED: "bad"}


@require_POST
def contract_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Draft the contract for the line `pk`."""
    line = access.line_to_answer(request.acting, pk)
    contract = services.contract_create(actor=request.acting, line=line, at=timezone.now())
    messages.success(request, "Договор составлен и ждёт подписи директора.")
    return redirect("contract", contract.pk)


@require_safe
def contract(request: ActingRequest, pk: int) -> HttpResponse:
    """One contract with the signatures of its three sides."""
    found = access.contract_for(request.acting, pk)
    return shown(request, "enrollment/contract.html", _context(request, found))


def _context(request: ActingRequest, contract: Contract) -> dict[str, object]:
    slot = next_slot(contract.document)
    own = access.contract_slot(request.acting, contract)
    return {
        "contract": contract,
        "tone": TONES[ContractState(contract.state)],
        "slots": signature_slots(contract.document),
        "slot": slot,
        "parent": request.acting.is_(Role.PARENT),
        "refused": refusal_of(contract.document),
        "may_sign": contract.state == ContractState.SIGNING and slot is not None and slot.key == own,
    }


@form_page
def contract_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """One of the three sides reads and signs."""
    found = access.contract_to_sign(request.acting, pk)
    if request.method != "POST":
        return _sign_page(request, found)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.contract_sign(
                actor=request.acting,
                contract=found,
                slot=access.contract_slot(request.acting, found) or "",
                **form.signed_in(request),
                at=timezone.now(),
            )
            messages.success(request, "Договор подписан.")
            return redirect("contract", pk)
    return _sign_page(request, found, sign=form)


@require_POST
def contract_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """One of the sides refuses to sign, with a reason."""
    found = access.contract_to_sign(request.acting, pk)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, found, reason=form)
    services.contract_refuse(
        actor=request.acting,
        contract=found,
        slot=access.contract_slot(request.acting, found) or "",
        **returned_in(request, form),
        at=timezone.now(),
    )
    messages.success(request, "Отказ записан, остальные стороны уведомлены.")
    return redirect("contract", pk)


def _sign_page(
    request: ActingRequest, contract: Contract, *, sign: SignForm | None = None, reason: ReturnForm | None = None
) -> HttpResponse:
    context = _context(request, contract)
    if not context["may_sign"]:
        raise StaleError("Ваша подпись под этим договором сейчас не нужна.")
    context |= forms_to_sign(contract.document, sign, reason or ReturnForm())
    return shown(request, "enrollment/contract_sign.html", context)


@require_safe
def contract_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper of the contract: a preview until the third signature."""
    return document_response(access.contract_for(request.acting, pk).document)
