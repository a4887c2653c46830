"""The classes' hours and the ways to other schools: what parents' applications are checked against."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from network_portal.common.errors import RuleError
from network_portal.common.forms import refusals_in
from schools import access
from schools.acting import ActingRequest
from schools.forms.week import ClassWeekForm, RoutesForm
from schools.pupils import classes_for
from schools.selectors import route_minutes
from schools.services.week import class_week_set, route_set


@require_http_methods(["GET", "HEAD", "POST"])
def school_week(request: ActingRequest) -> HttpResponse:
    """The list of classes with their hours, and the minutes to each partner school."""
    access.require(request.acting, *access.KEEPERS)
    partners = list(access.partners_for(request.acting, timezone.localdate()).order_by("short_name"))
    known = route_minutes(request.acting)
    form = RoutesForm(request.POST if request.method == "POST" else None, partners=partners, known=known)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            for partner, minutes in form.changed():
                route_set(actor=request.acting, other=partner, minutes=minutes, at=timezone.now())
            messages.success(request, "Время в пути сохранено.")
            return redirect("school_week")
    classes = classes_for(request.acting).prefetch_related("days")
    status = 422 if form.errors else 200
    return render(request, "schools/school_week.html", {"classes": classes, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def class_week(request: ActingRequest, pk: int) -> HttpResponse:
    """When one class has lessons."""
    access.require(request.acting, *access.KEEPERS)
    school_class = access.get_visible(classes_for(request.acting), pk)
    form = ClassWeekForm(request.POST if request.method == "POST" else None, days=school_class.days.all())
    if request.method == "POST" and form.is_valid():
        try:
            class_week_set(actor=request.acting, school_class=school_class, days=form.hours(), at=timezone.now())
        except RuleError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "Учебная неделя класса сохранена.")
            return redirect("school_week")
    context = {"school_class": school_class, "form": form}
    return render(request, "schools/class_week.html", context, status=422 if form.errors else 200)
