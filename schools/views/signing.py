"""Agreements T24 of a school with its people and parents; by what people sign for the school."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common import russian
from network_portal.common.forms import refusals_in
from network_portal.documents import services as documents
from network_portal.documents.http import document_response, file_response, pdf_response
from network_portal.documents.models import SigningAgreement
from network_portal.documents.signing import scan_of
from schools import access, services
from schools.acting import ActingRequest
from schools.enums import Role
from schools.forms.signing import BasisForm, EndForm, IdentityForm, SignedSheetForm
from schools.views._shared import PAGE, form_page, shown

TABS = {"people": "Без соглашения", "prepared": "Ждут подписи", "in_force": "Действуют", "ended": "Прекращены"}


@require_safe
def signing_agreement_list(request: ActingRequest) -> HttpResponse:
    """Who may sign electronically and who not yet; whoever is not of this school is not among them."""
    acting, today = request.acting, timezone.localdate()
    agreements = access.signing_agreements_for(acting).order_by("user__sort_key", "pk")
    rows = {
        "people": access.people_to_agree_for(acting, today),
        "prepared": agreements.filter(ended_at=None, document__number=None),
        "in_force": agreements.filter(ended_at=None, document__number__isnull=False),
        "ended": agreements.exclude(ended_at=None),
    }
    wanted = request.GET.get("tab", "")
    tab = wanted if wanted in TABS else "people"
    chosen, query = rows[tab], russian.fold(request.GET.get("q", "")[:100].replace("\0", " ").strip())
    if query:
        chosen = chosen.filter(**{"sort_key__contains" if tab == "people" else "user__sort_key__contains": query})
    context = {
        "page": Paginator(chosen, PAGE).get_page(request.GET.get("page")),
        "tab": tab,
        "query": request.GET.get("q", ""),
        "tabs": [
            {"label": label, "url": f"?tab={key}", "count": rows[key].count(), "active": key == tab}
            for key, label in TABS.items()
        ],
    }
    return shown(request, "schools/signing_agreement_list.html", context)


@form_page
def signing_agreement_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Check who the person is and draw up the agreement."""
    acting, today = request.acting, timezone.localdate()
    person = access.person_to_agree_for(acting, pk, today)
    form = IdentityForm(request.POST or None)
    if form.is_valid():
        with refusals_in(form):
            agreement = documents.signing_agreement_prepare(
                actor=acting.user,
                capacity=acting.capacity,
                organisation=acting.organisation,
                user=person,
                identity=form.identity,
                portal=settings.PUBLIC_URL,
                on=today,
                at=timezone.now(),
            )
            messages.success(request, "Соглашение подготовлено. Распечатайте его, подпишите оба и загрузите скан.")
            return redirect("signing_agreement", agreement.pk)
    return shown(request, "schools/signing_agreement_create.html", {"person": person, "form": form})


@require_safe
def signing_agreement(request: ActingRequest, pk: int) -> HttpResponse:
    """One agreement: what is to be done with it now."""
    return _page(request, access.signing_agreement_for(request.acting, pk))


@require_safe
def signing_agreement_print(request: ActingRequest, pk: int) -> HttpResponse:
    """The sheet to sign by hand while it is prepared, afterwards the registered paper."""
    agreement = access.signing_agreement_for(request.acting, pk)
    if agreement.document.is_registered:
        return document_response(agreement.document)
    return pdf_response(documents.signing_agreement_print(agreement), agreement.document.file_name)


@require_safe
def signing_agreement_scan(request: ActingRequest, pk: int) -> HttpResponse:
    """The scan of the signed sheet, for the staff of the school that keeps it."""
    scan = scan_of(access.signing_agreement_for(request.acting, pk))
    if scan is None:
        raise Http404
    return file_response(scan)


@require_POST
def signing_agreement_register(request: ActingRequest, pk: int) -> HttpResponse:
    """Register the agreement that both have signed."""
    agreement = access.signing_agreement_for(request.acting, pk, to_change=True)
    form = SignedSheetForm(request.POST, request.FILES)
    if form.is_valid():
        with refusals_in(form):
            documents.signing_agreement_register(
                actor=request.acting.user, agreement=agreement, at=timezone.now(), **form.cleaned_data
            )
            messages.success(request, f"Соглашение зарегистрировано: {agreement.user.short_name} может подписывать.")
            return redirect("signing_agreement", pk)
    return _page(request, agreement, register=form)


@require_POST
def signing_agreement_end(request: ActingRequest, pk: int) -> HttpResponse:
    """End an agreement at once, or drop one that was only prepared."""
    agreement = access.signing_agreement_for(request.acting, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, agreement, end=form)
    documents.signing_agreement_end(
        actor=request.acting.user, agreement=agreement, reason=form.cleaned_data["reason"], at=timezone.now()
    )
    messages.success(request, "Соглашение прекращено: подписывать на портале этот человек больше не может.")
    return redirect("signing_agreement", pk)


def _page(
    request: ActingRequest,
    agreement: SigningAgreement,
    *,
    register: SignedSheetForm | None = None,
    end: EndForm | None = None,
) -> HttpResponse:
    own = agreement.user_id == request.acting.user_id
    prepared = agreement.ended_at is None and not agreement.document.is_registered
    context = {
        "agreement": agreement,
        "identity": "" if own else documents.identity_shown(agreement),
        "prepared": prepared,
        "register": (register or SignedSheetForm(initial={"on": timezone.localdate()}))
        if prepared and not own
        else None,
        "end": (end or EndForm()) if agreement.ended_at is None else None,
    }
    return shown(request, "schools/signing_agreement.html", context)


# --- by what people sign for the school -----------------------------------------------------------------------------


@form_page
def basis_list(request: ActingRequest) -> HttpResponse:
    """By what the director and the deputies sign agreements; the director enters it here."""
    access.require(request.acting, Role.DIRECTOR)
    today = timezone.localdate()
    duties = access.signing_duties_for(request.acting, today)
    form = BasisForm(request.POST or None, duties=duties, initial={"issued_on": today})
    if form.is_valid():
        with refusals_in(form):
            services.basis_enter(actor=request.acting, at=timezone.now(), **form.cleaned_data)
            messages.success(request, "Основание подписи внесено.")
            return redirect("basis_list")
    context = {"form": form, "bases": access.bases_for(request.acting), "today": today}
    return shown(request, "schools/basis_list.html", context)


@require_POST
def basis_end(request: ActingRequest, pk: int) -> HttpResponse:
    """Withdraw a power of attorney from today on."""
    basis = access.basis_for(request.acting, pk)
    services.basis_end(actor=request.acting, basis=basis, on=timezone.localdate(), at=timezone.now())
    messages.success(request, "Основание прекращено: по нему больше не подписывают.")
    return redirect("basis_list")
