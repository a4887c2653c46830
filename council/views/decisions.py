"""Composition and regulation; decisions: their register, the passport of one, control, extracts."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from council import access, services
from council.forms import DueForm, ExtractForm, ReasonForm, ReportForm
from council.selectors import composition, decisions
from council.views._shared import form_page, valid
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response, file_response
from network_portal.documents.selectors import next_slot, signature_slots
from schools.acting import ActingRequest


@require_safe
def council(request: ActingRequest) -> HttpResponse:
    """Show who sits in the council today, which seats are vacant, who sat in it before, who is in the network."""
    found = access.council_for(request.acting)
    today = timezone.localdate()
    members = composition.composition(found, today)
    context = {
        "council": found,
        "chair": composition.chair_on(found, today),
        "members": members,
        "voting": sum(member.voting for member in members),
        "vacancies": composition.vacancies(found, members, today),
        "former": [one for one in composition.register(found) if one not in members],
        "memberships": composition.memberships(found),
        "regulations": composition.regulations(found),
        "today": today,
    }
    return render(request, "council/council.html", context)


@require_safe
def regulation(request: ActingRequest, no: int) -> HttpResponse:
    """Give the text of an edition of the regulation that is or was in force."""
    found = access.council_for(request.acting)
    edition = next((one for one in composition.regulations(found) if one.no == no), None)
    if edition is None or edition.file is None:
        raise Http404
    return file_response(edition.file)


@require_safe
def decision_list(request: ActingRequest) -> HttpResponse:
    """List the decisions in effect, the latest first; the chair looks here what is overdue (S1-5.7)."""
    access.council_for(request.acting)
    today = timezone.localdate()
    state = request.GET.get("state", "")
    rows = decisions.decision_rows(access.decisions_for(request.acting), today, state)
    tabs = [{"label": "Все", "url": "?", "active": state not in decisions.STATES}]
    tabs += [
        {"label": label, "url": f"?state={key}", "active": state == key} for key, label in decisions.STATES.items()
    ]
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "council/decision_list.html", {"page": page, "tabs": tabs, "state": state})


@require_safe
def decision(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the passport of a decision: question, vote, signatures, effect, execution."""
    found = access.decision_for(request.acting, pk)
    context = {
        "passport": decisions.passport_of(found, timezone.localdate()),
        "secretary": access.keeps_record(request.acting),
        "chair": access.is_chair(request.acting, found.item.meeting.council),
        "may_report": access.may_report(request.acting, found),
        "report_form": ReportForm(),
        "return_form": ReasonForm(auto_id="return_%s"),
        "due_form": DueForm(auto_id="due_%s"),
        "extract_form": ExtractForm(),
    }
    return render(request, "council/decision.html", context)


@require_POST
def execution_report(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.decision_for(request.acting, pk, to_report=True)
    form = valid(ReportForm(request.POST))
    services.execution_report(actor=request.acting, decision=found, at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Отчёт записан, председатель уведомлён.")
    return redirect("decision", pk=found.pk)


@require_POST
def execution_return(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.decision_for(request.acting, pk, to_control=True)
    form = valid(ReasonForm(request.POST))
    services.execution_return(actor=request.acting, decision=found, at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Решение возвращено на исполнение.")
    return redirect("decision", pk=found.pk)


@require_POST
def execution_release(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.decision_for(request.acting, pk, to_control=True)
    services.execution_release(actor=request.acting, decision=found, at=timezone.now())
    messages.success(request, "Решение снято с контроля.")
    return redirect("decision", pk=found.pk)


@require_POST
def execution_move(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.decision_for(request.acting, pk, to_control=True)
    form = valid(DueForm(request.POST))
    services.execution_move(actor=request.acting, decision=found, at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Срок изменён.")
    return redirect("decision", pk=found.pk)


@require_POST
def decision_apply(request: ActingRequest, pk: int) -> HttpResponse:
    """Try again what the portal could not do."""
    found = access.decision_for(request.acting, pk)
    access.council_to_plan(request.acting)
    services.decision_apply(actor=request.acting, decision=found, at=timezone.now())
    return redirect("decision", pk=found.pk)


# --- extracts -------------------------------------------------------------------------------------------------------


@require_POST
def extract_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Draw up an extract for somebody."""
    found = access.decision_for(request.acting, pk)
    access.meeting_for(request.acting, found.item.meeting_id, to_change=True)
    form = valid(ExtractForm(request.POST))
    made = services.extract_prepare(actor=request.acting, item=found.item, at=timezone.now(), **form.cleaned_data)
    return redirect("extract", pk=made.pk)


@require_http_methods(["GET", "POST"])
def extract(request: ActingRequest, pk: int) -> HttpResponse:
    """Show an extract; the secretary certifies it here."""
    signing = request.method == "POST"
    found = access.extract_for(request.acting, pk, to_change=signing)
    waiting = next_slot(found.document) if access.keeps_record(request.acting) else None
    form = SignForm(request.POST) if signing else SignForm.of(found.document)
    if signing and form.is_valid():
        with refusals_in(form):
            services.extract_sign(
                actor=request.acting,
                extract=found,
                slot=access.SECRETARY,
                at=timezone.now(),
                **form.signed_in(request),
            )
            messages.success(request, "Выписка подписана и зарегистрирована.")
            return redirect("extract", pk=found.pk)
    context = {"extract": found, "slots": signature_slots(found.document), "slot": waiting}
    return form_page(request, "council/extract.html", form, **context)


@require_safe
def extract_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """Give an extract: the paper itself, it is meant to be handed out."""
    return document_response(access.extract_for(request.acting, pk).document)
