"""The public page that tells whoever holds a paper whether it is genuine; it shows no personal data."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from network_portal.documents.forms import CheckForm
from network_portal.documents.selectors import checked_paper, normal_code

CHECKS_A_MINUTE = 60


@login_not_required
@require_safe
def document_check_form(request: HttpRequest) -> HttpResponse:
    """Ask for the code printed on a paper."""
    form = CheckForm(request.GET or None)
    if form.is_bound and form.is_valid():
        return redirect("document_check", code=normal_code(form.cleaned_data["code"]) or "-")
    return render(request, "documents/check_form.html", {"form": form}, status=422 if form.is_bound else 200)


@login_not_required
@require_safe
def document_check(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm kind, number, date, organisation, state and hash of the paper with the code `code`."""
    if _too_often(request.META["REMOTE_ADDR"]):
        response = render(request, "documents/check_limited.html", status=429)
        response["Retry-After"] = "60"
        return response
    paper = checked_paper(code)
    if paper is None:
        context = {"form": CheckForm(initial={"code": code}), "unknown": True}
        return render(request, "documents/check_form.html", context, status=404)
    return render(request, "documents/check.html", {"paper": paper})


def _too_often(address: str) -> bool:
    key = f"document_check:{address}:{timezone.now():%Y%m%d%H%M}"
    cache.add(key, 0, timeout=120)
    return cache.incr(key) > CHECKS_A_MINUTE
