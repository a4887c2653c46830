"""Pages of what other portals sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gradebook import access
from gradebook.forms.transfers import DisputeForm, MatchForm
from gradebook.selectors.intakes import intake_rows, intake_view
from gradebook.selectors.replies import standing_of
from gradebook.services import intakes, replies
from network_portal.common.errors import RuleError


@require_safe
def intake_list(request: HttpRequest) -> HttpResponse:
    return render(request, "gradebook/intake_list.html", {"rows": intake_rows(request.acting)})


@require_safe
def intake(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.intake_for(request.acting, pk)
    standing = standing_of(one)
    may_answer = request.acting.is_(*access.RECEIVERS)
    context = {
        "intake": one,
        "view": intake_view(one),
        "standing": standing,
        "may_match": may_answer,
        "may_acknowledge": may_answer and not standing.receipt_refusal,
        "may_dispute": may_answer and not standing.refusal,
    }
    return render(request, "gradebook/intake.html", context)


@require_POST
def intake_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.intake_for(request.acting, pk, to_answer=True)
    replies.intake_acknowledge(actor=request.acting, intake=one, at=timezone.now())
    messages.success(request, "Подтверждение отправлено на портал принимающей школы.")
    return redirect("intake", one.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Object to single lines: the school writes beside each what is wrong in it."""
    one = access.intake_for(request.acting, pk, to_answer=True)
    open_lines = {dispute.line_id for dispute in standing_of(one).open_disputes}
    lines = [(line.pk, line.name) for line in one.lines.order_by("no") if line.pk not in open_lines]
    form = DisputeForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        try:
            replies.intake_dispute(actor=request.acting, intake=one, reasons=form.reasons, at=timezone.now())
        except RuleError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Возражения отправлены на портал принимающей школы.")
            return redirect("intake", one.pk)
    context = {"form": form, "intake": one}
    return render(request, "gradebook/intake_dispute.html", context, status=422 if form.errors else 200)


@require_POST
def intake_reply_retry(request: HttpRequest, pk: int) -> HttpResponse:
    reply = access.intake_reply_for(request.acting, pk)
    replies.reply_retry(actor=request.acting, reply=reply, at=timezone.now())
    messages.success(request, "Отправка возобновлена.")
    return redirect("intake", reply.intake_id)


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
