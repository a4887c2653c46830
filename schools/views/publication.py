"""What follows a signed agreement: the copy for everyone, contacts, duties."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.forms import refusals_in
from network_portal.documents.http import document_response
from schools import access, services
from schools.acting import ActingRequest
from schools.forms.agreements import ContactsForm, DoneForm, PublishForm
from schools.views._agreements import agreement_page
from schools.views._shared import form_page, shown


@login_not_required
@require_safe
def agreement_public_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The redacted paper of an agreement in force."""
    return document_response(access.published_paper(pk, timezone.localdate()))


@form_page
def agreement_publish(request: ActingRequest, pk: int) -> HttpResponse:
    """Put the redacted copy on the page for everyone; the page tells what it leaves out."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    form = PublishForm(
        request.POST if request.method == "POST" else None,
        appendices=agreement.appendices.all(),
        initial={"appendices": [one.pk for one in agreement.appendices.all() if not one.personal]},
    )
    if form.is_valid():
        with refusals_in(form):
            services.agreement_publish(
                actor=request.acting, agreement=agreement, appendix_ids=form.chosen, at=timezone.now()
            )
            messages.success(request, "Договор размещён на странице для всех.")
            return redirect("agreement", pk)
    return shown(request, "schools/agreement_publish.html", {"form": form, "agreement": agreement})


@form_page
def agreement_contacts(request: ActingRequest, pk: int) -> HttpResponse:
    """Change whom to ask in the own school about the agreement."""
    agreement = access.agreement_of_office_for(request.acting, pk)
    ours = agreement.home_id == request.acting.organisation_id
    stored = agreement.home_contacts if ours else agreement.host_contacts
    form = ContactsForm(request.POST if request.method == "POST" else None, initial={"contacts": stored})
    if form.is_valid():
        services.agreement_contacts(actor=request.acting, agreement=agreement, **form.cleaned_data, at=timezone.now())
        messages.success(request, "Контакты сохранены.")
        return redirect("agreement", pk)
    return shown(request, "schools/agreement_contacts.html", {"form": form, "agreement": agreement})


@require_POST
def agreement_duty_done(request: ActingRequest, pk: int) -> HttpResponse:
    """Mark that the own school has done what it owed."""
    duty = access.agreement_duty_for(request.acting, pk)
    form = DoneForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.agreement_duty_done(actor=request.acting, duty=duty, on=form.cleaned_data["on"], at=timezone.now())
            messages.success(request, "Отмечено исполненным, вторая сторона уведомлена.")
            return redirect(f"{reverse('agreement', args=[duty.agreement_id])}#duties")
    return agreement_page(request, duty.agreement_id, done=form)
