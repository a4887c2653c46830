"""Agreements of two schools."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_conflict, add_refusal
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from schools import access, selectors, services
from schools.acting import ActingRequest
from schools.forms._shared import ReasonForm
from schools.forms.agreements import AgreementEditForm, AgreementForm
from schools.views._shared import PAGE, form_page, shown


@require_safe
def agreement_list(request: ActingRequest) -> HttpResponse:
    """The agreements of the school, as home and as host."""
    page = Paginator(access.agreements_for(request.acting), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.agreement_rows(page, request.acting.organisation_id, timezone.localdate()),
        "may_create": request.acting.is_(*access.OFFICE),
    }
    return render(request, "schools/agreement_list.html", context)


@form_page
def agreement_create(request: ActingRequest) -> HttpResponse:
    """Draft an agreement with another school of the network."""
    access.require(request.acting, *access.OFFICE)
    form = AgreementForm(request.POST or None, partners=access.partners_for(request.acting, timezone.localdate()))
    if form.is_valid():
        try:
            agreement = services.agreement_create(
                actor=request.acting, host=form.cleaned_data["host"], terms=form.terms(), at=timezone.now()
            )
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Проект договора составлен. Проверьте его и направьте на подписание.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"form": form, "agreement": None})


@form_page
def agreement_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Change the terms of a draft."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    if request.method != "POST":
        services.refuse_sent(agreement)
    form = AgreementEditForm(request.POST or None, initial=selectors.terms_of(agreement))
    if form.is_valid():
        try:
            services.agreement_edit(
                actor=request.acting,
                agreement=agreement,
                terms=form.terms(),
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
            )
        except StaleError as refusal:
            agreement = access.agreement_for(request.acting, pk)
            add_conflict(form, refusal, selectors.terms_of(agreement))
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Проект договора изменён.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"form": form, "agreement": agreement})


@require_safe
def agreement(request: ActingRequest, pk: int) -> HttpResponse:
    """The terms, the state, who has signed, and what the acting person may do now."""
    return _agreement_page(request, pk)


@require_POST
def agreement_send(request: ActingRequest, pk: int) -> HttpResponse:
    """Send a draft for signature."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    services.agreement_send(actor=request.acting, agreement=agreement, at=timezone.now())
    messages.success(request, "Договор направлен на подписание. Первым подписывает директор вашей школы.")
    return redirect("agreement", pk)


@require_POST
def agreement_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Sign for the own school."""
    agreement = access.agreement_to_sign_for(request.acting, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            services.agreement_sign(
                actor=request.acting,
                agreement=agreement,
                **form.signed,
                at=timezone.now(),
                ip=request.META.get("REMOTE_ADDR", ""),
            )
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Договор подписан.")
            return redirect("agreement", pk)
    return _agreement_page(request, pk, sign=form)


@require_POST
def agreement_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """Return the agreement with remarks."""
    agreement = access.agreement_to_sign_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _agreement_page(request, pk, reason=form)
    services.agreement_refuse(
        actor=request.acting,
        agreement=agreement,
        reason=form.cleaned_data["reason"],
        version_sha256=request.POST.get("version_sha256") or None,
        at=timezone.now(),
    )
    messages.success(request, "Договор возвращён с замечаниями, обе стороны уведомлены.")
    return redirect("agreement_list")


DECISIONS = {
    "suspend": (services.agreement_suspend, "Договор приостановлен."),
    "resume": (services.agreement_resume, "Действие договора возобновлено."),
    "end": (services.agreement_end, "Договор прекращён."),
}


@require_POST
def agreement_decide(request: ActingRequest, pk: int, what: str) -> HttpResponse:
    """Suspend, resume or end an agreement with a reason."""
    agreement = access.agreement_to_decide_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _agreement_page(request, pk, reason=form)
    service, done = DECISIONS[what]
    service(actor=request.acting, agreement=agreement, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(request, f"{done} Обе стороны уведомлены.")
    return redirect("agreement", pk)


@require_safe
def agreement_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper: a preview while it is being signed, the kept bytes afterwards."""
    agreement = access.agreement_for(request.acting, pk)
    return document_response(access.paper_of(agreement))


def _agreement_page(
    request: ActingRequest, pk: int, *, sign: SignForm | None = None, reason: ReasonForm | None = None
) -> HttpResponse:
    agreement = access.agreement_for(request.acting, pk)
    card = selectors.agreement_card(agreement, request.acting, timezone.localdate())
    context = {
        "agreement": agreement,
        "card": card,
        "sign": (sign or SignForm.of(access.paper_of(agreement))) if card.own_slot else None,
        "reason": reason or ReasonForm(),
        "preview_url": reverse("agreement_pdf", args=[pk]),
    }
    return shown(request, "schools/agreement.html", context)
