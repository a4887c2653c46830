"""Groups: who is in them, and their opening."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from courses.enums import GroupState
from courses.selectors import week_of
from enrollment import access, services
from enrollment.forms.groups import GroupDatesForm
from enrollment.selectors import groups as selectors
from enrollment.selectors.outcomes import TwoStates
from enrollment.views._shared import PAGE, form_page, shown
from network_portal.common.access import allow
from network_portal.common.forms import refusals_in
from schools.acting import ActingRequest
from schools.enums import Role
from schools.models import SCHOOL_STAFF

READERS = (*SCHOOL_STAFF, Role.CURATOR, Role.CLASS_TEACHER, Role.NETWORK_TEACHER)


@require_safe
def group_list(request: ActingRequest) -> HttpResponse:
    """The host's own groups with their capacity; for the home school those in which its pupils are."""
    allow(request.acting.is_(*READERS))
    page = Paginator(selectors.groups_with_counts(request.acting), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [
            (group, selectors.sees_whole_group(request.acting, group), selectors.TONES[GroupState(group.state)])
            for group in page
        ],
    }
    return shown(request, "enrollment/group_list.html", context)


@require_safe
def group_page(request: ActingRequest, pk: int) -> HttpResponse:
    """One group: facts, members as far as they may be seen, and what is missing for opening it."""
    acting = request.acting
    group = access.group_for(acting, pk)
    slots = list(group.slots.all())
    whole = selectors.sees_whole_group(acting, group)
    forming = group.state == GroupState.FORMING
    manages = acting.is_(*SCHOOL_STAFF) and group.course.programme.host_id == acting.organisation_id
    context = {
        "group": group,
        "members": [TwoStates(one) for one in selectors.group_members(acting, group)],
        "may_date": manages and acting.is_(*access.MANAGERS) and group.state != GroupState.CLOSED,
        "may_close": manages and selectors.may_close(group, timezone.localdate()),
        "whole": whole,
        "tone": selectors.TONES[GroupState(group.state)],
        "week": week_of(slots) if slots else [],
        "opening": selectors.opening_of(group, timezone.localdate()) if forming and manages else None,
        "may_edit": manages and acting.is_(*access.MANAGERS) and forming,
    }
    return shown(request, "enrollment/group.html", context)


@require_POST
def group_open(request: ActingRequest, pk: int) -> HttpResponse:
    """Open a group when nothing is missing."""
    group = access.group_for(request.acting, pk, to_change=True)
    services.group_open(actor=request.acting, group=group, on=timezone.localdate(), at=timezone.now())
    messages.success(request, f"Группа {group.name} открыта.")
    return redirect("group", pk)


@require_POST
def group_close(request: ActingRequest, pk: int) -> HttpResponse:
    """Close a group whose course is over, or in which nobody is left."""
    group = access.group_for(request.acting, pk, to_change=True)
    services.group_close(actor=request.acting, group=group, on=timezone.localdate(), at=timezone.now())
    messages.success(request, f"Группа {group.name} закрыта.")
    return redirect("group", pk)


@form_page
def group_dates(request: ActingRequest, pk: int) -> HttpResponse:
    """Set from when to when the group enrols, and until when one may leave freely."""
    group = access.group_for(request.acting, pk, to_change=True)
    allow(request.acting.is_(*access.MANAGERS))
    names = ("enrol_from", "enrol_to", "last_free_exit")
    initial = {name: getattr(group, name) for name in names}
    form = GroupDatesForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_in(form):
            services.group_dates_set(actor=request.acting, group=group, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Сроки группы сохранены.")
            return redirect("group", pk)
    return shown(request, "enrollment/group_dates.html", {"group": group, "form": form})
