"""The diary of a child, by week and by course, and who looked into the journals."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from enrollment.access import applications_for
from enrollment.selectors.applications import with_choices
from gradebook.selectors import diary as diaries
from gradebook.selectors.received import latest_transfers, transfers_of_study
from gradebook.selectors.threads import viewers_of
from network_portal.common.forms import YEARS
from schools.access import require
from schools.acting import ActingRequest
from schools.enums import Role
from schools.models import FAMILY_READERS


@require_safe
def diary(request: ActingRequest) -> HttpResponse:
    """Show the week of all children, or their courses."""
    today = timezone.localdate()
    enrolments = diaries.children_of(request.acting)
    by_course = request.GET.get("tab") == "courses"
    context = {
        "week": None if by_course else diaries.diary_week(enrolments, _day(request.GET.get("week", ""), today)),
        "courses": diaries.diary_courses(enrolments, today) if by_course else [],
        "studies": bool(enrolments),
        "today": today,
        "tabs": _tabs(by_course=by_course),
    }
    return render(request, "gradebook/diary.html", context)


@require_safe
def diary_course(request: ActingRequest, pk: int) -> HttpResponse:
    """Show one course of a child from its first lesson."""
    own = [enrolment for enrolment in diaries.children_of(request.acting) if enrolment.pk == pk]
    if not own:
        raise Http404
    (course,) = diaries.diary_courses(own, timezone.localdate())
    context = {"course": course, "transfers": transfers_of_study(request.acting, own[0])}
    return render(request, "gradebook/diary_course.html", context)


@require_safe
def study(request: ActingRequest) -> HttpResponse:
    """Show a pupil the lessons ahead, the courses with their figures, applications and what the school received."""
    require(request.acting, Role.PUPIL)
    today = timezone.localdate()
    enrolments = diaries.children_of(request.acting)
    context = {
        "ahead": diaries.lessons_ahead(enrolments, today),
        "courses": diaries.diary_courses(enrolments, today),
        "applications": with_choices(applications_for(request.acting).order_by("-created_at", "-pk")),
        "transfers": latest_transfers(request.acting),
        "today": today,
    }
    return render(request, "gradebook/study.html", context)


@require_safe
def diary_viewers(request: ActingRequest) -> HttpResponse:
    """Show a family who looked into the journals."""
    require(request.acting, *FAMILY_READERS)
    viewers = viewers_of(diaries.children_of(request.acting))
    return render(request, "gradebook/diary_viewers.html", {"viewers": viewers})


def _tabs(*, by_course: bool) -> list[dict[str, object]]:
    url = reverse("diary")
    return [
        {"label": "Неделя", "url": url, "count": None, "active": not by_course},
        {"label": "По курсам", "url": f"{url}?tab=courses", "count": None, "active": by_course},
    ]


def _day(text: str, today: date) -> date:
    """Return the day that the address names; today for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if YEARS[1] <= day.year < YEARS[-1] else today
