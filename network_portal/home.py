"""«Что ждёт меня»: the home page of everyone who is signed in; and the switch of the accessible version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

import council.selectors
import courses.selectors
import enrollment.selectors.guardians
import enrollment.selectors.order_tasks
import enrollment.selectors.waiting
import gradebook.selectors.waiting
import schools.selectors
from network_portal.navigation import LOW_VISION_COOKIE
from network_portal.notices.selectors import Task, recent_notices
from schools.acting import Acting, ActingRequest
from schools.enums import Role

#: What each app waits for from a person who acts for a duty.
TASK_SOURCES: tuple[Callable[[Acting, date], list[Task]], ...] = (
    schools.selectors.tasks_for,
    courses.selectors.tasks_for,
    enrollment.selectors.waiting.tasks_for,
    enrollment.selectors.guardians.tasks_for,
    enrollment.selectors.order_tasks.tasks_for,
    gradebook.selectors.waiting.tasks_for,
    council.selectors.tasks_for,
)

YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class DutyTasks:
    """The tasks of one of the person's duties."""

    acting: Acting
    current: bool
    tasks: list[Task]


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return all that waits for `acting`, soonest first, tasks without a date last."""
    tasks = [task for source in TASK_SOURCES for task in source(acting, today)]
    return sorted(tasks, key=lambda task: (task.due is None, task.due or today, task.title, task.about))


@require_safe
def home(request: ActingRequest) -> HttpResponse:
    """Show the tasks of every duty, the one acted in first, and what changed in the last week."""
    now = timezone.now()
    today = timezone.localdate(now)
    choices = sorted(request.acting_choices, key=lambda acting: acting.key != request.acting.key)
    duties = [DutyTasks(acting, acting.key == request.acting.key, tasks_for(acting, today)) for acting in choices]
    context = {
        "duties": [duty for duty in duties if duty.current or duty.tasks],
        "several": len(choices) > 1,
        "changes": recent_notices(request.user, now)[:20],
        "nobody": request.acting.role == Role.NOBODY,
    }
    return render(request, "home.html", context)


@login_not_required
@require_POST
def low_vision(request: HttpRequest) -> HttpResponse:
    """Turn the version for the visually impaired on or off and return to the page."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if request.COOKIES.get(LOW_VISION_COOKIE) == "1":
        response.delete_cookie(LOW_VISION_COOKIE, samesite="Lax")
    else:
        response.set_cookie(LOW_VISION_COOKIE, "1", max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
