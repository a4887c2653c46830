"""Pages of the schools: the front page, the switch of duties, children and guardians, duties, agreements."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_conflict, add_refusal
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from schools import access, selectors, services
from schools.acting import SESSION_KEY, ActingRequest
from schools.enums import LinkState, Role
from schools.forms import (
    AgreementEditForm,
    AgreementForm,
    DutyForm,
    GuardianClaimForm,
    LinkEndForm,
    LinkVerifyForm,
    ReasonForm,
)

PAGE = 25
FORM_ERROR = 422
form_page = require_http_methods(["GET", "HEAD", "POST"])


def shown(request: ActingRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer with a page of forms: 422 when one of them was refused, 409 when it was overtaken by someone else."""
    forms = [value for value in context.values() if hasattr(value, "is_bound")]
    refused = any(form.is_bound and form.errors for form in forms)
    overtaken = any(getattr(form, "conflict", False) for form in forms)
    status = StaleError.status if overtaken else FORM_ERROR if refused else 200
    return render(request, template, context, status=status)


# --- front page and switch --------------------------------------------------------------------------------------


@login_not_required
@require_safe
def index(request: ActingRequest) -> HttpResponse:
    """Tell everyone what the network is; who is signed in goes to the own tasks."""
    if request.user.is_authenticated:
        return redirect("home")
    schools = access.member_schools(timezone.localdate())
    return render(request, "public/index.html", {"schools": schools})


@login_not_required
@require_safe
def agreement_public_list(request: ActingRequest) -> HttpResponse:
    """Publish the agreements in force: parties, number, date, term and subject, no people (S0-5b, L-9)."""
    page = Paginator(access.public_agreements(timezone.localdate()), PAGE).get_page(request.GET.get("page"))
    return render(request, "schools/agreement_public_list.html", {"page": page})


@require_POST
def acting_switch(request: ActingRequest) -> HttpResponse:
    """Let a person act as another of the own duties."""
    key = request.POST.get("acting", "")
    if key not in {choice.key for choice in request.acting_choices}:
        raise StaleError("Это полномочие вам недоступно или больше не действует. Выберите другое.")
    request.session[SESSION_KEY] = key
    return redirect("home")


# --- children and guardians -------------------------------------------------------------------------------------


@require_safe
def child_list(request: ActingRequest) -> HttpResponse:
    """«Мои дети»: verified children, and claims with their state in words."""
    links = list(access.own_links_for(request.acting))
    context = {
        "children": [link for link in links if link.state == LinkState.VERIFIED],
        "waiting": [link for link in links if link.state == LinkState.REQUESTED],
        "closed": [link for link in links if link.state in (LinkState.REFUSED, LinkState.ENDED)],
    }
    return render(request, "schools/child_list.html", context)


@form_page
def guardian_claim_create(request: ActingRequest) -> HttpResponse:
    """Let anyone claim to be a child's parent; the claim is made in the parent's context."""
    form = GuardianClaimForm(request.POST or None, schools=access.member_schools(timezone.localdate()))
    if form.is_valid():
        try:
            link = services.link_request(actor=request.acting, **form.cleaned_data, at=timezone.now())
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            request.session[SESSION_KEY] = str(Role.PARENT)
            messages.success(
                request,
                f"Запрос отправлен: {link.organisation}. Покажите школе паспорт и документ о ребёнке; "
                "когда она подтвердит связь, вы получите уведомление. Теперь вы действуете как родитель.",
            )
            return redirect("child_list")
    return shown(request, "schools/guardian_claim_form.html", {"form": form})


@require_safe
def guardian_claim_list(request: ActingRequest) -> HttpResponse:
    """The claims of the school: those that wait first, the decided ones in the second tab."""
    claims = access.guardian_claims_for(request.acting)
    decided = request.GET.get("tab") == "decided"
    counts = selectors.claim_counts(claims)
    waiting = claims.filter(state=LinkState.REQUESTED).order_by("requested_at", "pk")
    rows = claims.exclude(state=LinkState.REQUESTED).order_by("-decided_at", "-pk") if decided else waiting
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "decided": decided,
        "tabs": [
            {"label": "Ждут проверки", "url": "?", "count": counts.waiting, "active": not decided},
            {"label": "Рассмотренные", "url": "?tab=decided", "count": counts.decided, "active": decided},
        ],
    }
    return render(request, "schools/guardian_claim_list.html", context)


@require_safe
def guardian_claim(request: ActingRequest, pk: int) -> HttpResponse:
    """What the parent typed beside the pupils who may be meant."""
    return _claim_page(request, pk)


@require_POST
def guardian_claim_verify(request: ActingRequest, pk: int) -> HttpResponse:
    """Confirm the picked pupil."""
    link = access.guardian_claim_for(request.acting, pk)
    form = LinkVerifyForm(request.POST, candidates=selectors.candidates_for(request.acting, link))
    if form.is_valid():
        student = access.student_for(request.acting, form.cleaned_data["student"])
        try:
            services.link_verify(
                actor=request.acting,
                link=link,
                student=student,
                basis_document=form.cleaned_data["basis_document"],
                valid_to=form.cleaned_data["valid_to"],
                at=timezone.now(),
            )
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Связь подтверждена: {link.user.short_name} – {student.short_name}")
            return redirect("guardian_claim_list")
    return _claim_page(request, pk, verify=form)


@require_POST
def guardian_claim_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """Refuse a claim with a reason."""
    link = access.guardian_claim_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        services.link_refuse(actor=request.acting, link=link, reason=form.cleaned_data["reason"], at=timezone.now())
        messages.success(request, "Запрос отклонён, родитель увидит причину.")
        return redirect("guardian_claim_list")
    return _claim_page(request, pk, reason=form)


@require_POST
def guardian_link_end(request: ActingRequest, pk: int) -> HttpResponse:
    """End a verified link with a reason."""
    link = access.guardian_claim_for(request.acting, pk)
    form = LinkEndForm(request.POST)
    if form.is_valid():
        services.link_end(actor=request.acting, link=link, **form.cleaned_data, at=timezone.now())
        messages.success(request, "Связь прекращена: родитель больше не видит данных ребёнка.")
        return redirect("guardian_claim_list")
    return _claim_page(request, pk, end=form)


def _claim_page(
    request: ActingRequest,
    pk: int,
    *,
    verify: LinkVerifyForm | None = None,
    reason: ReasonForm | None = None,
    end: LinkEndForm | None = None,
) -> HttpResponse:
    link = access.guardian_claim_for(request.acting, pk)
    waits = link.state == LinkState.REQUESTED
    candidates = selectors.candidates_for(request.acting, link) if waits else []
    context = {
        "link": link,
        "waits": waits,
        "verified": link.state == LinkState.VERIFIED,
        "candidates": candidates,
        "end": end or LinkEndForm(),
        "verify": verify or LinkVerifyForm(candidates=candidates),
        "reason": reason or ReasonForm(),
    }
    return shown(request, "schools/guardian_claim.html", context)


# --- duties -----------------------------------------------------------------------------------------------------


@form_page
def duty_list(request: ActingRequest) -> HttpResponse:
    """Who may act for the school; the director appoints here."""
    access.require(request.acting, Role.DIRECTOR)
    today = timezone.localdate()
    form = DutyForm(request.POST or None, initial={"date_from": today})
    if form.is_valid():
        try:
            offer = services.duty_offer(actor=request.acting, **form.cleaned_data, at=timezone.now())
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(
                request,
                f"Предложено: {offer.email}, {offer.get_kind_display()}. Полномочие появится, когда сотрудник войдёт "
                "на портал с этим адресом и примет его.",
            )
            return redirect("duty_list")
    context = {
        "form": form,
        "rows": selectors.duty_rows(access.duties_for(request.acting), today),
        "offers": access.offers_for(request.acting),
    }
    return shown(request, "schools/duty_list.html", context)


@require_POST
def duty_end(request: ActingRequest, pk: int) -> HttpResponse:
    """End a duty; the person loses its rights at once."""
    duty = services.duty_end(
        actor=request.acting,
        duty=access.duty_for(request.acting, pk),
        on=timezone.localdate(),
        at=timezone.now(),
    )
    messages.success(request, f"Полномочие прекращено: {duty.user.short_name}, {duty.get_kind_display()}.")
    return redirect("duty_list")


@require_safe
def duty_offer_list(request: ActingRequest) -> HttpResponse:
    """The duties offered to the person's own address."""
    return render(request, "schools/duty_offer_list.html", {"offers": access.own_offers_for(request.acting)})


@require_POST
def duty_take(request: ActingRequest, pk: int) -> HttpResponse:
    """Take an offered duty and act in it if it is in force already."""
    offer = access.own_offer_for(request.acting, pk)
    duty = services.duty_take(actor=request.acting, offer=offer, at=timezone.now())
    if duty.date_from <= timezone.localdate():
        request.session[SESSION_KEY] = str(duty.pk)
    messages.success(request, f"Полномочие принято: {duty}.")
    return redirect("home")


@require_POST
def duty_offer_withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    """Take an offer back that nobody has taken."""
    offer = access.offer_for(request.acting, pk)
    services.duty_offer_withdraw(actor=request.acting, offer=offer, at=timezone.now())
    messages.success(request, f"Предложение отозвано: {offer.email}.")
    return redirect("duty_list")


# --- agreements -------------------------------------------------------------------------------------------------


@require_safe
def agreement_list(request: ActingRequest) -> HttpResponse:
    """The agreements of the school, as home and as host."""
    page = Paginator(access.agreements_for(request.acting), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.agreement_rows(page, request.acting.organisation_id, timezone.localdate()),
        "may_create": request.acting.is_(*access.OFFICE),
    }
    return render(request, "schools/agreement_list.html", context)


@form_page
def agreement_create(request: ActingRequest) -> HttpResponse:
    """Draft an agreement with another school of the network."""
    access.require(request.acting, *access.OFFICE)
    form = AgreementForm(request.POST or None, partners=access.partners_for(request.acting, timezone.localdate()))
    if form.is_valid():
        try:
            agreement = services.agreement_create(
                actor=request.acting, host=form.cleaned_data["host"], terms=form.terms(), at=timezone.now()
            )
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Проект договора составлен. Проверьте его и направьте на подписание.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"form": form, "agreement": None})


@form_page
def agreement_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Change the terms of a draft."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    if request.method != "POST":
        services.refuse_sent(agreement)
    form = AgreementEditForm(request.POST or None, initial=selectors.terms_of(agreement))
    if form.is_valid():
        try:
            services.agreement_edit(
                actor=request.acting,
                agreement=agreement,
                terms=form.terms(),
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
            )
        except StaleError as refusal:
            agreement = access.agreement_for(request.acting, pk)
            add_conflict(form, refusal, selectors.terms_of(agreement))
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Проект договора изменён.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"form": form, "agreement": agreement})


@require_safe
def agreement(request: ActingRequest, pk: int) -> HttpResponse:
    """The terms, the state, who has signed, and what the acting person may do now."""
    return _agreement_page(request, pk)


@require_POST
def agreement_send(request: ActingRequest, pk: int) -> HttpResponse:
    """Send a draft for signature."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    services.agreement_send(actor=request.acting, agreement=agreement, at=timezone.now())
    messages.success(request, "Договор направлен на подписание. Первым подписывает директор вашей школы.")
    return redirect("agreement", pk)


@require_POST
def agreement_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Sign for the own school."""
    agreement = access.agreement_to_sign_for(request.acting, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            services.agreement_sign(
                actor=request.acting,
                agreement=agreement,
                **form.signed,
                at=timezone.now(),
                ip=request.META.get("REMOTE_ADDR", ""),
            )
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Договор подписан.")
            return redirect("agreement", pk)
    return _agreement_page(request, pk, sign=form)


@require_POST
def agreement_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """Return the agreement with remarks."""
    agreement = access.agreement_to_sign_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _agreement_page(request, pk, reason=form)
    services.agreement_refuse(
        actor=request.acting,
        agreement=agreement,
        reason=form.cleaned_data["reason"],
        version_sha256=request.POST.get("version_sha256") or None,
        at=timezone.now(),
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
        return _agreement_page(request, pk, reason=form)
    service, done = DECISIONS[what]
    service(actor=request.acting, agreement=agreement, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(request, f"{done} Обе стороны уведомлены.")
    return redirect("agreement", pk)


@require_safe
def agreement_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper: a preview while it is being signed, the kept bytes afterwards."""
    agreement = access.agreement_for(request.acting, pk)
    return document_response(access.paper_of(agreement))


def _agreement_page(
    request: ActingRequest, pk: int, *, sign: SignForm | None = None, reason: ReasonForm | None = None
) -> HttpResponse:
    agreement = access.agreement_for(request.acting, pk)
    card = selectors.agreement_card(agreement, request.acting, timezone.localdate())
    context = {
        "agreement": agreement,
        "card": card,
        "sign": (sign or SignForm.of(access.paper_of(agreement))) if card.own_slot else None,
        "reason": reason or ReasonForm(),
        "preview_url": reverse("agreement_pdf", args=[pk]),
    }
    return shown(request, "schools/agreement.html", context)
