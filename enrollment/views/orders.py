"""The host's orders of enrolment."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.enums import OrderState
from enrollment.forms._shared import ReturnForm
from enrollment.forms.orders import OrderForm
from enrollment.models import Order
from enrollment.selectors import requests as selectors
from enrollment.selectors.orders import TONES, members_of_order
from enrollment.selectors.school_orders import asked_now, changes_of, readers_of
from enrollment.views._shared import form_page, shown
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm, forms_to_sign, returned_in
from network_portal.documents.http import document_response
from network_portal.documents.selectors import next_slot, signature_slots
from schools.acting import ActingRequest
from schools.enums import Role
from schools.models import SCHOOL_STAFF


@form_page
def order_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Draft an order for the booked places of the list `pk` in one of its groups."""
    school_request = access.request_to_answer(request.acting, pk)
    to_order = [row for row in selectors.groups_to_order(school_request) if row.draft is None]
    groups = access.groups_for(request.acting).filter(pk__in=[row.group.pk for row in to_order])
    wanted = request.GET.get("group")
    chosen = next((group for group in groups if str(group.pk) == wanted), None) or groups.first()
    if chosen is None:
        raise RuleError("Приказ готовить не для кого: забронированных мест без приказа по этой заявке нет.")
    initial = {"group": chosen.pk, "date_from": chosen.course.date_from, "date_to": chosen.course.date_to}
    form = OrderForm(request.POST if request.method == "POST" else None, initial=initial, groups=groups)
    if form.is_valid():
        with refusals_in(form):
            order = services.order_create(
                actor=request.acting, request=school_request, **form.cleaned_data, at=timezone.now()
            )
            messages.success(request, "Проект приказа передан на подпись директору.")
            return redirect("order", order.pk)
    context = {"request_": school_request, "form": form, "to_order": to_order}
    return shown(request, "enrollment/order_create.html", context)


@require_safe
def order_page(request: ActingRequest, pk: int) -> HttpResponse:
    """One order: whom it enrols, where, from when, its paper."""
    order = access.order_for(request.acting, pk)
    director = request.acting.is_(Role.DIRECTOR) and order.request.host_id == request.acting.organisation_id
    context = {
        "order": order,
        "tone": TONES[OrderState(order.state)],
        "members": members_of_order(request.acting, order),
        "may_sign": director and order.state == OrderState.DRAFT,
        "may_change": order.state == OrderState.REGISTERED
        and request.acting.is_(*access.MANAGERS)
        and order.request.host_id == request.acting.organisation_id,
        "changes": changes_of(order, drafts=order.request.host_id == request.acting.organisation_id),
        "readers": readers_of(order.document, timezone.localdate()),
        "asked": asked_now(request.acting, order.document),
        "sees_list": request.acting.is_(*SCHOOL_STAFF),
    }
    return shown(request, "enrollment/order.html", context)


@form_page
def order_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """The host's director reads and signs the order."""
    order = access.order_to_sign(request.acting, pk)
    if request.method != "POST":
        return _sign_page(request, order)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.order_sign(actor=request.acting, order=order, **form.signed_in(request), at=timezone.now())
            messages.success(request, "Приказ подписан и зарегистрирован, обучающиеся зачислены.")
            return redirect("order", pk)
    return _sign_page(request, order, sign=form)


@require_POST
def order_return(request: ActingRequest, pk: int) -> HttpResponse:
    """The host's director returns the draft with a reason."""
    order = access.order_to_sign(request.acting, pk)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, order, reason=form)
    services.order_return(actor=request.acting, order=order, **returned_in(request, form), at=timezone.now())
    messages.success(request, "Приказ возвращён, заместитель уведомлён. Места остаются забронированными.")
    return redirect("request", order.request_id)


def _sign_page(
    request: ActingRequest, order: Order, *, sign: SignForm | None = None, reason: ReturnForm | None = None
) -> HttpResponse:
    if order.state != OrderState.DRAFT:
        raise StaleError(f"Приказ уже в состоянии «{order.get_state_display()}»: подпись сейчас не нужна.")
    context = {
        "order": order,
        "members": members_of_order(request.acting, order),
        **forms_to_sign(order.document, sign, reason or ReturnForm()),
        "slots": signature_slots(order.document),
        "slot": next_slot(order.document),
    }
    return shown(request, "enrollment/order_sign.html", context)


@require_safe
def order_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper of the order: a preview until it is signed."""
    return document_response(access.order_for(request.acting, pk).document)
