"""The page of an application, the family's list and the home school's queue, the acts upon an application."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.enums import ApplicationState, LineDecision
from enrollment.filters import ApplicationFilter
from enrollment.forms._shared import ReasonForm
from enrollment.forms.applications import LateForm
from enrollment.models import Application
from enrollment.queue_table import queue_rows
from enrollment.selectors import applications as selectors
from enrollment.selectors.conditions import enrolment_conditions, evidence_for
from enrollment.selectors.consents import consents_needed
from enrollment.selectors.outcomes import TwoStates
from enrollment.selectors.queues import family_view
from enrollment.selectors.requests import DECISION_TONES
from enrollment.views._shared import PAGE, shown
from enrollment.views.wizard import EDITABLE
from network_portal.common.access import allow
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_refusal
from network_portal.common.states import can_move
from network_portal.documents.http import document_response
from schools.acting import ActingRequest
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF

# --- lists and the page -------------------------------------------------------------------------------------------


@require_safe
def application_list(request: ActingRequest) -> HttpResponse:
    """The family's applications as cards; the school's as a queue with tabs and filters."""
    allow(request.acting.is_(*FAMILY_READERS, Role.CURATOR, Role.CLASS_TEACHER, *SCHOOL_STAFF))
    visible = access.applications_for(request.acting)
    if request.acting.is_(*FAMILY_READERS):
        cards = list(selectors.with_choices(visible).order_by("-created_at", "-pk"))
        return shown(
            request,
            "enrollment/application_list_family.html",
            {"rows": [(card, _tone(card), card.guardian_id == request.acting.user_id) for card in cards]},
        )
    filtered = ApplicationFilter(
        request.GET or None,
        queryset=visible,
        courses=selectors.courses_applied_for(visible),
        classes=selectors.classes_of(visible),
    )
    counts = selectors.counts_by_tab(filtered.qs)
    tabs = {key: states for key, _, states in selectors.TABS}
    wanted = request.GET.get("tab", "")
    current = wanted if wanted in tabs else "new"
    pages = Paginator(selectors.queue_of(filtered.qs.filter(state__in=tabs[current])), PAGE)
    pages.count = counts[current]
    page = pages.get_page(request.GET.get("page"))
    rows = [(row, _tone(row)) for row in page]
    context = {
        "page": page,
        "rows": rows,
        "table": queue_rows(rows, selectors.wishes_of(page)),
        "filter": filtered,
        "tab": current,
        "tabs": [
            {"label": label, "url": _tab_url(request, key), "count": counts[key], "active": key == current}
            for key, label, _ in selectors.TABS
        ],
    }
    return shown(request, "enrollment/application_list.html", context)


def _tone(application: Application) -> str:
    return selectors.TONES[ApplicationState(application.state)]


def _tab_url(request: ActingRequest, tab: str) -> str:
    query = request.GET.copy()
    query["tab"] = tab
    query.pop("page", None)
    return f"?{query.urlencode()}"


@require_safe
def application(request: ActingRequest, pk: int) -> HttpResponse:
    """Where an application stands, what comes next and who does it; the school decides here."""
    return _application_page(request, pk)


def _application_page(
    request: ActingRequest,
    pk: int,
    *,
    returning: ReasonForm | None = None,
    accepting: LateForm | None = None,
    refusing: ReasonForm | None = None,
    refusal: Exception | None = None,
) -> HttpResponse:
    acting = request.acting
    application = access.application_for(acting, pk)
    own, decides = acting.is_(*FAMILY_READERS), access.decides_for(acting, application)
    parent = acting.is_(Role.PARENT)
    lines = selectors.lines_of(application)
    choices = selectors.choices_of(application)
    decided = {line.course_id: (line, DECISION_TONES[LineDecision(line.decision)]) for line in lines}
    evidence = evidence_for([application], timezone.localdate())
    next_choice = selectors.remaining_choice(application, lines)
    staff = acting.is_(*SCHOOL_STAFF)
    context = {
        "application": application,
        "choices": [(choice, decided.get(choice.course_id)) for choice in choices],
        "steps": selectors.application_steps(application, lines),
        "places": [TwoStates(line.enrolment) for line in lines if hasattr(line, "enrolment")],
        "next": selectors.whats_next(application, lines),
        "queue": selectors.queue_place(application),
        "seat": family_view(application, lines),
        "tone": _tone(application),
        "consents": consents_needed(application) if own or staff else [],
        "conditions": (
            enrolment_conditions(application=application, course=next_choice.course, evidence=evidence)[1:]
            if staff and next_choice
            else []
        ),
        "own": own,
        "decides": decides,
        "mine": own and decides and application.guardian_id == acting.user_id,
        "may_decide": staff and application.state == ApplicationState.REGISTERED,
        "may_return": staff and application.state in (ApplicationState.REGISTERED, ApplicationState.ACCEPTED),
        "editable": application.state in EDITABLE,
        "may_withdraw": decides and can_move(application, ApplicationState.WITHDRAWN),
        "returning": returning or ReasonForm(prefix="return"),
        "refusing": refusing or ReasonForm(prefix="refuse"),
        "events": selectors.events_of(application, lines),
        "may_do": (selectors.what_may_do(application) if decides else selectors.ALONE) if parent else "",
        "parent": parent,
        "late": any(choice.late for choice in choices),
        "accepting": accepting or LateForm(prefix="late"),
        "may_consent": own
        and decides
        and application.guardian_id == acting.user_id
        and application.state not in (*EDITABLE, ApplicationState.REFUSED, ApplicationState.WITHDRAWN),
        "calls": [call for call in access.calls_for(acting) if call.application_id == application.pk] if staff else [],
        "leavable": selectors.places_to_leave(lines) if decides else [],
        "leaves": access.leaves_for(acting).filter(enrolment__line__application=application) if own or staff else [],
        "stale": refusal,
    }
    return shown(request, "enrollment/application.html", context, refusal=refusal)


@require_safe
def application_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The registered paper; 404 until there is one."""
    application = access.application_for(request.acting, pk)
    if application.document is None:
        raise Http404
    return document_response(application.document)


# --- acts ---------------------------------------------------------------------------------------------------------


@require_POST
def application_withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    """The family takes the application back."""
    application = access.application_to_withdraw(request.acting, pk)
    services.application_withdraw(actor=request.acting, application=application, at=timezone.now())
    messages.success(request, "Заявление отозвано.")
    return redirect("application", pk)


def _to_decide(request: ActingRequest, pk: int) -> Application:
    application = access.application_for(request.acting, pk, to_change=True)
    allow(request.acting.is_(*SCHOOL_STAFF))
    return application


@require_POST
def application_accept(request: ActingRequest, pk: int) -> HttpResponse:
    """The school accepts; a late one with a reason."""
    application = _to_decide(request, pk)
    form = LateForm(request.POST, prefix="late")
    form.fields["reason"].required = False
    form.full_clean()
    try:
        services.application_accept(
            actor=request.acting,
            application=application,
            at=timezone.now(),
            late_reason=form.cleaned_data.get("reason", ""),
        )
    except StaleError as error:
        return _application_page(request, pk, refusal=error)
    except RuleError as error:
        if error.field != "reason":
            raise
        add_refusal(form, error)
        return _application_page(request, pk, accepting=form)
    messages.success(request, "Заявление принято, семья уведомлена.")
    return redirect("application_list")


@require_POST
def application_return(request: ActingRequest, pk: int) -> HttpResponse:
    """The school returns the application for correction; the reason stays on the page when someone was faster."""
    application = _to_decide(request, pk)
    form = ReasonForm(request.POST, prefix="return")
    if not form.is_valid():
        return _application_page(request, pk, returning=form)
    try:
        services.application_return(
            actor=request.acting, application=application, reason=form.cleaned_data["reason"], at=timezone.now()
        )
    except StaleError as error:
        return _application_page(request, pk, returning=form, refusal=error)
    messages.success(request, "Заявление возвращено, семья уведомлена.")
    return redirect("application_list")


@require_POST
def application_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """The school refuses; the reason stays on the page when someone was faster."""
    application = _to_decide(request, pk)
    form = ReasonForm(request.POST, prefix="refuse")
    if not form.is_valid():
        return _application_page(request, pk, refusing=form)
    try:
        services.application_refuse(
            actor=request.acting, application=application, reason=form.cleaned_data["reason"], at=timezone.now()
        )
    except StaleError as error:
        return _application_page(request, pk, refusing=form, refusal=error)
    messages.success(request, "В приёме заявления отказано, семья уведомлена.")
    return redirect("application_list")
