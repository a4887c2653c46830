"""The lists: composed, signed and sent by the home school, answered line by line by the host."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.documents import answer_pdf
from enrollment.enums import RequestState
from enrollment.forms._shared import ReturnForm
from enrollment.forms.requests import (
    LineAcceptForm,
    LineRefuseForm,
    RequestAddForm,
    RequestCreateForm,
    SeenForm,
    SpecialForm,
)
from enrollment.models import SchoolRequest
from enrollment.selectors import requests as selectors
from enrollment.selectors.conditions import SENT_STATES
from enrollment.selectors.mapping import unmapped_courses
from enrollment.selectors.seats import beyond_on_list
from enrollment.views._shared import PAGE, form_page, shown
from network_portal.common.access import allow
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm, forms_to_sign, returned_in
from network_portal.documents.http import document_response, pdf_response
from network_portal.documents.selectors import next_slot, refusal_of, signature_slots
from schools.acting import ActingRequest
from schools.enums import Role
from schools.models import SCHOOL_STAFF

SIDES = ("sent", "received")


@require_safe
def request_list(request: ActingRequest) -> HttpResponse:
    """The lists that the school sends and those that it receives, apart from each other."""
    acting = request.acting
    allow(acting.is_(*SCHOOL_STAFF, Role.CURATOR))
    visible = access.requests_for(acting)
    counts = selectors.counts_by_side(visible, acting.organisation_id or 0)
    wanted = request.GET.get("side", "")
    side = wanted if wanted in SIDES else "received" if counts["received"] and not counts["sent"] else "sent"
    own = {"home": acting.organisation_id} if side == "sent" else {"host": acting.organisation_id}
    page = Paginator(selectors.with_counts(visible.filter(**own)), PAGE).get_page(request.GET.get("page"))
    labels = {"sent": "Наши заявки в другие школы", "received": "Поступившие к нам"}
    context = {
        "page": page,
        "rows": [(row, selectors.TONES[RequestState(row.state)]) for row in page],
        "side": side,
        "tabs": [
            {"label": labels[key], "url": f"?side={key}", "count": counts[key], "active": key == side} for key in SIDES
        ],
        "may_create": acting.is_(*access.MANAGERS),
    }
    return shown(request, "enrollment/request_list.html", context)


@form_page
def request_create(request: ActingRequest) -> HttpResponse:
    """Choose the host for which accepted applications wait."""
    acting = request.acting
    allow(acting.is_(*access.MANAGERS))
    assert acting.organisation_id is not None
    today = timezone.localdate()
    if request.method == "POST":
        form = RequestCreateForm(request.POST, hosts=selectors.partner_schools(acting.organisation_id))
        if not form.is_valid():
            raise RuleError("Выберите школу из списка.")
        created = services.request_create(
            actor=acting, host=form.cleaned_data["host"], year=form.cleaned_data["year"], on=today, at=timezone.now()
        )
        return redirect("request", created.pk)
    rows = selectors.hosts_to_ask(acting.organisation_id, today)
    return shown(request, "enrollment/request_create.html", {"rows": rows})


@require_safe
def request_page(request: ActingRequest, pk: int) -> HttpResponse:
    """One list as the acting person may see it, with what may be done now."""
    return _page(request, access.request_for(request.acting, pk))


def _page(
    request: ActingRequest,
    school_request: SchoolRequest,
    *,
    refused_line: int | None = None,
    refuse: LineRefuseForm | None = None,
    adding: RequestAddForm | None = None,
    refusal: Exception | None = None,
) -> HttpResponse:
    acting, state = request.acting, school_request.state
    today = timezone.localdate()
    is_home = school_request.home_id == acting.organisation_id
    manages = acting.is_(*access.MANAGERS)
    composing = is_home and manages and state == RequestState.DRAFT
    answering = not is_home and manages and state in SENT_STATES
    rows = selectors.request_rows(school_request, today)
    groups = [] if is_home else selectors.groups_for_answers(school_request)
    context: dict[str, Any] = {
        "request_": school_request,
        "rows": rows,
        "is_home": is_home,
        "tone": selectors.TONES[RequestState(state)],
        "composing": composing,
        "candidates": selectors.candidates_for(school_request, today) if composing else [],
        "returned": refusal_of(school_request.document) if composing and school_request.document else None,
        "may_send": is_home and manages and state == RequestState.SIGNED,
        "may_sign": is_home and acting.is_(Role.DIRECTOR) and state == RequestState.SIGNING,
        "answering": answering,
        "groups": groups,
        "with_seats": {group.course_id for group in groups if group.seats_free > 0},
        "orders": selectors.orders_of(school_request, drafts=not is_home),
        "to_order": selectors.groups_to_order(school_request) if answering else [],
        "counts": selectors.counts_of(rows),
        "refused_line": refused_line,
        "refuse": refuse,
        "adding": adding,
        "stale": refusal,
        "beyond": beyond_on_list(school_request, rows, today) if is_home and manages else [],
        "waiting_for_answer": state == RequestState.SENT,
        "unmapped": unmapped_courses(school_request) if is_home and state not in SENT_STATES else [],
        "contracts": selectors.contracts_of(school_request),
        "tripartite": school_request.agreement.network.tripartite,
    }
    return shown(request, "enrollment/request.html", context, refusal=refusal)


@require_POST
def request_add(request: ActingRequest, pk: int) -> HttpResponse:
    """Put the ticked pupils on the list."""
    school_request = access.request_for(request.acting, pk, to_change=True)
    form = RequestAddForm(request.POST, candidates=selectors.candidates_for(school_request, timezone.localdate()))
    if form.is_valid():
        try:
            services.request_add(
                actor=request.acting,
                request=school_request,
                application_ids=form.cleaned_data["applications"],
                at=timezone.now(),
            )
        except RuleError as error:
            return _page(request, school_request, adding=form, refusal=error)
        return redirect("request", pk)
    return _page(request, school_request, adding=form)


@require_POST
def request_remove(request: ActingRequest, pk: int) -> HttpResponse:
    """Take a pupil off the list; `pk` is the line."""
    line = access.line_to_remove(request.acting, pk)
    services.request_remove(actor=request.acting, line=line, at=timezone.now())
    return redirect("request", line.request_id)


@require_POST
def line_special(request: ActingRequest, pk: int) -> HttpResponse:
    """Say whether the pupil of the line `pk` needs special conditions."""
    line = access.line_to_remove(request.acting, pk)
    form = SpecialForm(request.POST)
    form.is_valid()
    services.line_mark_special(actor=request.acting, line=line, special=form.cleaned_data["special"], at=timezone.now())
    return redirect("request", line.request_id)


@require_POST
def request_submit(request: ActingRequest, pk: int) -> HttpResponse:
    """Hand the list to the director."""
    school_request = access.request_for(request.acting, pk, to_change=True)
    services.request_submit(actor=request.acting, request=school_request, at=timezone.now())
    messages.success(request, "Список передан на подпись директору.")
    return redirect("request", pk)


@form_page
def request_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """The director reads and signs the list."""
    school_request = access.request_to_sign(request.acting, pk)
    if request.method != "POST":
        return _sign_page(request, school_request)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.request_sign(
                actor=request.acting, request=school_request, **form.signed_in(request), at=timezone.now()
            )
            messages.success(request, "Заявка подписана и зарегистрирована.")
            return redirect("request", pk)
    return _sign_page(request, school_request, sign=form)


@require_POST
def request_return(request: ActingRequest, pk: int) -> HttpResponse:
    """The director returns the list with a reason."""
    school_request = access.request_to_sign(request.acting, pk)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, school_request, reason=form)
    services.request_return(
        actor=request.acting, request=school_request, **returned_in(request, form), at=timezone.now()
    )
    messages.success(request, "Заявка возвращена, заместитель уведомлён.")
    return redirect("request", pk)


def _sign_page(
    request: ActingRequest,
    school_request: SchoolRequest,
    *,
    sign: SignForm | None = None,
    reason: ReturnForm | None = None,
) -> HttpResponse:
    document = school_request.document
    if document is None or school_request.state != RequestState.SIGNING:
        raise StaleError(f"Заявка в состоянии «{school_request.get_state_display()}»: подпись сейчас не нужна.")
    context = {
        "request_": school_request,
        "rows": selectors.request_rows(school_request, timezone.localdate()),
        **forms_to_sign(document, sign, reason or ReturnForm()),
        "slots": signature_slots(document),
        "slot": next_slot(document),
    }
    return shown(request, "enrollment/request_sign.html", context)


@require_POST
def request_send(request: ActingRequest, pk: int) -> HttpResponse:
    """Send the signed list to the host."""
    school_request = access.request_for(request.acting, pk, to_change=True)
    services.request_send(actor=request.acting, request=school_request, at=timezone.now())
    messages.success(request, "Заявка направлена, принимающая школа уведомлена.")
    return redirect("request", pk)


@require_safe
def request_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper of the list: a preview until it is signed."""
    school_request = access.request_for(request.acting, pk)
    if school_request.document is None:
        raise Http404
    return document_response(school_request.document)


@require_safe
def request_answer(request: ActingRequest, pk: int) -> HttpResponse:
    """What the host has answered, for printing; 404 while the list has not been sent."""
    school_request = access.request_for(request.acting, pk)
    if school_request.state not in SENT_STATES:
        raise Http404
    rows = selectors.request_rows(school_request, timezone.localdate())
    content = answer_pdf(school_request, rows, selectors.counts_of(rows), timezone.now())
    return pdf_response(content, f"answer-{pk}.pdf")


# --- the host's answers -------------------------------------------------------------------------------------------


@require_POST
def line_accept(request: ActingRequest, pk: int) -> HttpResponse:
    """Book a place in a group."""
    line = access.line_to_answer(request.acting, pk)
    form = LineAcceptForm(request.POST, groups=access.groups_for(request.acting).filter(course=line.course_id))
    if not form.is_valid():
        raise RuleError("Выберите группу этого курса. Если групп нет, создайте её в разделе «Курсы».")
    services.line_accept(
        actor=request.acting,
        line=line,
        group=form.cleaned_data["group"],
        seen=form.cleaned_data["seen"],
        at=timezone.now(),
    )
    return redirect("request", line.request_id)


@require_POST
def line_waitlist(request: ActingRequest, pk: int) -> HttpResponse:
    """Put on the waiting list."""
    line = access.line_to_answer(request.acting, pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise RuleError("Обновите страницу и повторите.")
    services.line_waitlist(actor=request.acting, line=line, seen=form.cleaned_data["seen"], at=timezone.now())
    return redirect("request", line.request_id)


@require_POST
def line_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """Refuse with a reason, which stays on the page when someone was faster."""
    line = access.line_to_answer(request.acting, pk)
    form = LineRefuseForm(request.POST)
    school_request = access.request_for(request.acting, line.request_id)
    if not form.is_valid():
        return _page(request, school_request, refused_line=pk, refuse=form)
    try:
        services.line_refuse(actor=request.acting, line=line, **form.cleaned_data, at=timezone.now())
    except RuleError as error:
        school_request = access.request_for(request.acting, line.request_id)
        return _page(request, school_request, refused_line=pk, refuse=form, refusal=error)
    return redirect("request", line.request_id)
