"""«Сверка списков»: where the papers of two schools disagree, and the way to the paper that mends it."""

from __future__ import annotations

from collections import Counter

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.enums import Mismatch
from enrollment.selectors.reconciliation import Discrepancy, discrepancies
from enrollment.views._shared import shown
from network_portal.common.access import allow
from network_portal.common.dates import school_year, school_year_label
from schools.acting import ActingRequest

#: Mismatches that an order correcting what an earlier one says about the pupil puts right.
CORRECTED = (Mismatch.NAME, Mismatch.GROUP)


@require_safe
def reconciliation(request: ActingRequest) -> HttpResponse:
    """Show the disagreements of the school year, those of one kind in each tab."""
    allow(request.acting.is_(*access.MANAGERS))
    today = timezone.localdate()
    year = school_year(today)
    found = discrepancies(request.acting, year, today)
    kind = request.GET.get("kind", "")
    counts = Counter(row.mismatch for row in found)
    tabs = [{"label": "Все", "url": "?", "count": len(found), "active": kind not in counts}]
    tabs += [
        {"label": one.label, "url": f"?kind={one}", "count": counts[one], "active": kind == one}
        for one in Mismatch
        if counts[one]
    ]
    rows = [(row, _mend(row)) for row in found if kind not in counts or row.mismatch == kind]
    context = {"rows": rows, "tabs": tabs, "year": school_year_label(year), "total": len(found)}
    return shown(request, "enrollment/reconciliation.html", context)


@require_POST
def reconciliation_correct(request: ActingRequest, pk: int) -> HttpResponse:
    """Draft the order of the own school that names the pupil of the enrolment `pk` as he is now."""
    enrolment = access.enrolment_for(request.acting, pk)
    order = services.correction_create(actor=request.acting, enrolment=enrolment, at=timezone.now())
    return redirect("school_order", order.pk)


def _mend(row: Discrepancy) -> dict[str, str]:
    """Return how the reader mends a row: where a button leads or posts, and what it says."""
    line = row.line
    request_page = reverse("request", args=[line.request_id])
    if not row.mine:
        return {"words": f"Исправляет {row.other_school.short_name}."}
    if row.mismatch == Mismatch.LISTED:
        return {"url": request_page, "label": "Ответить и подготовить приказ"}
    if row.mismatch in CORRECTED:
        url = reverse("reconciliation_correct", args=[line.enrolment.pk])
        return {"post": url, "label": "Подготовить приказ о внесении изменений"}
    if row.mismatch == Mismatch.NOT_IN_ORDER:
        return {"url": reverse("school_order_list"), "label": "Подготовить приказ школы"}
    if row.mismatch == Mismatch.LEFT_HOME and not row.at_home:
        return {"url": reverse("order_change", args=[line.enrolment.order_id]), "label": "Подготовить приказ"}
    return {"url": reverse("leaving_list"), "label": "Решить: остаётся или выбывает"}
