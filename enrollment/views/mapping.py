"""The home school says which part of its own curriculum each network course belongs to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from enrollment import access, services
from enrollment.forms.mapping import MappingForm
from enrollment.selectors.mapping import mapping_rows, mappings_of
from enrollment.views._shared import form_page, shown
from network_portal.common.access import allow
from network_portal.common.forms import refusals_in
from schools.acting import ActingRequest
from schools.models import SCHOOL_STAFF


@require_safe
def mapping_list(request: ActingRequest) -> HttpResponse:
    """Every course that pupils of the own school want or take."""
    acting = request.acting
    allow(acting.is_(*SCHOOL_STAFF))
    context = {"rows": mapping_rows(acting.organisation_id or 0), "may_change": acting.is_(*access.MANAGERS)}
    return shown(request, "enrollment/mapping_list.html", context)


@form_page
def mapping(request: ActingRequest, pk: int) -> HttpResponse:
    """Map one course; `pk` is the course."""
    acting = request.acting
    course = access.course_to_map(acting, pk)
    known = mappings_of(acting.organisation_id or 0, [course.pk]).get(course.pk)
    initial = {
        "part": known.part if known else course.programme.subject,
        "hours": known.hours if known else course.programme.hours_total,
        "counts": known.counts if known else None,
    }
    form = MappingForm(request.POST if request.method == "POST" else None, initial=initial)
    back = request.GET.get("back", "")
    if form.is_valid():
        with refusals_in(form):
            services.mapping_set(actor=acting, course=course, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Курс сопоставлен с учебным планом.")
            safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
            return redirect(back if back and safe else "mapping_list")
    return shown(request, "enrollment/mapping.html", {"course": course, "form": form})
