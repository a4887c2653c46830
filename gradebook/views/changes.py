"""Pages that change a lesson: moving, replacing the teacher, holding at a distance; adding a lesson."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradebook import access
from gradebook.forms.changes import MoveForm, RemoteForm, SubstituteForm, WhenForm
from gradebook.models import Lesson
from gradebook.selectors.changes import lesson_places, proposed_place
from gradebook.selectors.lessons import place_of
from gradebook.services import changes
from network_portal.common.access import allow
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_conflict, add_refusal, refusals_in
from schools.access import teachers_for
from schools.acting import ActingRequest
from schools.views import form_page, shown


@form_page
def lesson_move(request: ActingRequest, pk: int) -> HttpResponse:
    """Show what may be changed of a lesson; move it."""
    lesson = access.lesson_for(request.acting, pk, to_plan=True)
    form = MoveForm(request.POST or None, initial=place_of(lesson))
    if form.is_valid():
        try:
            lesson = changes.lesson_move(
                actor=request.acting,
                lesson=lesson,
                when=form.when(),
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
            )
        except StaleError as refusal:
            lesson = access.lesson_for(request.acting, pk)
            add_conflict(form, refusal, place_of(lesson))
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Занятие перенесено. Семьи и школы обучающихся получили уведомления.")
            return redirect("lesson", lesson.pk)
    return _page(request, lesson, move=form)


@require_POST
def lesson_substitute(request: ActingRequest, pk: int) -> HttpResponse:
    lesson = access.lesson_for(request.acting, pk, to_substitute=True)
    form = _substitute_form(request, lesson, bound=True)
    if form.is_valid():
        teacher = form.cleaned_data["teacher"]
        with refusals_in(form):
            changes.lesson_substitute(actor=request.acting, lesson=lesson, teacher=teacher, at=timezone.now())
            messages.success(request, f"Занятие проведёт {teacher.user.short_name}." if teacher else "Замены нет.")
            return redirect("lesson", pk)
    return _page(request, lesson, substitute=form)


@require_POST
def lesson_remote(request: ActingRequest, pk: int) -> HttpResponse:
    lesson = access.lesson_for(request.acting, pk, to_plan=True)
    form = RemoteForm(request.POST, homes=access.homes_for(request.acting, lesson.group))
    if form.is_valid():
        with refusals_in(form):
            changes.lesson_hold_remotely(actor=request.acting, lesson=lesson, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Занятие пройдёт дистанционно. Семьи и школы получили уведомления.")
            return redirect("lesson", pk)
    return _page(request, lesson, remote=form)


@require_POST
def lesson_on_site(request: ActingRequest, pk: int) -> HttpResponse:
    remote = access.remote_for(request.acting, pk)
    changes.lesson_hold_on_site(actor=request.acting, remote=remote, at=timezone.now())
    messages.success(request, "Занятие пройдёт очно. Семьи и школы получили уведомления.")
    return redirect("lesson", remote.lesson_id)


@form_page
def lesson_add(request: ActingRequest, group_id: int) -> HttpResponse:
    """Add a lesson to a group; a day proposed elsewhere comes in the address."""
    group = access.journal_for(request.acting, group_id)
    allow(access.plans(request.acting, group))
    form = WhenForm(request.POST or None, initial=proposed_place(group, request.GET.get("day", "")))
    if form.is_valid():
        with refusals_in(form):
            lesson = changes.lesson_add(actor=request.acting, group=group, when=form.when(), at=timezone.now())
            messages.success(request, "Занятие добавлено. Семьи и школы обучающихся получили уведомления.")
            return redirect("lesson", lesson.pk)
    return shown(request, "gradebook/lesson_add.html", {"form": form, "group": group})


def _substitute_form(request: ActingRequest, lesson: Lesson, *, bound: bool) -> SubstituteForm:
    teachers = teachers_for(request.acting, timezone.localdate())
    if lesson.group.teacher is not None:
        teachers = teachers.exclude(user=lesson.group.teacher.user_id)
    return SubstituteForm(request.POST if bound else None, initial={"teacher": lesson.substitute_id}, teachers=teachers)


def _page(
    request: ActingRequest,
    lesson: Lesson,
    *,
    move: MoveForm | None = None,
    substitute: SubstituteForm | None = None,
    remote: forms.Form | None = None,
) -> HttpResponse:
    replaces = access.substitutes(request.acting, lesson.group)
    context = {
        "lesson": lesson,
        "places": lesson_places(lesson),
        "move": move or MoveForm(initial=place_of(lesson)),
        "substitute": (substitute or _substitute_form(request, lesson, bound=False)) if replaces else None,
        "remote": remote or RemoteForm(homes=access.homes_for(request.acting, lesson.group)),
    }
    return shown(request, "gradebook/lesson_change.html", context)
