"""The bell."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.notices import selectors, services


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(selectors.notices_of(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "notices/notice_list.html", {"page": page})


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    services.notices_read(user=request.user, at=timezone.now())
    return redirect("notice_list")
