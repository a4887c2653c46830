"""Supplementary agreements: drafted, signed, given up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm, returned_in
from network_portal.documents.http import document_response
from schools import access, services
from schools import agreements as reads
from schools.acting import ActingRequest
from schools.forms._shared import ReasonForm
from schools.forms.agreements import AmendedTermsForm
from schools.terms import changes
from schools.views._agreements import agreement_page, terms_forms
from schools.views._shared import form_page, shown


@form_page
def amendment_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Draft a supplementary agreement: the terms in force, to be changed."""
    agreement = access.agreement_of_office_for(request.acting, pk)
    forms = terms_forms(request, agreement, reads.terms_of(agreement), form=AmendedTermsForm)
    if forms.is_valid():
        try:
            services.amendment_create(
                actor=request.acting,
                agreement=agreement,
                terms=forms.terms(),
                reason=forms.main.cleaned_data["reason"],
                at=timezone.now(),
            )
        except StaleError:
            raise
        except RuleError as refusal:
            forms.refuse(refusal)
        else:
            messages.success(request, "Проект дополнительного соглашения составлен. Проверьте, что изменяется.")
            return redirect("agreement", pk)
    return shown(request, "schools/agreement_form.html", {"forms": forms, "agreement": agreement, "amends": True})


@form_page
def amendment_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Change the draft of a supplementary agreement."""
    amendment = access.amendment_for(request.acting, pk, to_change=True)
    agreement = amendment.agreement
    stored = reads.amended_terms(amendment)
    forms = terms_forms(request, agreement, stored, form=AmendedTermsForm, initial={"reason": amendment.reason})
    if forms.is_valid():
        try:
            services.amendment_edit(
                actor=request.acting,
                amendment=amendment,
                terms=forms.terms(),
                reason=forms.main.cleaned_data["reason"],
                seen=forms.seen,
                at=timezone.now(),
            )
        except StaleError as refusal:
            stored = reads.amended_terms(access.amendment_for(request.acting, pk))
            forms.overtaken(refusal, stored, changes(forms.terms(), stored))
        except RuleError as refusal:
            forms.refuse(refusal)
        else:
            messages.success(request, "Дополнительное соглашение изменено.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"forms": forms, "agreement": agreement, "amends": True})


@require_POST
def amendment_send(request: ActingRequest, pk: int) -> HttpResponse:
    """Hand a supplementary agreement over for signature."""
    amendment = access.amendment_for(request.acting, pk, to_change=True)
    services.amendment_send(actor=request.acting, amendment=amendment, at=timezone.now())
    messages.success(request, "Дополнительное соглашение передано на подпись.")
    return redirect("agreement", amendment.agreement_id)


@require_POST
def amendment_drop(request: ActingRequest, pk: int) -> HttpResponse:
    """Give up a draft."""
    amendment = access.amendment_for(request.acting, pk, to_change=True)
    services.amendment_drop(actor=request.acting, amendment=amendment, at=timezone.now())
    messages.success(request, "Проект дополнительного соглашения отозван.")
    return redirect("agreement", amendment.agreement_id)


@require_POST
def amendment_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Sign a supplementary agreement for the own school."""
    amendment = access.amendment_to_sign_for(request.acting, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.amendment_sign(
                actor=request.acting, amendment=amendment, **form.signed_in(request), at=timezone.now()
            )
            messages.success(request, "Дополнительное соглашение подписано.")
            return redirect("agreement", amendment.agreement_id)
    return agreement_page(request, amendment.agreement_id, amendment_sign=form)


@require_POST
def amendment_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """Return a supplementary agreement with remarks."""
    amendment = access.amendment_to_sign_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return agreement_page(request, amendment.agreement_id, reason=form)
    services.amendment_refuse(
        actor=request.acting, amendment=amendment, **returned_in(request, form), at=timezone.now()
    )
    messages.success(request, "Дополнительное соглашение возвращено с замечаниями.")
    return redirect("agreement", amendment.agreement_id)


@require_safe
def amendment_pdf(request: ActingRequest, pk: int, what: str = "document") -> HttpResponse:
    """The paper of a supplementary agreement, or the copy of the other party."""
    amendment = access.amendment_for(request.acting, pk)
    return document_response(access.paper_of(getattr(amendment, what)))
