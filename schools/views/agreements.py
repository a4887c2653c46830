"""Pages of agreements: terms, agreement of the other party, signatures, suspension and end."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm, returned_in
from network_portal.documents.http import document_response
from schools import access, services
from schools import agreements as reads
from schools.acting import ActingRequest
from schools.enums import Side
from schools.forms._shared import ReasonForm
from schools.forms.agreements import WE, NewTermsForm, TermsForms
from schools.terms import changes
from schools.views._agreements import agreement_page, terms_forms
from schools.views._shared import PAGE, form_page, shown

NEW = {Side.HOME: WE, Side.HOST: "вторая школа"}


@require_safe
def agreement_list(request: ActingRequest) -> HttpResponse:
    """The agreements of the school, whichever party it is."""
    found = access.agreements_for(request.acting).prefetch_related("conditions")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": reads.agreement_rows(page, request.acting.organisation_id, timezone.localdate()),
        "may_create": request.acting.is_(*access.OFFICE),
    }
    return render(request, "schools/agreement_list.html", context)


@form_page
def agreement_create(request: ActingRequest) -> HttpResponse:
    """Draft an agreement with another school of the network."""
    access.require(request.acting, *access.OFFICE)
    today = timezone.localdate()
    forms = TermsForms(
        request.POST or None,
        terms=None,
        parties=NEW,
        today=today,
        form=NewTermsForm,
        partners=access.partners_for(request.acting, today),
    )
    if forms.is_valid():
        try:
            agreement = services.agreement_create(
                actor=request.acting, host=forms.main.cleaned_data["host"], terms=forms.terms(), at=timezone.now()
            )
        except RuleError as refusal:
            forms.refuse(refusal)
        else:
            messages.success(request, "Проект договора составлен. Проверьте его и направьте второй школе.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"forms": forms, "agreement": None})


@form_page
def agreement_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Change the terms of a draft, or while disagreements are settled."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    if request.method != "POST":
        services.refuse_sent(agreement)
    stored = reads.terms_of(agreement)
    forms = terms_forms(request, agreement, stored)
    if forms.is_valid():
        try:
            services.agreement_edit(
                actor=request.acting, agreement=agreement, terms=forms.terms(), seen=forms.seen, at=timezone.now()
            )
        except StaleError as refusal:
            stored = reads.terms_of(access.agreement_for(request.acting, pk))
            forms.overtaken(refusal, stored, changes(forms.terms(), stored))
        except RuleError as refusal:
            forms.refuse(refusal)
        else:
            messages.success(request, "Условия договора изменены.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"forms": forms, "agreement": agreement})


@require_safe
def agreement(request: ActingRequest, pk: int) -> HttpResponse:
    """The terms, the state, who has signed, and what the acting person may do now."""
    return agreement_page(request, pk)


@require_POST
def agreement_send(request: ActingRequest, pk: int) -> HttpResponse:
    """Send a draft to the other party."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    services.agreement_send(actor=request.acting, agreement=agreement, at=timezone.now())
    messages.success(request, f"Договор направлен на согласование: {agreement.host}.")
    return redirect("agreement", pk)


@require_POST
def agreement_agree(request: ActingRequest, pk: int) -> HttpResponse:
    """Agree to the terms as the other party."""
    agreement = access.agreement_to_review_for(request.acting, pk)
    services.agreement_agree(
        actor=request.acting,
        agreement=agreement,
        version_sha256=request.POST.get("version_sha256", ""),
        at=timezone.now(),
    )
    messages.success(request, "Договор согласован. Первым подписывает директор базовой организации.")
    return redirect("agreement", pk)


@require_POST
def agreement_return(request: ActingRequest, pk: int) -> HttpResponse:
    """Return what the other party sent, with remarks."""
    agreement = access.agreement_to_review_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return agreement_page(request, pk, reason=form)
    services.agreement_return(
        actor=request.acting, agreement=agreement, reason=form.cleaned_data["reason"], at=timezone.now()
    )
    messages.success(request, "Договор возвращён с замечаниями, обе стороны уведомлены.")
    return redirect("agreement_list")


@require_POST
def agreement_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Sign for the own school."""
    agreement = access.agreement_to_sign_for(request.acting, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.agreement_sign(
                actor=request.acting, agreement=agreement, **form.signed_in(request), at=timezone.now()
            )
            messages.success(request, "Документ подписан.")
            return redirect("agreement", pk)
    return agreement_page(request, pk, sign=form)


@require_POST
def agreement_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """Return the agreement with remarks."""
    agreement = access.agreement_to_sign_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return agreement_page(request, pk, reason=form)
    services.agreement_refuse(
        actor=request.acting, agreement=agreement, **returned_in(request, form), at=timezone.now()
    )
    messages.success(request, "Договор возвращён с замечаниями, обе стороны уведомлены.")
    return redirect("agreement_list")


DECISIONS = {
    "suspend": (services.agreement_suspend, "Договор приостановлен."),
    "resume": (services.agreement_resume, "Действие договора возобновлено."),
    "end": (services.agreement_end, "Договор прекращён."),
}


@require_POST
def agreement_decide(request: ActingRequest, pk: int, what: str) -> HttpResponse:
    """Suspend, resume or end an agreement with a reason."""
    agreement = access.agreement_to_decide_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return agreement_page(request, pk, reason=form)
    service, done = DECISIONS[what]
    service(actor=request.acting, agreement=agreement, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(request, f"{done} Обе стороны уведомлены.")
    return redirect("agreement", pk)


@require_safe
def agreement_pdf(request: ActingRequest, pk: int, what: str = "document") -> HttpResponse:
    """A paper of the agreement: a preview while it is being signed, the kept bytes afterwards."""
    agreement = access.agreement_for(request.acting, pk)
    return document_response(access.paper_of(getattr(agreement, what)))
