"""A parent's children, and the claims that the home school verifies."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.forms import refusals_in
from schools import access, selectors, services
from schools.acting import SESSION_KEY, ActingRequest
from schools.enums import LinkState, Role
from schools.forms._shared import ReasonForm
from schools.forms.guardians import GuardianClaimForm, LinkEndForm, LinkGrantForm, LinkVerifyForm
from schools.guardians import of_age
from schools.views._shared import PAGE, form_page, shown


@require_safe
def child_list(request: ActingRequest) -> HttpResponse:
    """«Мои дети»: verified children, and claims with their state in words."""
    links = list(access.own_links_for(request.acting).with_validity(request.acting.on))
    context = {
        "children": [link for link in links if link.is_valid],
        "waiting": [link for link in links if link.state == LinkState.REQUESTED],
        "closed": [link for link in links if not link.is_valid and link.state != LinkState.REQUESTED],
    }
    return render(request, "schools/child_list.html", context)


@form_page
def guardian_claim_create(request: ActingRequest) -> HttpResponse:
    """Let anyone claim to be a child's parent; the claim is made in the parent's context."""
    form = GuardianClaimForm(request.POST or None, schools=access.member_schools(timezone.localdate()))
    if form.is_valid():
        with refusals_in(form):
            link = services.link_request(actor=request.acting, **form.cleaned_data, at=timezone.now())
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
        with refusals_in(form):
            services.link_verify(
                actor=request.acting,
                link=link,
                student=student,
                basis_document=form.cleaned_data["basis_document"],
                valid_to=form.cleaned_data["valid_to"],
                adult_grant=form.cleaned_data["adult_grant"],
                at=timezone.now(),
            )
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


@require_POST
def guardian_link_grant(request: ActingRequest, pk: int) -> HttpResponse:
    """Register the paper by which an adult pupil lets the parent go on reading."""
    link = access.guardian_claim_for(request.acting, pk)
    form = LinkGrantForm(request.POST)
    if form.is_valid():
        services.link_grant(actor=request.acting, link=link, **form.cleaned_data, at=timezone.now())
        messages.success(request, "Разрешение внесено: родитель снова видит данные, но ничего не подписывает.")
        return redirect("guardian_claim", pk)
    return _claim_page(request, pk, grant=form)


def _claim_page(
    request: ActingRequest,
    pk: int,
    *,
    grant: LinkGrantForm | None = None,
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
        "adult": link.student is not None and of_age(link.student, request.acting.on),
        "grant": grant or LinkGrantForm(),
        "candidates": candidates,
        "end": end or LinkEndForm(),
        "verify": verify or LinkVerifyForm(candidates=candidates),
        "reason": reason or ReasonForm(),
    }
    return shown(request, "schools/guardian_claim.html", context)
