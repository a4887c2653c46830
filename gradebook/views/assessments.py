"""The plan of tests of the own school's classes."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from gradebook import access
from gradebook.forms.assessments import SchoolTestForm
from gradebook.services import assessments
from network_portal.common.forms import refusals_in
from schools.acting import ActingRequest

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def school_test_list(request: ActingRequest) -> HttpResponse:
    """Show the tests that are ahead; a new one is entered here."""
    now = timezone.now()
    tests = access.school_tests_for(request.acting).filter(date__gte=timezone.localdate(now))
    form = SchoolTestForm(request.POST or None, classes=access.classes_to_test_for(request.acting))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            assessments.school_test_add(
                actor=request.acting,
                school_class=data["school_class"],
                day=data["date"],
                subject=data["subject"],
                at=now,
            )
            messages.success(request, "Работа внесена в график.")
            return redirect("school_test_list")
    context = {"form": form, "page": Paginator(tests, PAGE).get_page(request.GET.get("page"))}
    return render(request, "gradebook/school_tests.html", context, status=422 if form.errors else 200)


@require_POST
def school_test_remove(request: ActingRequest, pk: int) -> HttpResponse:
    test = access.school_test_for(request.acting, pk)
    assessments.school_test_remove(actor=request.acting, test=test, at=timezone.now())
    messages.success(request, "Работа снята с графика.")
    return redirect("school_test_list")
