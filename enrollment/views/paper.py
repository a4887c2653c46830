"""The equal paper route: the printed form of the family, the clerk who finds the draft and registers the scan."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from courses.access import catalogue_courses
from enrollment import access, services
from enrollment.documents import form_pdf
from enrollment.forms.paper import CodeForm, PaperEntryForm, PaperRegisterForm
from enrollment.selectors.applications import MOST_CHOICES, choices_of
from enrollment.selectors.consents import consents_needed
from enrollment.services.paper import NamedOnPaper
from enrollment.views._shared import form_page, shown
from enrollment.views.wizard import editable
from network_portal.common.forms import refusals_in
from schools.acting import ActingRequest
from schools.enums import Kinship


@require_POST
def application_form_print(request: ActingRequest, pk: int) -> HttpResponse:
    """Give the draft its code and show the form to print."""
    application = editable(request, pk)
    services.application_form_print(actor=request.acting, application=application, at=timezone.now())
    return redirect("application_blank", pk)


@require_safe
def application_blank(request: ActingRequest, pk: int) -> HttpResponse:
    """The form with the family's answers and a QR code, to be signed by hand and brought to the school."""
    application = editable(request, pk)
    if application.form_code is None:
        raise Http404
    on = timezone.localdate()
    needed = [(need.operator, need.purpose) for need in consents_needed(application, on) if need.given is None]
    url = settings.PUBLIC_URL.rstrip("/") + reverse("paper_register", args=[application.form_code])
    response = HttpResponse(form_pdf(application, needed, application.form_code, url, on), "application/pdf")
    response["Content-Disposition"] = 'inline; filename="application-form.pdf"'
    return response


@require_safe
def paper_find(request: ActingRequest) -> HttpResponse:
    """Ask the clerk for the code of a form, or lead to an application of a family without an account."""
    access.pupils_to_enter(request.acting)
    form = CodeForm(request.GET or None)
    if form.is_bound and form.is_valid():
        return redirect("paper_register", access.paper_draft_for(request.acting, form.cleaned_data["code"]).form_code)
    return shown(request, "enrollment/paper_find.html", {"form": form})


@form_page
def paper_enter(request: ActingRequest) -> HttpResponse:
    """Write down an application of a family without an account."""
    form = PaperEntryForm(
        request.POST if request.method == "POST" else None,
        pupils=access.pupils_to_enter(request.acting),
        courses=catalogue_courses(timezone.localdate()),
        most=MOST_CHOICES,
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            application = services.application_enter(
                actor=request.acting,
                student=data["student"],
                named=NamedOnPaper(
                    last_name=data["last_name"],
                    first_name=data["first_name"],
                    patronymic=data["patronymic"],
                    kinship=Kinship(data["kinship"]),
                    phone=data["phone"],
                    basis_document=data["basis_document"],
                ),
                courses=form.courses,
                waitlist_ok=data["waitlist_ok"],
                at=timezone.now(),
            )
            return redirect("paper_register", application.form_code)
    return shown(request, "enrollment/paper_enter.html", {"form": form})


@form_page
def paper_register(request: ActingRequest, code: str) -> HttpResponse:
    """Compare the signed papers with the draft, attach the scan, register with the moment of receipt."""
    application = access.paper_draft_for(request.acting, code)
    needed = [need for need in consents_needed(application, timezone.localdate()) if need.given is None]
    now = timezone.now()
    form = PaperRegisterForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        needed=needed,
        initial={"received_at": timezone.localtime(now), "signed_on": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            services.application_register_paper(
                actor=request.acting,
                application=application,
                operator_ids=data.get("operators", []),
                scan=data["file"],
                signed_on=data["signed_on"],
                received_at=data["received_at"],
                at=now,
            )
            messages.success(request, "Заявление зарегистрировано.")
            return redirect("application", application.pk)
    context = {"application": application, "choices": choices_of(application), "form": form, "needed": needed}
    return shown(request, "enrollment/paper_register.html", context)


@require_POST
def family_told(request: ActingRequest, pk: int) -> HttpResponse:
    """Note that the family was told."""
    call = access.call_for(request.acting, pk)
    services.family_told(actor=request.acting, call=call, at=timezone.now())
    messages.success(request, "Отмечено: семье сообщено.")
    return redirect("application", call.application_id)
