"""The bell."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.accounts.models import User
from network_portal.notices import selectors, services


class PersonRequest(HttpRequest):
    """A request of a signed-in person."""

    user: User


@require_safe
def notice_list(request: PersonRequest) -> HttpResponse:
    page = Paginator(selectors.notices_of(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "notices/notice_list.html", {"page": page})


@require_POST
def notices_read(request: PersonRequest) -> HttpResponse:
    services.notices_read(user=request.user, at=timezone.now())
    return redirect("notice_list")
