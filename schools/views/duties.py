"""Who acts for a school: offers of the director, taken by whoever signs in with the address."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.forms import refusals_in
from schools import access, selectors, services
from schools.acting import SESSION_KEY, ActingRequest
from schools.enums import Role
from schools.forms.duties import DutyForm
from schools.views._shared import form_page, shown


@form_page
def duty_list(request: ActingRequest) -> HttpResponse:
    """Who may act for the school; the director appoints here."""
    access.require(request.acting, Role.DIRECTOR)
    today = timezone.localdate()
    form = DutyForm(request.POST or None, initial={"date_from": today})
    if form.is_valid():
        with refusals_in(form):
            offer = services.duty_offer(actor=request.acting, **form.cleaned_data, at=timezone.now())
            messages.success(
                request,
                f"Предложено: {offer.email}, {offer.get_kind_display()}. Полномочие появится, когда сотрудник войдёт "
                "на портал с этим адресом и примет его.",
            )
            return redirect("duty_list")
    context = {
        "form": form,
        "rows": selectors.duty_rows(access.duties_for(request.acting), today),
        "offers": access.offers_for(request.acting),
    }
    return shown(request, "schools/duty_list.html", context)


@require_POST
def duty_end(request: ActingRequest, pk: int) -> HttpResponse:
    """End a duty; the person loses its rights at once."""
    duty = services.duty_end(
        actor=request.acting,
        duty=access.duty_for(request.acting, pk),
        on=timezone.localdate(),
        at=timezone.now(),
    )
    messages.success(request, f"Полномочие прекращено: {duty.user.short_name}, {duty.get_kind_display()}.")
    return redirect("duty_list")


@require_safe
def duty_offer_list(request: ActingRequest) -> HttpResponse:
    """The duties offered to the person's own address."""
    return render(request, "schools/duty_offer_list.html", {"offers": access.own_offers_for(request.acting)})


@require_POST
def duty_take(request: ActingRequest, pk: int) -> HttpResponse:
    """Take an offered duty and act in it if it is in force already."""
    offer = access.own_offer_for(request.acting, pk)
    duty = services.duty_take(actor=request.acting, offer=offer, at=timezone.now())
    if duty.date_from <= timezone.localdate():
        request.session[SESSION_KEY] = str(duty.pk)
    messages.success(request, f"Полномочие принято: {duty}.")
    return redirect("home")


@require_POST
def duty_offer_withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    """Take an offer back that nobody has taken."""
    offer = access.offer_for(request.acting, pk)
    services.duty_offer_withdraw(actor=request.acting, offer=offer, at=timezone.now())
    messages.success(request, f"Предложение отозвано: {offer.email}.")
    return redirect("duty_list")
