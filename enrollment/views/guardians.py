"""The page on which another representative answers, and staff registers the word of a pupil of fourteen or older."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrollment import access
from enrollment.forms.guardians import ObjectionForm, PupilWordForm
from enrollment.models import Application
from enrollment.selectors import guardians as selectors
from enrollment.services import guardians as services
from enrollment.views._shared import form_page
from network_portal.common.access import allow
from network_portal.common.forms import refusals_in
from schools.acting import ActingRequest
from schools.enums import Role
from schools.views import shown


@require_safe
def application_guardians(request: ActingRequest, pk: int) -> HttpResponse:
    """Who has answered, who is asked, and whether the pupil's own word is there; what parents answer is theirs."""
    allow(not request.acting.is_(Role.PUPIL))
    return _page(request, pk)


@require_POST
def application_confirm(request: ActingRequest, pk: int) -> HttpResponse:
    """Agree to the application of the other representative."""
    application = _of_family(request, pk)
    services.confirmation_give(actor=request.acting, application=application, at=timezone.now())
    messages.success(request, "Вы согласились с заявлением, школа это видит.")
    return redirect("application_guardians", pk)


@require_POST
def application_object(request: ActingRequest, pk: int) -> HttpResponse:
    """Object to the application of the other representative."""
    application = _of_family(request, pk)
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, objection=form)
    services.confirmation_object(
        actor=request.acting, application=application, reason=form.cleaned_data["reason"], at=timezone.now()
    )
    messages.success(request, "Заявление возвращено заявителю с вашей причиной, школа уведомлена.")
    return redirect("application_guardians", pk)


@require_POST
def application_pupil_word(request: ActingRequest, pk: int) -> HttpResponse:
    """Register the paper that the pupil signed."""
    application = access.application_for(request.acting, pk)
    allow(request.acting.is_(Role.DEPUTY, Role.RESPONSIBLE))
    form = PupilWordForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.pupil_word_register(
                actor=request.acting, application=application, **form.cleaned_data, at=timezone.now()
            )
            messages.success(request, "Подтверждение обучающегося зарегистрировано.")
            return redirect("application_guardians", pk)
    return _page(request, pk, word=form)


@form_page
def own_word(request: ActingRequest) -> HttpResponse:
    """The consents that wait for the pupil's own word, in full, and the confirmation of all of them."""
    student = access.pupil_acting(request.acting)
    if request.method == "POST":
        services.pupil_word_give(
            actor=request.acting,
            student=student,
            seen=request.POST.get("seen", ""),
            at=timezone.now(),
            ip=request.META.get("REMOTE_ADDR", ""),
        )
        messages.success(request, "Вы подтвердили согласие, школа это видит.")
        return redirect("application_list")
    missing = selectors.words_missing(student)
    return shown(request, "enrollment/own_word.html", {"missing": missing, "seen": selectors.digest_of(missing)})


def _of_family(request: ActingRequest, pk: int) -> Application:
    application = access.application_for(request.acting, pk)
    allow(request.acting.is_(Role.PARENT))
    return application


def _page(request: ActingRequest, pk: int, **bound: Form) -> HttpResponse:
    application = access.application_for(request.acting, pk)
    now = timezone.now()
    context = {
        "application": application,
        "stands": selectors.confirmations_of(application, now),
        "may_answer": selectors.may_answer(application, request.acting, now),
        "missing": selectors.words_missing(application.student),
        "may_register": request.acting.is_(Role.DEPUTY, Role.RESPONSIBLE),
        "objection": ObjectionForm(),
        "word": PupilWordForm(initial={"signed_on": timezone.localdate()}),
    }
    return shown(request, "enrollment/application_guardians.html", {**context, **bound})
