"""Printing the journal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from gradebook import access
from gradebook.selectors.months import group_day
from gradebook.selectors.periods import months_of, period_of, stretches_of
from gradebook.selectors.prints import prints_of
from gradebook.services.prints import journal_print as print_journal
from network_portal.documents.http import document_response


@require_http_methods(["GET", "HEAD", "POST"])
def journal_print(request: HttpRequest, group_id: int) -> HttpResponse:
    """Choose a period and print it; below, what the own school has printed so far."""
    group = access.journal_for(request.acting, group_id)
    now = timezone.now()
    if request.method == "POST":
        made = print_journal(actor=request.acting, group=group, key=request.POST.get("month", ""), at=now)
        return redirect("journal_print_pdf", made.pk)
    months, stretches = months_of(group), stretches_of(group)
    labels = {period.key: period.label for period in (*months, *stretches)}
    context = {
        "group": group,
        "host": access.hosts(request.acting, group),
        "months": months,
        "stretches": stretches,
        "chosen": period_of(group, request.GET.get("month", ""), group_day(group, now)),
        "prints": [(one, labels.get(one.period, "")) for one in prints_of(request.acting, group)],
    }
    return render(request, "gradebook/journal_print.html", context)


@require_safe
def journal_print_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return document_response(access.journal_print_for(request.acting, pk).document)
