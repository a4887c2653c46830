"""The family's application in four steps, and the home school's queue."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.enums import ApplicationState, LineDecision
from enrollment.filters import ApplicationFilter
from enrollment.forms import ChildForm, ChoiceForm, ConsentForm, ReasonForm, WaitlistForm
from enrollment.models import Application
from enrollment.selectors import applications as selectors
from enrollment.selectors.conditions import enrolment_conditions, evidence_for
from enrollment.selectors.outcomes import TwoStates
from enrollment.selectors.queues import family_view
from enrollment.selectors.requests import DECISION_TONES
from enrollment.views._shared import PAGE, form_page, ip_of, shown
from network_portal.common.access import allow
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_refusal
from network_portal.common.states import can_move
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from network_portal.documents.selectors import next_slot, signature_slots
from schools.acting import ActingRequest
from schools.enums import Role
from schools.models import SCHOOL_STAFF

STEPS = ("Ребёнок", "Курсы", "Проверка", "Подписание")
EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)


# --- the four steps -----------------------------------------------------------------------------------------------


def _bar(now: int) -> list[dict[str, Any]]:
    """Return the bar over the steps; `now` is the number of the current one from 0."""
    states = ["done"] * now + ["now"] + ["todo"] * (len(STEPS) - now - 1)
    return [{"label": label, "state": state} for label, state in zip(STEPS, states, strict=True)]


def _editable(request: ActingRequest, pk: int) -> Application:
    """Return the parent's own application for the steps; the school's staff has nothing to fill in there."""
    application = access.application_for(request.acting, pk, to_change=True)
    allow(request.acting.is_(Role.PARENT))
    return application


@form_page
def application_create(request: ActingRequest) -> HttpResponse:
    """Step 1: choose the child; a draft that is there is gone on with."""
    allow(request.acting.is_(Role.PARENT))
    children = access.children_for(request.acting)
    if request.method == "POST":
        form = ChildForm(request.POST, children=children)
        if form.is_valid():
            application = services.application_start(
                actor=request.acting,
                student=form.cleaned_data["student"],
                course_id=form.cleaned_data["course"],
                at=timezone.now(),
            )
            return redirect("application_courses", application.pk)
    else:
        initial: dict[str, Any] = {name: request.GET.get(name) for name in ("student", "course")}
        if not initial["student"] and len(children) == 1:
            initial["student"] = children[0].pk
        form = ChildForm(initial=initial, children=children)
    drafts = access.applications_for(request.acting).filter(
        state=ApplicationState.DRAFT, guardian=request.acting.user_id
    )
    context = {"form": form, "children": children, "drafts": drafts, "bar": _bar(0)}
    return shown(request, "enrollment/application_create.html", context)


@form_page
def application_courses(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 2: choose courses and put them into an order; a POST adds, removes or moves one."""
    application = _editable(request, pk)
    at = timezone.now()
    if request.method == "POST":
        form = ChoiceForm(request.POST)
        if not form.is_valid():
            raise RuleError("Это действие с курсом невозможно. Обновите страницу и повторите.")
        action, course_id = form.cleaned_data["action"], form.cleaned_data["course"]
        common = {"actor": request.acting, "application": application, "course_id": course_id, "at": at}
        if action == "add":
            services.application_choose(**common)
        elif action == "remove":
            services.application_unchoose(**common)
        else:
            services.application_rank(**common, up=action == "up")
        return redirect(reverse("application_courses", args=[pk]))
    _still_open(application)
    choices = selectors.choices_of(application)
    chosen = {choice.course_id for choice in choices}
    offered = [course for course in selectors.courses_offered(application.student, at) if course.pk not in chosen]
    context = {
        "application": application,
        "choices": choices,
        "offered": [(course, selectors.seats_left(course), selectors.window_end_words(course)) for course in offered],
        "waitlist": WaitlistForm(initial={"waitlist_ok": application.waitlist_ok}),
        "full": len(choices) >= selectors.MOST_CHOICES,
        "bar": _bar(1),
    }
    return shown(request, "enrollment/application_courses.html", context)


@require_POST
def application_waitlist(request: ActingRequest, pk: int) -> HttpResponse:
    """Note whether the family agrees to a waiting list, and go on to the check."""
    application = _editable(request, pk)
    form = WaitlistForm(request.POST)
    form.full_clean()
    services.application_waitlist(
        actor=request.acting,
        application=application,
        waitlist_ok=form.cleaned_data["waitlist_ok"],
        at=timezone.now(),
    )
    return redirect("application_check", pk)


@form_page
def application_check(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 3: what stands against each course, in words; a POST makes the paper."""
    application = _editable(request, pk)
    at = timezone.now()
    refusal = None
    if request.method == "POST":
        try:
            services.application_prepare(actor=request.acting, application=application, at=at)
        except StaleError:
            raise
        except RuleError as error:
            refusal = error
        else:
            return redirect("application_sign", pk)
    _still_open(application)
    checked = selectors.check_choices(application, at)
    context = {
        "application": application,
        "checked": checked,
        "ready": bool(checked) and not any(one.blocked for one in checked),
        "refusal": refusal,
        "bar": _bar(2),
    }
    return shown(request, "enrollment/application_check.html", context, refusal=refusal)


@form_page
def application_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 4: consents, the whole paper, the password; then the number and the moment."""
    application = _editable(request, pk)
    if request.method != "POST":
        _still_open(application)
        return _sign_page(request, application)
    form = SignForm(request.POST)
    refusal = None
    if form.is_valid():
        try:
            services.application_submit(
                actor=request.acting,
                application=application,
                **form.signed,
                at=timezone.now(),
                ip=ip_of(request),
            )
        except RuleError as error:
            refusal = error
            add_refusal(form, error)
        else:
            messages.success(request, "Заявление подписано и зарегистрировано.")
            return redirect("application", pk)
    if application.state not in EDITABLE and refusal:
        raise refusal
    return _sign_page(request, application, sign=form, refusal=refusal)


@require_POST
def application_consents(request: ActingRequest, pk: int) -> HttpResponse:
    """Give the ticked consents, which are papers of their own."""
    application = _editable(request, pk)
    form = ConsentForm(request.POST, needed=selectors.consents_needed(application))
    if not form.is_valid():
        return _sign_page(request, application, consent=form)
    services.consent_give(
        actor=request.acting,
        application=application,
        operator_ids=form.cleaned_data["operators"],
        at=timezone.now(),
        ip=ip_of(request),
    )
    messages.success(request, "Согласие дано. Отозвать его можно на странице заявления.")
    return redirect("application_sign", pk)


def _sign_page(
    request: ActingRequest,
    application: Application,
    *,
    sign: SignForm | None = None,
    consent: ConsentForm | None = None,
    refusal: Exception | None = None,
) -> HttpResponse:
    if application.prepared is None:
        return redirect("application_check", application.pk)
    needed = selectors.consents_needed(application)
    missing = [need for need in needed if need.given is None]
    form = SignForm.of(application.prepared)
    if sign is not None:
        form = sign
    context = {
        "application": application,
        "needed": needed,
        "missing": missing,
        "consent": consent or ConsentForm(needed=missing),
        "facts": selectors.paper_facts(application),
        "form": form,
        "slots": signature_slots(application.prepared),
        "slot": next_slot(application.prepared),
        "bar": _bar(3),
    }
    return shown(request, "enrollment/application_sign.html", context, refusal=refusal)


def _still_open(application: Application) -> None:
    """Tell who comes back to the steps of a submitted application where it stands."""
    if application.state not in EDITABLE:
        raise StaleError(
            f"Заявление уже в состоянии «{application.get_state_display()}», изменить его нельзя. "
            "Откройте список заявлений, чтобы увидеть, где оно."
        )


# --- lists and the page -------------------------------------------------------------------------------------------


@require_safe
def application_list(request: ActingRequest) -> HttpResponse:
    """The family's applications as cards; the school's as a queue with tabs and filters."""
    allow(request.acting.is_(Role.PARENT, Role.CURATOR, Role.CLASS_TEACHER, *SCHOOL_STAFF))
    visible = access.applications_for(request.acting)
    if request.acting.is_(Role.PARENT):
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
    queue = selectors.with_choices(filtered.qs).filter(state__in=tabs[current]).order_by("registered_at", "pk")
    page = Paginator(queue, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, _tone(row)) for row in page],
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
    refusing: ReasonForm | None = None,
    refusal: Exception | None = None,
) -> HttpResponse:
    acting = request.acting
    application = access.application_for(acting, pk)
    own = acting.is_(Role.PARENT)
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
        "consents": selectors.consents_needed(application) if own else [],
        "conditions": (
            enrolment_conditions(application=application, course=next_choice.course, evidence=evidence)[1:]
            if staff and next_choice
            else []
        ),
        "own": own,
        "mine": own and application.guardian_id == acting.user_id,
        "may_decide": staff and application.state == ApplicationState.REGISTERED,
        "may_return": staff and application.state in (ApplicationState.REGISTERED, ApplicationState.ACCEPTED),
        "editable": application.state in EDITABLE,
        "may_withdraw": can_move(application, ApplicationState.WITHDRAWN),
        "returning": returning or ReasonForm(prefix="return"),
        "refusing": refusing or ReasonForm(prefix="refuse"),
        "history": selectors.school_history(application) if staff else [],
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


@require_safe
def application_preview(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper prepared for signing, for the parent alone."""
    application = _editable(request, pk)
    if application.prepared is None:
        raise Http404
    return document_response(application.prepared)


# --- acts ---------------------------------------------------------------------------------------------------------


@require_POST
def application_withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    """The family takes the application back."""
    application = _editable(request, pk)
    services.application_withdraw(actor=request.acting, application=application, at=timezone.now())
    messages.success(request, "Заявление отозвано.")
    return redirect("application", pk)


@require_POST
def consent_withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    """The family withdraws a consent."""
    consent = access.consent_for(request.acting, pk)
    services.consent_withdraw(actor=request.acting, consent=consent, at=timezone.now())
    messages.success(request, "Согласие отозвано, школа уведомлена.")
    return redirect("application_list")


def _to_decide(request: ActingRequest, pk: int) -> Application:
    application = access.application_for(request.acting, pk, to_change=True)
    allow(request.acting.is_(*SCHOOL_STAFF))
    return application


@require_POST
def application_accept(request: ActingRequest, pk: int) -> HttpResponse:
    """The school accepts."""
    application = _to_decide(request, pk)
    try:
        services.application_accept(actor=request.acting, application=application, at=timezone.now())
    except StaleError as error:
        return _application_page(request, pk, refusal=error)
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
