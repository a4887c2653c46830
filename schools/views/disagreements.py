"""The protocol of disagreements: clauses, their outcomes, its end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from network_portal.common.forms import refusals_in
from schools import access, services
from schools.acting import ActingRequest
from schools.forms.agreements import DisagreementForm, OutcomeForm
from schools.views._agreements import agreement_page


@require_POST
def disagreement_add(request: ActingRequest, pk: int) -> HttpResponse:
    """Put a clause in the protocol of disagreements."""
    agreement = access.agreement_of_office_for(request.acting, pk)
    form = DisagreementForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.disagreement_add(actor=request.acting, agreement=agreement, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Пункт внесён в протокол разногласий, обе стороны уведомлены.")
            return redirect("agreement", pk)
    return agreement_page(request, pk, disagreement=form)


@require_POST
def disagreement_settle(request: ActingRequest, pk: int) -> HttpResponse:
    """Say how a clause is settled."""
    line = access.disagreement_for(request.acting, pk)
    form = OutcomeForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.disagreement_settle(
                actor=request.acting, disagreement=line, **form.cleaned_data, at=timezone.now()
            )
            messages.success(request, f"Итог по пункту {line.clause} записан.")
            return redirect("agreement", line.agreement_id)
    return agreement_page(request, line.agreement_id, outcome=(pk, form))


@require_POST
def disagreements_close(request: ActingRequest, pk: int) -> HttpResponse:
    """Close the protocol and hand it over for signature."""
    agreement = access.agreement_of_office_for(request.acting, pk)
    services.disagreements_close(actor=request.acting, agreement=agreement, at=timezone.now())
    messages.success(request, "Протокол разногласий закрыт и передан на подпись: сначала подписывают его.")
    return redirect("agreement", pk)
