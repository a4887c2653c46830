"""Pages of courses: the public catalogue, and the host's courses, groups and timetables."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from courses import access, policies, selectors, services, thematic
from courses.cards import cards
from courses.enums import CourseState
from courses.filters import CatalogueFilter
from courses.forms import CourseEditForm, GroupEditForm, GroupForm, NewCourseForm, PlanForm, PolicyForm, SlotForm
from courses.models import Programme, StudyGroup
from network_portal.common.dates import school_year
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_conflict, add_refusal, refusals_in
from schools.access import networks_for, require, teachers_for
from schools.acting import ActingRequest
from schools.enums import Role
from schools.views import form_page, shown

PAGE = 20


class HtmxRequest(ActingRequest):
    htmx: HtmxDetails


# --- the catalogue ----------------------------------------------------------------------------------------------


@login_not_required
@require_safe
def catalogue(request: HtmxRequest) -> HttpResponse:
    """The published courses with a filter; htmx gets the rows alone."""
    now = timezone.now()
    today = timezone.localdate(now)
    found = CatalogueFilter(
        request.GET or None, queryset=access.catalogue_courses(today), choices=selectors.catalogue_choices(today)
    )
    page = Paginator(selectors.catalogue_cards(found.qs), PAGE).get_page(request.GET.get("page"))
    rows = selectors.catalogue_rows(page, now)
    context = {"filter": found, "page": page, "rows": rows, "cards": cards(rows)}
    part = request.htmx and not request.htmx.history_restore_request
    response = render(request, "courses/_catalogue_rows.html" if part else "courses/catalogue.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_not_required
@require_safe
def catalogue_course(request: ActingRequest, pk: int) -> HttpResponse:
    """One course: programme, school, teacher, times, seats, and how to apply."""
    now = timezone.now()
    course = access.catalogue_course(pk, timezone.localdate(now))
    context = {"row": selectors.course_row(course, now), "course": course}
    return render(request, "courses/catalogue_course.html", context)


# --- courses of the host ----------------------------------------------------------------------------------------


@require_safe
def course_list(request: ActingRequest) -> HttpResponse:
    """The courses that the school offers to others."""
    courses = access.courses_for(request.acting).order_by("-year", "programme__title", "pk")
    page = Paginator(courses, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.course_rows(page, timezone.now()),
        "may_create": request.acting.is_(*access.MANAGERS),
    }
    return render(request, "courses/course_list.html", context)


@require_safe
def course(request: ActingRequest, pk: int) -> HttpResponse:
    """A course with its groups, and what may be done with it."""
    course = access.course_for(request.acting, pk)
    changes = request.acting.is_(*access.MANAGERS)
    context = {
        "course": course,
        "row": selectors.course_row(course, timezone.now()),
        "may_edit": changes and course.state != CourseState.CLOSED,
        "may_publish": changes and access.may_publish(course),
        "may_close": changes and course.state == CourseState.PUBLISHED,
        "may_add_group": changes,
    }
    return render(request, "courses/course.html", context)


@form_page
def course_create(request: ActingRequest) -> HttpResponse:
    """Draft a course."""
    require(request.acting, *access.MANAGERS)
    today = timezone.localdate()
    form = NewCourseForm(
        request.POST or None, networks=networks_for(request.acting, today), this_year=school_year(today)
    )
    if form.is_valid():
        with refusals_in(form):
            course = services.course_create(
                actor=request.acting, network=form.cleaned_data["network"], terms=form.terms(), at=timezone.now()
            )
            messages.success(request, "Курс составлен. Проверьте его и опубликуйте в каталоге.")
            return redirect("course", course.pk)
    return shown(request, "courses/course_form.html", {"form": form, "course": None})


@form_page
def course_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Change a course."""
    course = access.course_for(request.acting, pk, to_change=True)
    form = CourseEditForm(
        request.POST or None,
        initial=selectors.course_facts(course),
        this_year=school_year(timezone.localdate()),
        fixed=selectors.fixed_fields(course),
    )
    if form.is_valid():
        try:
            services.course_edit(
                actor=request.acting,
                course=course,
                terms=form.terms(),
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
            )
        except StaleError as refusal:
            course = access.course_for(request.acting, pk)
            add_conflict(form, refusal, selectors.course_facts(course))
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Курс изменён.")
            return redirect("course", course.pk)
    return shown(request, "courses/course_form.html", {"form": form, "course": course})


@require_POST
def course_publish(request: ActingRequest, pk: int) -> HttpResponse:
    """Put a course into the catalogue."""
    course = access.course_for(request.acting, pk, to_change=True)
    services.course_publish(actor=request.acting, course=course, at=timezone.now())
    messages.success(request, f"Курс «{course}» опубликован в каталоге.")
    return redirect("course", pk)


@require_POST
def course_close(request: ActingRequest, pk: int) -> HttpResponse:
    """Take a course out of the catalogue."""
    course = access.course_for(request.acting, pk, to_change=True)
    services.course_close(actor=request.acting, course=course, at=timezone.now())
    messages.success(request, f"Курс «{course}» снят с каталога.")
    return redirect("course", pk)


@form_page
def programme_plan(request: ActingRequest, pk: int) -> HttpResponse:
    """The topics of a programme with their hours; they are pasted as text."""
    programme = access.programme_for(request.acting, pk, to_change=request.method == "POST")
    rows = thematic.plan_of(programme)
    form = PlanForm(request.POST or None, initial={"text": thematic.plan_text(rows)})
    if form.is_valid():
        try:
            rows = thematic.plan_replace(
                actor=request.acting,
                programme=programme,
                text=form.cleaned_data["text"],
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
            )
        except StaleError as refusal:
            add_conflict(form, refusal, {"text": thematic.plan_text(rows)})
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"План сохранён, тем: {len(rows)}.")
            return redirect("programme_plan", pk)
    changes = request.acting.is_(*access.MANAGERS, Role.NETWORK_TEACHER)
    context = {
        "programme": programme,
        "rows": rows,
        "hours": sum(row.hours for row in rows),
        "form": form if changes else None,
    }
    return shown(request, "courses/programme_plan.html", context)


@form_page
def programme_policy(request: ActingRequest, pk: int) -> HttpResponse:
    """How a programme marks; it is set while all courses of the programme are drafts (S2-2м)."""
    programme = access.programme_for(request.acting, pk)
    changes = request.acting.is_(*access.MANAGERS)
    if request.method == "POST":
        require(request.acting, *access.MANAGERS)
    fixed = policies.is_fixed(programme)
    return _policy_page(request, programme, may_change=changes and not fixed, fixed=fixed)


@form_page
def school_policy(request: ActingRequest) -> HttpResponse:
    """The school's own act on marks, which its new programmes take over."""
    require(request.acting, *access.MANAGERS)
    return _policy_page(request, None, may_change=True, fixed=False)


def _policy_page(request: ActingRequest, programme: Programme | None, *, may_change: bool, fixed: bool) -> HttpResponse:
    host = programme.host if programme else request.acting.organisation
    assert host is not None
    form = PolicyForm(request.POST or None, initial=policies.policy_facts(policies.policy_row(host, programme)))
    if form.is_valid():
        try:
            policies.policy_set(
                actor=request.acting,
                programme=programme,
                values=form.values(),
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
            )
        except StaleError as refusal:
            add_conflict(form, refusal, policies.policy_facts(policies.policy_row(host, programme)))
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Порядок оценивания сохранён.")
            return redirect("programme_policy", programme.pk) if programme else redirect("school_policy")
    context = {"programme": programme, "form": form, "may_change": may_change, "fixed": fixed}
    return shown(request, "courses/policy.html", context)


# --- groups -----------------------------------------------------------------------------------------------------


@form_page
def group_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Form a group of a course."""
    course = access.course_for(request.acting, pk, to_change=True)
    form = _group_form(request, {"capacity": course.seats}, timezone.localdate())
    if form.is_valid():
        with refusals_in(form):
            group = services.group_create(actor=request.acting, course=course, **form.cleaned_data, at=timezone.now())
            messages.success(request, f"Группа «{group}» создана. Составьте её расписание.")
            return redirect("group_timetable", group.pk)
    return shown(request, "courses/group_form.html", {"form": form, "course": course, "group": None})


@form_page
def group_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Change a group's name, capacity or teacher."""
    group = access.group_for(request.acting, pk, to_change=True)
    form = GroupEditForm(
        request.POST or None,
        initial=selectors.group_facts(group),
        teachers=teachers_for(request.acting, timezone.localdate()),
    )
    if form.is_valid():
        try:
            services.group_edit(actor=request.acting, group=group, **form.cleaned_data, at=timezone.now())
        except StaleError as refusal:
            group = access.group_for(request.acting, pk)
            add_conflict(form, refusal, selectors.group_facts(group))
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Группа изменена.")
            return redirect(group_url(group))
    context = {"form": form, "course": group.course, "group": group, "back": group_url(group)}
    return shown(request, "courses/group_form.html", context)


@form_page
def group_timetable(request: ActingRequest, pk: int) -> HttpResponse:
    """The week of a group; a lesson is added here."""
    group = access.group_for(request.acting, pk, to_change=True)
    form = SlotForm(request.POST or None)
    if form.is_valid():
        try:
            slot = services.slot_add(actor=request.acting, group=group, **form.cleaned_data, at=timezone.now())
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Занятие внесено: {slot}.")
            return redirect("group_timetable", pk)
    context = {
        "form": form,
        "group": group,
        "week": selectors.week_of(group.slots.all()),
        "back": group_url(group),
    }
    return shown(request, "courses/group_timetable.html", context)


@require_POST
def slot_remove(request: ActingRequest, pk: int, slot_pk: int) -> HttpResponse:
    """Take a lesson off the timetable."""
    slot = access.slot_for(request.acting, pk, slot_pk)
    services.slot_remove(actor=request.acting, slot=slot, at=timezone.now())
    messages.success(request, f"Занятие снято с расписания: {slot}.")
    return redirect("group_timetable", pk)


def group_url(group: StudyGroup) -> str:
    """Return the page of a group, which enrolment owns."""
    try:
        return reverse("group", args=[group.pk])
    except NoReverseMatch:
        return reverse("course", args=[group.course_id])


def _group_form(request: ActingRequest, initial: dict[str, object], today: date) -> GroupForm:
    return GroupForm(request.POST or None, initial=initial, teachers=teachers_for(request.acting, today))
