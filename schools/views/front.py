"""The front page, the published agreements, and the switch between the duties of a person."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.errors import StaleError
from schools import access
from schools.acting import SESSION_KEY, ActingRequest
from schools.views._shared import PAGE


@login_not_required
@require_safe
def index(request: ActingRequest) -> HttpResponse:
    """Tell everyone what the network is; who is signed in goes to the own tasks."""
    if request.user.is_authenticated:
        return redirect("home")
    schools = access.member_schools(timezone.localdate())
    return render(request, "public/index.html", {"schools": schools})


@login_not_required
@require_safe
def agreement_public_list(request: ActingRequest) -> HttpResponse:
    """Publish the agreements in force: parties, number, date, term and subject, no people (S0-5b, L-9)."""
    page = Paginator(access.public_agreements(timezone.localdate()), PAGE).get_page(request.GET.get("page"))
    return render(request, "schools/agreement_public_list.html", {"page": page})


@require_POST
def acting_switch(request: ActingRequest) -> HttpResponse:
    """Let a person act as another of the own duties."""
    key = request.POST.get("acting", "")
    if key not in {choice.key for choice in request.acting_choices}:
        raise StaleError("Это полномочие вам недоступно или больше не действует. Выберите другое.")
    request.session[SESSION_KEY] = key
    return redirect("home")
