"""Pages of what other portals sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from gradebook import access
from gradebook.forms.transfers import MatchForm
from gradebook.selectors.intakes import intake_rows
from gradebook.services import intakes
from network_portal.common.errors import RuleError


@require_safe
def intake_list(request: HttpRequest) -> HttpResponse:
    return render(request, "gradebook/intake_list.html", {"rows": intake_rows(request.acting)})


@require_safe
def intake(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.intake_for(request.acting, pk)
    lines = one.lines.select_related("student__school_class", "matched_by").order_by("no")
    context = {
        "intake": one,
        "lines": lines,
        "may_match": request.acting.is_(*access.RECEIVERS),
    }
    return render(request, "gradebook/intake.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_match(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whose a line in quarantine is."""
    line = access.intake_line_for(request.acting, pk)
    form = MatchForm(request.POST or None, students=access.pupils_for(request.acting))
    if request.method == "POST" and form.is_valid():
        try:
            intakes.intake_line_match(
                actor=request.acting, line=line, student=form.cleaned_data["student"], at=timezone.now()
            )
        except RuleError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "Строка принята.")
            return redirect("intake", line.intake_id)
    context = {"form": form, "line": line}
    return render(request, "gradebook/intake_match.html", context, status=422 if form.errors else 200)
