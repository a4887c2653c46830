"""The public pages that tell whoever holds a paper whether it is genuine, and the administrator's list of kinds.

The public ones show no personal data, are never stored by browsers and proxies, and answer an address only so often.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from network_portal.documents.forms.check import CheckByNumberForm, CheckFileForm, CheckForm
from network_portal.documents.kinds import all_kinds, standard_on
from network_portal.documents.selectors import (
    CheckedPaper,
    checked_paper,
    code_by_number,
    code_inside,
    compared_file,
    normal_code,
)

CHECKS_A_MINUTE = 60
#: By number a stranger could try one after another.
SEARCHES_A_MINUTE = 10

View = Callable[..., HttpResponse]


def _public_check(view: View) -> View:
    """Open a view to everyone, within the limit of checks, and keep its answers out of every store."""

    @wraps(view)
    def limited(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if _too_often(request, "checks", CHECKS_A_MINUTE):
            return _limited(request)
        response = view(request, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return login_not_required(never_cache(limited))


@_public_check
@require_safe
def document_check_form(request: HttpRequest) -> HttpResponse:
    """Ask for the code printed on a paper."""
    form = CheckForm(request.GET or None)
    if form.is_bound and form.is_valid():
        return redirect("document_check", code=normal_code(form.cleaned_data["code"]) or "-")
    return _form_page(request, 422 if form.is_bound else 200, form=form)


@_public_check
@require_safe
def document_check_number(request: HttpRequest) -> HttpResponse:
    """Find a paper by kind, number, date and organisation; whatever is wrong gets the same answer."""
    form = CheckByNumberForm(request.GET or None)
    if not form.is_bound:
        return redirect("document_check_form")
    if _too_often(request, "searches", SEARCHES_A_MINUTE):
        return _limited(request)
    if not form.is_valid():
        return _form_page(request, 422, by_number=form)
    code = code_by_number(**form.cleaned_data)
    if code is None:
        return _form_page(request, 404, by_number=form, unknown_number=True)
    return redirect("document_check", code=code)


@_public_check
@require_safe
def document_check(request: HttpRequest, code: str) -> HttpResponse:
    """Confirm kind, number, date, organisation, state and hash of the paper with the code `code`."""
    paper = checked_paper(code, timezone.localdate())
    if paper is None:
        return _form_page(request, 404, form=CheckForm(initial={"code": code[:40]}), unknown=True)
    return _paper_page(request, paper, CheckFileForm())


@_public_check
@require_POST
def document_check_file(request: HttpRequest, code: str) -> HttpResponse:
    """Tell whether a file is the registered one; the browser sends its hash, or the file where it cannot compute it."""
    paper = checked_paper(code, timezone.localdate())
    if paper is None:
        return _form_page(request, 404, form=CheckForm(initial={"code": code[:40]}), unknown=True)
    form = CheckFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _paper_page(request, paper, form, status=422)
    sha256, printed_code = form.cleaned_data["sha256"], form.cleaned_data["printed_code"]
    if file := form.cleaned_data["file"]:
        content = file.read()
        sha256, printed_code = hashlib.sha256(content).hexdigest(), code_inside(content)
    compared = compared_file(paper.check_code, sha256=sha256, printed_code=printed_code)
    if request.htmx:
        return render(request, "documents/_check_file.html", {"compared": compared})
    return _paper_page(request, paper, CheckFileForm(), compared=compared)


@require_safe
def document_kind_list(request: HttpRequest) -> HttpResponse:
    """Show the administrator every kind of paper with its rules; they are part of the portal and change with it."""
    if not getattr(request.user, "is_staff", False):
        raise PermissionDenied
    context = {"kinds": all_kinds(), "standard": standard_on(timezone.localdate()).label}
    return render(request, "documents/kind_list.html", context)


def _form_page(request: HttpRequest, status: int, **context: object) -> HttpResponse:
    forms = {"form": CheckForm(), "by_number": CheckByNumberForm()}
    return render(request, "documents/check_form.html", forms | context, status=status)


def _paper_page(
    request: HttpRequest, paper: CheckedPaper, form: CheckFileForm, *, status: int = 200, **context: object
) -> HttpResponse:
    return render(request, "documents/check.html", {"paper": paper, "form": form, **context}, status=status)


def _limited(request: HttpRequest) -> HttpResponse:
    response = render(request, "documents/check_limited.html", status=429)
    response["Retry-After"] = "60"
    return response


def _too_often(request: HttpRequest, what: str, limit: int) -> bool:
    key = f"document_{what}:{request.META['REMOTE_ADDR']}:{timezone.now():%Y%m%d%H%M}"
    cache.add(key, 0, timeout=120)
    return cache.incr(key) > limit
