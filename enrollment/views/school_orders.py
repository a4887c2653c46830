"""Orders of both schools beside that of enrolment, their readers, and the exits that they execute."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.enums import HOST_REASONS, ExitReason, OrderState, SchoolOrderKind
from enrollment.forms._shared import ReturnForm
from enrollment.forms.orders import HomeChangeForm, HostChangeForm, OrganiseForm
from enrollment.models import SchoolOrder
from enrollment.selectors import leaving
from enrollment.selectors import school_orders as selectors
from enrollment.views._shared import PAGE, form_page, shown
from network_portal.common.access import allow
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents import rendering
from network_portal.documents.forms import SignForm, forms_to_sign, returned_in
from network_portal.documents.http import document_response, pdf_response
from network_portal.documents.models import Document
from network_portal.documents.selectors import next_slot, signature_slots
from schools.acting import ActingRequest
from schools.enums import DutyKind, Role
from schools.models import SCHOOL_STAFF

READERS = (*SCHOOL_STAFF, Role.CURATOR, Role.CLASS_TEACHER, Role.NETWORK_TEACHER)
RESPONSIBLE = (DutyKind.DEPUTY, DutyKind.RESPONSIBLE)


@require_safe
def school_order_list(request: ActingRequest) -> HttpResponse:
    """The orders that the acting person may read, and what the home school still has to order."""
    acting = request.acting
    allow(acting.is_(*READERS))
    manages = acting.is_(*access.MANAGERS)
    page = Paginator(access.school_orders_for(acting).order_by("-created_at", "-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [(order, selectors.TONES[OrderState(order.state)]) for order in page],
        "hosts": selectors.hosts_to_order(acting.organisation_id or 0) if manages else [],
        "may_change": manages,
    }
    return shown(request, "enrollment/order_list.html", context)


@form_page
def school_order_create(request: ActingRequest, pk: int, year: int) -> HttpResponse:
    """Draft T04 for the pupils whom the host `pk` has enrolled in the school year."""
    acting = request.acting
    allow(acting.is_(*access.MANAGERS))
    row = next(
        (row for row in selectors.hosts_to_order(acting.organisation_id or 0) if (row.host.pk, row.year) == (pk, year)),
        None,
    )
    if row is None:
        raise RuleError("Приказ готовить не для кого: все зачисленные уже названы в приказе.")
    if row.main is not None:
        return redirect("school_order_change" if row.main.document.is_registered else "school_order", row.main.pk)
    today = timezone.localdate()
    enrolments = list(selectors.to_direct(acting.organisation_id or 0, pk, year))
    initial = {
        "date_from": min(one.course.date_from for one in enrolments),
        "date_to": max(one.course.date_to for one in enrolments),
    }
    form = OrganiseForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        responsible=selectors.staff_duties(acting.organisation_id or 0, RESPONSIBLE, today),
        curators=selectors.staff_duties(acting.organisation_id or 0, [DutyKind.CURATOR], today),
    )
    if form.is_valid():
        with refusals_in(form):
            order = services.organise_order_create(
                actor=acting, host=row.host, year=year, **form.cleaned_data, at=timezone.now()
            )
            messages.success(request, "Проект приказа передан на подпись директору.")
            return redirect("school_order", order.pk)
    return shown(request, "enrollment/order_organise.html", {"form": form, "row": row, "enrolments": enrolments})


@form_page
def school_order_change(request: ActingRequest, pk: int) -> HttpResponse:
    """Draft the home school's order that changes its T04 `pk`."""
    acting = request.acting
    order = access.school_order_for(acting, pk, to_change=True)
    if order.kind != SchoolOrderKind.ORGANISE or order.state != OrderState.REGISTERED:
        raise StaleError("Изменения вносят в зарегистрированный приказ об организации обучения.")
    today = timezone.localdate()
    added = list(selectors.to_direct(order.home_id, order.host_id, order.year))
    exits = leaving.exits_of_home(order)
    posted = request.POST if request.method == "POST" else None
    form = HomeChangeForm(
        posted,
        initial={"added": [one.pk for one in added], "leaving": [one.enrolment.pk for one in exits]},
        added=added,
        exits=exits,
        responsible=selectors.staff_duties(order.home_id, RESPONSIBLE, today),
        curators=selectors.staff_duties(order.home_id, [DutyKind.CURATOR], today),
    )
    if form.is_valid():
        data = form.cleaned_data
        chosen = [one for one in exits if one.enrolment.pk in data["leaving"]]
        with refusals_in(form):
            change = services.home_change_create(
                actor=acting,
                order=order,
                added=[one for one in added if one.pk in data["added"]],
                exits=[
                    services.Exit(one.enrolment, one.reason, one.last_day or data["last_day"] or today)
                    for one in chosen
                ],
                responsible=data["responsible"],
                curator=data["curator"],
                date_to=data["date_to"],
                escort=data["escort"],
                ground=data["ground"],
                at=timezone.now(),
            )
            messages.success(request, "Проект приказа передан на подпись директору.")
            return redirect("school_order", change.pk)
    return shown(request, "enrollment/order_change.html", {"form": form, "first": order, "home": True})


@form_page
def order_change(request: ActingRequest, pk: int) -> HttpResponse:
    """Draft the host's order that changes the order of enrolment `pk`: exclusion, another last day."""
    acting = request.acting
    order = access.order_for(acting, pk, to_change=True)
    members = list(leaving.members_to_exclude(acting, order))
    form = HostChangeForm(
        request.POST if request.method == "POST" else None,
        members=members,
        reasons=[(str(reason), reason.label) for reason in HOST_REASONS],
    )
    if form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            change = services.host_change_create(
                actor=acting,
                order=order,
                exits=[
                    services.Exit(one, ExitReason(data["reason"]), data["last_day"], data["words"])
                    for one in members
                    if one.pk in data["leaving"]
                ],
                date_to=data["date_to"],
                ground=data["ground"],
                at=timezone.now(),
            )
            messages.success(request, "Проект приказа передан на подпись директору.")
            return redirect("school_order", change.pk)
    return shown(request, "enrollment/order_change.html", {"form": form, "first": order, "home": False})


@require_safe
def school_order(request: ActingRequest, pk: int) -> HttpResponse:
    """One order: what it does, the chain of changes, who has read it."""
    return shown(
        request, "enrollment/order_school.html", _context(request, access.school_order_for(request.acting, pk))
    )


def _context(request: ActingRequest, order: SchoolOrder) -> dict[str, Any]:
    acting = request.acting
    own = order.school_id == acting.organisation_id
    staff = own and acting.is_(*SCHOOL_STAFF)
    director = own and acting.is_(Role.DIRECTOR)
    draft = order.state == OrderState.DRAFT
    main = order.kind == SchoolOrderKind.ORGANISE and order.state == OrderState.REGISTERED
    return {
        "order": order,
        "tone": selectors.TONES[OrderState(order.state)],
        "lines": selectors.lines_of(order),
        "changes": selectors.changes_of(order, drafts=staff),
        "present": selectors.directed(order) if main else [],
        "readers": selectors.readers_of(order.document, timezone.localdate()),
        "asked": selectors.asked_now(acting, order.document),
        "may_sign": director and draft,
        "may_change": main and own and acting.is_(*access.MANAGERS),
    }


@form_page
def school_order_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """The director of the school reads and signs the order."""
    order = access.school_order_to_sign(request.acting, pk)
    if request.method != "POST":
        return _sign_page(request, order)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.school_order_sign(actor=request.acting, order=order, **form.signed_in(request), at=timezone.now())
            messages.success(request, "Приказ подписан и зарегистрирован, названные в нём уведомлены.")
            return redirect("school_order", pk)
    return _sign_page(request, order, sign=form)


@require_POST
def school_order_return(request: ActingRequest, pk: int) -> HttpResponse:
    """The director returns the draft with a reason."""
    order = access.school_order_to_sign(request.acting, pk)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, order, reason=form)
    services.school_order_return(actor=request.acting, order=order, **returned_in(request, form), at=timezone.now())
    messages.success(request, "Приказ возвращён, заместитель уведомлён.")
    return redirect("school_order", pk)


def _sign_page(
    request: ActingRequest, order: SchoolOrder, *, sign: SignForm | None = None, reason: ReturnForm | None = None
) -> HttpResponse:
    if order.state != OrderState.DRAFT:
        raise StaleError(f"Приказ уже в состоянии «{order.get_state_display()}»: подпись сейчас не нужна.")
    context = {
        **_context(request, order),
        **forms_to_sign(order.document, sign, reason or ReturnForm()),
        "slots": signature_slots(order.document),
        "slot": next_slot(order.document),
    }
    return shown(request, "enrollment/order_school_sign.html", context)


@require_safe
def school_order_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper of the order: a preview until it is signed."""
    return document_response(access.school_order_for(request.acting, pk).document)


@require_POST
def school_order_acquaint(request: ActingRequest, pk: int) -> HttpResponse:
    """The acting person has read the order."""
    order = access.school_order_for(request.acting, pk)
    services.order_acquaint(actor=request.acting, document=order.document, at=timezone.now())
    messages.success(request, "Отметка об ознакомлении поставлена.")
    return redirect("school_order", pk)


@require_POST
def order_acquaint(request: ActingRequest, pk: int) -> HttpResponse:
    """The acting person has read the order of enrolment."""
    order = access.order_for(request.acting, pk)
    services.order_acquaint(actor=request.acting, document=order.document, at=timezone.now())
    messages.success(request, "Отметка об ознакомлении поставлена.")
    return redirect("order", pk)


@require_safe
def school_order_sheet(request: ActingRequest, pk: int) -> HttpResponse:
    """The sheet of acquaintance T28 as a printout."""
    return _sheet(access.school_order_for(request.acting, pk).document)


@require_safe
def order_sheet(request: ActingRequest, pk: int) -> HttpResponse:
    """The sheet of acquaintance T28 of an order of enrolment as a printout."""
    return _sheet(access.order_for(request.acting, pk).document)


def _sheet(document: Document) -> HttpResponse:
    now = timezone.now()
    context = {"document": document, "readers": selectors.readers_of(document, timezone.localdate()), "now": now}
    page = render_to_string("documents/t28.html", context)
    return pdf_response(rendering.render(page).content, f"T28-{document.kind}-{document.pk}.pdf")


@require_safe
def leaving_list(request: ActingRequest) -> HttpResponse:
    """What waits for the home school: families' wishes to leave a group, and studies that need a decision."""
    acting = request.acting
    allow(acting.is_(*SCHOOL_STAFF, Role.CURATOR))
    context = {
        "leaves": [
            (leave, leaving.main_order_of(acting, leave.enrolment)) for leave in leaving.leaves_to_execute(acting)
        ],
        "reviews": [(one, leaving.main_order_of(acting, one)) for one in leaving.reviews_of(acting)],
        "may_change": acting.is_(*access.MANAGERS),
    }
    return shown(request, "enrollment/leaving_list.html", context)
