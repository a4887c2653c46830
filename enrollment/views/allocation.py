"""Forming groups: runs, seats fixed by hand, approval, answers by a run; waiting lists and offers of freed places."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from courses.models import NetworkCourse
from enrollment import access, services
from enrollment.enums import AllocationState
from enrollment.forms._shared import ReasonForm
from enrollment.forms.allocation import BasisForm, QuotaForm, SeasonForm, SeatForm, VersionForm
from enrollment.models import AllocationRun
from enrollment.selectors import allocation as selectors
from enrollment.selectors import queues
from enrollment.views._shared import PAGE, shown
from network_portal.common.access import allow
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import refusals_in
from network_portal.common.russian import NBSP, plural
from schools.acting import ActingRequest
from schools.enums import Role
from schools.models import SCHOOL_STAFF

COUNCIL = (Role.COUNCIL_MEMBER, Role.COUNCIL_SECRETARY)


# --- runs ---------------------------------------------------------------------------------------------------------


@require_safe
def allocation_list(request: ActingRequest) -> HttpResponse:
    """The runs of the own networks; who may start one does it here."""
    acting = request.acting
    allow(acting.is_(*SCHOOL_STAFF, *COUNCIL))
    page = Paginator(access.allocations_for(acting), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(run, selectors.TONES[AllocationState(run.state)]) for run in page],
        "seasons": selectors.seasons_to_start(acting) if acting.is_(*access.ALLOCATORS) else [],
    }
    return shown(request, "enrollment/allocation_list.html", context)


@require_POST
def allocation_start(request: ActingRequest) -> HttpResponse:
    """Compute a draft for a network and a year."""
    allow(request.acting.is_(*access.ALLOCATORS))
    form = SeasonForm(request.POST)
    networks = {network.pk: network for network in access.networks_taught_by(request.acting)}
    if not form.is_valid() or form.cleaned_data["network"] not in networks:
        raise RuleError("Выберите сеть и учебный год из списка.")
    run = services.allocation_start(
        actor=request.acting,
        network=networks[form.cleaned_data["network"]],
        year=form.cleaned_data["year"],
        at=timezone.now(),
    )
    messages.success(request, "Проект составлен. Проверьте его: места ещё никому не обещаны.")
    return redirect("allocation", run.pk)


@require_safe
def allocation(request: ActingRequest, pk: int) -> HttpResponse:
    """One run: numbers for everyone who may read it, names only for the schools concerned."""
    return _page(request, access.allocation_for(request.acting, pk))


def _page(
    request: ActingRequest,
    run: AllocationRun,
    *,
    basis: BasisForm | None = None,
    seat: SeatForm | None = None,
    seat_of: int | None = None,
    quota: QuotaForm | None = None,
    refusal: RuleError | None = None,
) -> HttpResponse:
    acting = request.acting
    draft = run.state == AllocationState.DRAFT
    staff = acting.is_(*SCHOOL_STAFF)
    numbers = selectors.numbers_of(run)
    hosts = {row.group.course.programme.host_id for row in numbers}
    teaches = acting.organisation_id in hosts
    manages = teaches and acting.is_(*access.ALLOCATORS)
    rows = selectors.place_rows(run, acting) if staff else []
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    waiting = selectors.to_answer(run, acting.organisation_id).count() if manages and not draft else 0
    context: dict[str, Any] = {
        "run": run,
        "tone": selectors.TONES[AllocationState(run.state)],
        "numbers": numbers,
        "own_host": acting.organisation_id,
        "staff": staff,
        "page": page,
        "rows": page.object_list,
        "changes": selectors.changes_of(rows) if run.base_id else [],
        "approval": selectors.approval_of(run, acting),
        "draft": draft,
        "manages": manages and draft,
        "newer": selectors.newer_lines(run) if draft else 0,
        "to_answer": waiting if run.state == AllocationState.APPROVED else 0,
        "basis": basis or BasisForm(initial={"sha256": run.sha256}),
        "seat": seat,
        "seat_of": seat_of,
        "quotas": access.quotas_for(acting).filter(year=run.year, agreement__network=run.network) if teaches else [],
        "quota": quota or _quota_form(request, run),
        "stale": refusal,
    }
    return shown(request, "enrollment/allocation.html", context, refusal=refusal)


def _quota_form(request: ActingRequest, run: AllocationRun, data: Any = None) -> QuotaForm:
    return QuotaForm(
        data,
        agreements=access.agreements_taught_by(request.acting).filter(network=run.network),
        courses=access.courses_taught_by(request.acting).filter(network=run.network, year=run.year),
        auto_id="quota_%s",
    )


@require_POST
def allocation_compute(request: ActingRequest, pk: int) -> HttpResponse:
    """Compute the draft again."""
    run = access.allocation_for(request.acting, pk, to_change=True)
    services.allocation_compute(actor=request.acting, run=run, at=timezone.now())
    messages.success(request, "Проект пересчитан по сегодняшним данным.")
    return redirect("allocation", pk)


@require_POST
def allocation_cancel(request: ActingRequest, pk: int) -> HttpResponse:
    """Give the draft up."""
    run = access.allocation_for(request.acting, pk, to_change=True)
    services.allocation_cancel(actor=request.acting, run=run, at=timezone.now())
    messages.success(request, "Проект отменён. Прежние места не изменились.")
    return redirect("allocation", pk)


@require_POST
def allocation_confirm(request: ActingRequest, pk: int) -> HttpResponse:
    """Agree to the version that the page showed, for the own school."""
    run = access.allocation_for(request.acting, pk, to_approve=True)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise StaleError("Обновите страницу и прочтите проект ещё раз.")
    services.allocation_confirm(actor=request.acting, run=run, sha256=form.cleaned_data["sha256"], at=timezone.now())
    messages.success(request, "Ваша школа подтвердила распределение.")
    return redirect("allocation", pk)


@require_POST
def allocation_decision(request: ActingRequest, pk: int) -> HttpResponse:
    """Record the decision of the council or of the Department by its number and date."""
    run = access.allocation_for(request.acting, pk, to_approve=True)
    allow(request.acting.is_(Role.DIRECTOR))
    form = BasisForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.allocation_approve(actor=request.acting, run=run, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Распределение утверждено. Школы и семьи уведомлены.")
            return redirect("allocation", pk)
    return _page(request, run, basis=form)


@require_POST
def allocation_answer(request: ActingRequest, pk: int) -> HttpResponse:
    """Answer every waiting line of the own school by the run."""
    run = access.allocation_for(request.acting, pk, to_change=True)
    answered = services.allocation_answer(actor=request.acting, run=run, at=timezone.now())
    messages.success(
        request,
        f"Принято: {answered.accepted}, в листе ожидания: {answered.waitlisted}, отказано: {answered.refused}.",
    )
    for failure in answered.failed:
        messages.warning(request, failure)
    return redirect("allocation", pk)


@require_POST
def allocation_quota(request: ActingRequest, pk: int) -> HttpResponse:
    """Note the places that an agreement sets for a home school."""
    run = access.allocation_for(request.acting, pk, to_change=True)
    form = _quota_form(request, run, request.POST)
    if not form.is_valid():
        return _page(request, run, quota=form)
    services.quota_set(actor=request.acting, year=run.year, **form.cleaned_data, at=timezone.now())
    messages.success(request, "Квота записана. Пересчитайте проект, чтобы её учесть.")
    return redirect("allocation", pk)


@require_POST
def seat_fix(request: ActingRequest, pk: int) -> HttpResponse:
    """Give a pupil a seat of an own group by hand; `pk` is the row of the draft."""
    place = access.place_to_fix(request.acting, pk)
    groups = access.groups_for(request.acting).filter(course__programme__host=request.acting.organisation_id)
    form = SeatForm(request.POST, groups=groups, auto_id=f"seat_{pk}_%s")
    run = access.allocation_for(request.acting, place.run_id, to_change=True)
    if form.is_valid():
        try:
            services.seat_fix(actor=request.acting, place=place, **form.cleaned_data, at=timezone.now())
        except RuleError as error:
            return _page(request, run, seat=form, seat_of=pk, refusal=error)
        messages.success(request, "Место закреплено, проект пересчитан.")
        return redirect("allocation", run.pk)
    return _page(request, run, seat=form, seat_of=pk)


@require_POST
def seat_lift(request: ActingRequest, pk: int) -> HttpResponse:
    """Take a fixed seat back; `pk` is the row of the draft."""
    place = access.place_to_fix(request.acting, pk)
    services.seat_lift(actor=request.acting, place=place, at=timezone.now())
    messages.success(request, "Закрепление снято, проект пересчитан.")
    return redirect("allocation", place.run_id)


# --- the waiting list ---------------------------------------------------------------------------------------------


@require_safe
def queue(request: ActingRequest, pk: int) -> HttpResponse:
    """The waiting list of an own course: turns, offers and their terms."""
    return _queue_page(request, access.queue_for(request.acting, pk))


def _queue_page(
    request: ActingRequest,
    course: NetworkCourse,
    *,
    skipping: ReasonForm | None = None,
    skipped: int | None = None,
    refusal: RuleError | None = None,
) -> HttpResponse:
    groups = queues.groups_of(course)
    context = {
        "course": course,
        "rows": queues.queue_of(course),
        "groups": groups,
        "free": sum(group.seats_free for group in groups),
        "unanswered": len(queues.unanswered_of(course)),
        "past": queues.past_offers(course),
        "manages": request.acting.is_(*access.ALLOCATORS),
        "hours": course.network.offer_hours,
        "skipping": skipping,
        "skipped": skipped,
        "stale": refusal,
    }
    return shown(request, "enrollment/allocation_queue.html", context, refusal=refusal)


@require_POST
def queue_offer(request: ActingRequest, pk: int) -> HttpResponse:
    """Offer the free seats of the course to the first of its waiting list."""
    course = access.queue_for(request.acting, pk, to_change=True)
    made = services.offers_make(actor=request.acting, course=course, at=timezone.now())
    if made:
        count = len(made)
        messages.success(request, f"Предложено {count}{NBSP}{plural(count, 'место,места,мест')}. Семьи уведомлены.")
    else:
        messages.warning(
            request,
            "Предложить нечего: нет свободных мест, никто не ждёт, или раньше поданная строка заявки ждёт ответа.",
        )
    return redirect("queue", pk)


@require_POST
def queue_skip(request: ActingRequest, pk: int) -> HttpResponse:
    """Pass a family over with a reason; `pk` is its line."""
    line = access.line_to_skip(request.acting, pk)
    form = ReasonForm(request.POST, auto_id=f"skip_{pk}_%s")
    course = access.queue_for(request.acting, line.course_id)
    if form.is_valid():
        try:
            services.queue_skip(actor=request.acting, line=line, reason=form.cleaned_data["reason"], at=timezone.now())
        except RuleError as error:
            return _queue_page(request, course, skipping=form, skipped=pk, refusal=error)
        messages.success(request, "Семья пропущена для следующего места и уведомлена о причине.")
        return redirect("queue", course.pk)
    return _queue_page(request, course, skipping=form, skipped=pk)


@require_POST
def offer_accept(request: ActingRequest, pk: int) -> HttpResponse:
    """The family takes the offered place."""
    offer = access.offer_to_answer(request.acting, pk)
    services.offer_accept(actor=request.acting, offer=offer, at=timezone.now())
    messages.success(request, "Место забронировано. Принимающая школа готовит приказ о зачислении.")
    return redirect("application", offer.line.application_id)


@require_POST
def offer_decline(request: ActingRequest, pk: int) -> HttpResponse:
    """The family turns the offered place down."""
    offer = access.offer_to_answer(request.acting, pk)
    services.offer_decline(actor=request.acting, offer=offer, at=timezone.now())
    messages.success(request, "Вы отказались от места. Его предложат следующей семье.")
    return redirect("application", offer.line.application_id)
