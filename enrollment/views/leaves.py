"""A family's application that the child leave a group: it is another paper than the withdrawal of an application."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.enums import LeaveState
from enrollment.forms.leaves import LeaveForm, PaperLeaveForm
from enrollment.views._shared import form_page, shown
from network_portal.common.errors import RuleError
from network_portal.common.forms import add_refusal, refusals_in
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from network_portal.documents.selectors import next_slot, signature_slots
from schools.acting import ActingRequest
from schools.enums import Role


@form_page
def leave_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Ask for the last day and make the paper; the clerk attaches the one that the family has signed."""
    enrolment = access.place_to_leave(request.acting, pk)
    on_paper, today = not request.acting.is_(Role.PARENT), timezone.localdate()
    kind = PaperLeaveForm if on_paper else LeaveForm
    sent = request.method == "POST"
    initial = {"last_day": today, "signed_on": today}
    form = kind(request.POST, request.FILES, initial=initial) if sent else kind(initial=initial)
    act = services.leave_register_paper if on_paper else services.leave_prepare
    if sent and form.is_valid():
        with refusals_in(form):
            leave = act(actor=request.acting, enrolment=enrolment, at=timezone.now(), **form.cleaned_data)
            return redirect("leave", leave.pk)
    context = {"enrolment": enrolment, "form": form, "on_paper": on_paper}
    return shown(request, "enrollment/leave_create.html", context)


@form_page
def leave(request: ActingRequest, pk: int) -> HttpResponse:
    """Where the application stands; while it is a draft, the family signs it here."""
    to_sign = request.method == "POST"
    leave = access.leave_for(request.acting, pk, to_change=to_sign)
    form = refusal = None
    decides = access.decides_for(request.acting, leave.enrolment.line.application)
    mine = decides and leave.guardian_id == request.acting.user_id
    if to_sign:
        form = SignForm(request.POST)
        if form.is_valid():
            try:
                services.leave_submit(actor=request.acting, leave=leave, **form.signed_in(request), at=timezone.now())
            except RuleError as error:
                if leave.state != LeaveState.DRAFT:
                    raise
                refusal = error
                add_refusal(form, error)
            else:
                messages.success(request, "Заявление подписано и зарегистрировано. Его исполнит школа.")
                return redirect("leave", pk)
    paper = leave.document if mine and leave.state == LeaveState.DRAFT else None
    context = {
        "leave": leave,
        "mine": mine,
        "may_withdraw": (mine or (decides and not request.acting.is_(Role.PARENT)))
        and leave.state in (LeaveState.DRAFT, LeaveState.REGISTERED),
        "form": (form or SignForm.of(paper)) if paper else None,
        "slots": signature_slots(paper) if paper else [],
        "slot": next_slot(paper) if paper else None,
    }
    return shown(request, "enrollment/leave.html", context, refusal=refusal)


@require_safe
def leave_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper."""
    leave = access.leave_for(request.acting, pk)
    if leave.document is None:
        raise Http404
    return document_response(leave.document)


@require_POST
def leave_withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    """The family takes it back while the school has not executed it."""
    leave = access.leave_for(request.acting, pk, to_change=True)
    services.leave_withdraw(actor=request.acting, leave=leave, at=timezone.now())
    messages.success(request, "Заявление отозвано, ребёнок остаётся в группе.")
    return redirect("leave", pk)
