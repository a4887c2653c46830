"""The family's application, one question a page; what is chosen stays in the draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access, services
from enrollment.enums import ApplicationState
from enrollment.forms.applications import ChildForm, ChoiceForm, FormOfStudyForm, WaitlistForm
from enrollment.forms.consents import ConsentForm, DetailsForm
from enrollment.models import Application
from enrollment.selectors import applications as selectors
from enrollment.selectors import consents as consent_selectors
from enrollment.selectors.details import details_row
from enrollment.views._shared import form_page, shown
from network_portal.common.access import allow
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_refusal
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from network_portal.documents.selectors import next_slot, signature_slots
from schools.acting import ActingRequest
from schools.enums import Role

#: Title in words and address of each step.
STEPS = (
    ("ребёнок", ""),
    ("курсы", "application_courses"),
    ("форма занятий", "application_form"),
    ("лист ожидания", "application_waitlist"),
    ("проверка", "application_check"),
    ("согласия", "application_consents"),
    ("подписание", "application_sign"),
)
EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)


@dataclass(frozen=True)
class Progress:
    """Where in the wizard a page stands: «Шаг 3 из 7: форма занятий»."""

    number: int
    title: str
    back: str

    @property
    def of(self) -> int:
        return len(STEPS)


def _progress(number: int, pk: int | None = None) -> Progress:
    """Return the progress at the step `number` from 1; back is the page before it."""
    before = STEPS[number - 2][1] if number > 1 else ""
    back = reverse(before, args=[pk]) if before and pk else reverse("application_list")
    return Progress(number, STEPS[number - 1][0], back)


def editable(request: ActingRequest, pk: int) -> Application:
    """Return the parent's own application for the steps; the school's staff has nothing to fill in there."""
    application = access.application_for(request.acting, pk, to_change=True)
    allow(request.acting.is_(Role.PARENT))
    return application


def still_open(application: Application) -> None:
    """Tell who comes back to the steps of a submitted application where it stands."""
    if application.state not in EDITABLE:
        raise StaleError(
            f"Заявление уже в состоянии «{application.get_state_display()}», изменить его нельзя. "
            "Откройте список заявлений, чтобы увидеть, где оно."
        )


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
    context = {"form": form, "children": children, "drafts": drafts, "progress": _progress(1)}
    return shown(request, "enrollment/application_create.html", context)


@form_page
def application_courses(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 2: choose courses and put them into an order; a POST adds, removes or moves one."""
    application = editable(request, pk)
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
    still_open(application)
    choices = selectors.choices_of(application)
    chosen = {choice.course_id for choice in choices}

    def offered(courses: Any) -> list[Any]:
        return [
            (course, selectors.seats_left(course), selectors.window_end_words(course))
            for course in courses
            if course.pk not in chosen
        ]

    context = {
        "application": application,
        "choices": choices,
        "offered": offered(selectors.courses_offered(application.student, at)),
        "late": offered(selectors.courses_late(application.student, at)),
        "full": len(choices) >= selectors.MOST_CHOICES,
        "progress": _progress(2, pk),
    }
    return shown(request, "enrollment/application_courses.html", context)


@form_page
def application_form(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 3: where a programme is taught in two forms, take the other one; a POST swaps."""
    application = editable(request, pk)
    at = timezone.now()
    if request.method == "POST":
        form = FormOfStudyForm(request.POST)
        if not form.is_valid():
            raise RuleError("Этой формы занятий у курса сейчас нет. Обновите страницу.")
        services.application_swap(
            actor=request.acting,
            application=application,
            course_id=form.cleaned_data["course"],
            to_id=form.cleaned_data["to"],
            at=at,
        )
        return redirect("application_form", pk)
    still_open(application)
    choices = selectors.choices_of(application)
    if not choices:
        return redirect("application_courses", pk)
    rows = [(choice, selectors.other_forms(application, choice, at)) for choice in choices]
    context = {
        "application": application,
        "rows": rows,
        "anything": any(others for _, others in rows),
        "progress": _progress(3, pk),
    }
    return shown(request, "enrollment/application_form.html", context)


@form_page
def application_waitlist(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 4: whether the family agrees to a waiting list."""
    application = editable(request, pk)
    if request.method == "POST":
        form = WaitlistForm(request.POST)
        if form.is_valid():
            services.application_waitlist(
                actor=request.acting,
                application=application,
                waitlist_ok=form.cleaned_data["waitlist_ok"],
                at=timezone.now(),
            )
            return redirect("application_check", pk)
    else:
        still_open(application)
        form = WaitlistForm(initial={"waitlist_ok": "yes" if application.waitlist_ok else "no"})
    context = {"application": application, "form": form, "progress": _progress(4, pk)}
    return shown(request, "enrollment/application_waitlist.html", context)


@form_page
def application_check(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 5: what stands against each course, in words; a POST makes the paper."""
    application = editable(request, pk)
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
            return redirect("application_consents", pk)
    still_open(application)
    checked = selectors.check_choices(application, at)
    context = {
        "application": application,
        "checked": checked,
        "ready": bool(checked) and not any(one.blocked for one in checked),
        "week_known": bool(application.student.school_class.days.all()),
        "refusal": refusal,
        "progress": _progress(5, pk),
    }
    return shown(request, "enrollment/application_check.html", context, refusal=refusal)


# --- consents and signature ---------------------------------------------------------------------------------------


@form_page
def application_consents(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 6: each consent with its whole text and a tick of its own; for a submitted application the same alone."""
    application = editable(request, pk)
    _may_consent(application)
    on = timezone.localdate()
    row = details_row(application)
    needed = consent_selectors.consents_needed(application, on)
    if row and any(need.given is None and need.draft is None for need in needed):
        services.consents_prepare(actor=request.acting, application=application, at=timezone.now())
        needed = consent_selectors.consents_needed(application, on)
    missing = [need for need in needed if need.given is None]
    form = ConsentForm(request.POST if request.method == "POST" else None, needed=missing)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        common: dict[str, Any] = {"actor": request.acting, "application": application, "at": at}
        services.consents_mark(operator_ids=form.cleaned_data["operators"], **common)
        left = consent_selectors.missing_consents(application, on)
        if not left:
            services.sheet_prepare(with_application=application.state in EDITABLE, **common)
            return redirect("application_sign", pk)
        names = ", ".join(need.operator.short_name for need in left)
        form.add_error(None, f"Нет согласия: {names}. Без него школа не может рассмотреть заявление на этот курс.")
        needed = consent_selectors.consents_needed(application, on)
        missing = [need for need in needed if need.given is None]
    return _consents_page(request, application, form=form, details=None, needed=needed, missing=missing, row=row)


@require_POST
def application_details(request: ActingRequest, pk: int) -> HttpResponse:
    """Keep the address and the identity documents that the consents need, encrypted."""
    application = editable(request, pk)
    _may_consent(application)
    form = DetailsForm(request.POST)
    if not form.is_valid():
        needed = consent_selectors.consents_needed(application, timezone.localdate())
        missing = [need for need in needed if need.given is None]
        return _consents_page(request, application, form=None, details=form, needed=needed, missing=missing, row=None)
    at = timezone.now()
    services.family_details_keep(actor=request.acting, application=application, details=form.details(), at=at)
    services.consents_prepare(actor=request.acting, application=application, at=at)
    return redirect("application_consents", pk)


def _consents_page(
    request: ActingRequest,
    application: Application,
    *,
    form: ConsentForm | None,
    details: DetailsForm | None,
    needed: list[consent_selectors.ConsentNeeded],
    missing: list[consent_selectors.ConsentNeeded],
    row: object,
) -> HttpResponse:
    ask = bool(missing) and row is None
    context = {
        "application": application,
        "needed": needed,
        "missing": missing,
        "ask": ask,
        "details": (details or DetailsForm()) if ask else None,
        "form": form,
        "editable": application.state in EDITABLE,
        "progress": _progress(6, application.pk),
    }
    return shown(request, "enrollment/application_consents.html", context)


@form_page
def application_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Step 7: every paper as it will be signed, one password and one code; then the number and the moment."""
    application = editable(request, pk)
    if request.method != "POST":
        _may_consent(application)
        return _sign_page(request, application)
    form = SignForm(request.POST)
    refusal = None
    if form.is_valid():
        act = services.application_submit if application.state in EDITABLE else services.consent_give
        try:
            act(actor=request.acting, application=application, **form.signed_in(request), at=timezone.now())
        except RuleError as error:
            refusal = error
            add_refusal(form, error)
        else:
            done = "Заявление подписано и зарегистрировано." if application.state in EDITABLE else "Согласие дано."
            messages.success(request, done)
            return redirect("application", pk)
    if application.state not in EDITABLE and refusal:
        raise refusal
    return _sign_page(request, application, sign=form, refusal=refusal)


def _sign_page(
    request: ActingRequest,
    application: Application,
    *,
    sign: SignForm | None = None,
    refusal: Exception | None = None,
) -> HttpResponse:
    on = timezone.localdate()
    whole = application.state in EDITABLE
    if whole and application.prepared is None:
        return redirect("application_check", application.pk)
    paper = consent_selectors.paper_to_sign(application, on, with_application=whole)
    if paper is None or consent_selectors.missing_consents(application, on):
        return redirect("application_consents", application.pk)
    context = {
        "application": application,
        "whole": whole,
        "consents": consent_selectors.consents_to_sign(application, on),
        "facts": selectors.paper_facts(application) if whole else [],
        "form": sign or SignForm.of(paper),
        "slots": signature_slots(paper),
        "slot": next_slot(paper),
        "progress": _progress(7, application.pk),
    }
    return shown(request, "enrollment/application_sign.html", context, refusal=refusal)


def _may_consent(application: Application) -> None:
    """Refuse the consents of an application that came to nothing."""
    if application.state in (ApplicationState.WITHDRAWN, ApplicationState.REFUSED):
        still_open(application)


@require_safe
def application_preview(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper prepared for signing, for the parent alone."""
    application = editable(request, pk)
    if application.prepared is None:
        raise Http404
    return document_response(application.prepared)


@require_safe
def application_sheet(request: ActingRequest, pk: int) -> HttpResponse:
    """The list of the papers that are signed by one act, for the parent alone."""
    application = editable(request, pk)
    if application.sheet is None:
        raise Http404
    return document_response(application.sheet)
