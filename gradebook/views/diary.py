"""The diary of a child."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gradebook.selectors import diary as diaries
from schools.enums import Role


@require_safe
def diary(request: HttpRequest) -> HttpResponse:
    courses = diaries.diary(request.acting, timezone.localdate())
    return render(request, "gradebook/diary.html", {"courses": courses, "parent": request.acting.is_(Role.PARENT)})
