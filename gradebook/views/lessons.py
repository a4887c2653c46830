"""Pages of lessons: the teacher's day, one lesson, cancelling."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.enums import StudyForm
from courses.policies import policy_of
from courses.thematic import plan_of as topics_of
from gradebook import access
from gradebook.enums import LessonState
from gradebook.forms.around import FileForm
from gradebook.forms.lessons import CancelForm, LessonForm
from gradebook.models import Lesson
from gradebook.selectors import lessons as lesson_reads
from gradebook.selectors.assessments import assessment_warnings
from gradebook.selectors.changes import lesson_places
from gradebook.selectors.entries import works_of
from gradebook.selectors.hours import next_topic
from gradebook.selectors.months import Month, group_day
from gradebook.services import journal as journal_writes
from gradebook.services import lessons, threads
from network_portal.common.errors import RuleError, StaleError


@require_safe
def lesson_today(request: HttpRequest) -> HttpResponse:
    day = lesson_reads.teacher_day(request.acting, timezone.localdate())
    return render(request, "gradebook/lesson_today.html", {"day": day})


@require_http_methods(["GET", "HEAD", "POST"])
def lesson(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a lesson; its teacher fills it here, also without a script and on a phone."""
    now = timezone.now()
    one = access.lesson_for(request.acting, pk, to_change=request.method == "POST")
    lines = lesson_reads.lesson_lines(request.acting, one)
    threads.journal_viewed(actor=request.acting, group=one.group, at=now)
    if not access.fills(request.acting, one) or (one.state == LessonState.CANCELLED and request.method != "POST"):
        return _lesson_page(request, one, lines, None)
    may_mark = one.date <= group_day(one.group, now)
    works = works_of([one.pk])[one.pk]
    topics = topics_of(one.group.course.programme)
    form = LessonForm(
        request.POST or None,
        lesson=one,
        works=works,
        count=_count(request),
        policy=policy_of(one.group.course.programme),
        lines=lines,
        may_mark=may_mark,
        topics=topics,
        next_topic=next_topic(one, topics) if topics and one.plan_row_id is None else None,
    )
    if request.method != "POST":
        return _lesson_page(request, one, lines, form)
    if form.is_valid():
        confirm = "confirm" in request.POST
        try:
            journal_writes.lesson_fill(
                actor=request.acting,
                lesson=one,
                topic=form.cleaned_data["topic"],
                homework=form.cleaned_data["homework"],
                works=form.works(),
                cells=form.cells(),
                confirm=confirm,
                reason=form.cleaned_data["reason"],
                planned_topic=form.planned_topic(),
                seen=form.cleaned_data["seen_plan"],
                at=now,
            )
        except StaleError as error:
            one = access.lesson_for(request.acting, pk)
            if one.state == LessonState.CANCELLED:
                raise
            form.add_error(None, error.message)
            form.see_again(one, works_of([one.pk])[one.pk], lesson_reads.lesson_lines(request.acting, one))
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "Занятие сохранено, посещаемость отмечена." if confirm else "Занятие сохранено.")
            return redirect("lesson", one.pk)
    return _lesson_page(request, one, lines, form, status=422)


def _count(request: HttpRequest) -> int:
    """Return how many works the page is to have: one more was asked for."""
    asked = request.POST.get("works") or request.GET.get("works") or ""
    return int(asked) if asked.isdecimal() and len(asked) == 1 else 0


def _lesson_page(
    request: HttpRequest,
    one: Lesson,
    lines: list[lesson_reads.LessonLine],
    form: LessonForm | None,
    *,
    cancel_form: CancelForm | None = None,
    status: int = 200,
) -> HttpResponse:
    plans = access.plans(request.acting, one.group)
    hosts = access.hosts(request.acting, one.group)
    context = {
        "places": lesson_places(one, home=None if hosts else request.acting.organisation_id),
        "may_change": plans and one.state != LessonState.CANCELLED,
        "reads_journal": access.reads(request.acting, one.group),
        "files": lesson_reads.files_of([one.pk]).get(one.pk, []),
        "file_form": FileForm() if access.fills(request.acting, one) and one.state != LessonState.CANCELLED else None,
        "trip": one.group.course.form == StudyForm.ONSITE and one.state == LessonState.PLANNED,
        "lesson": one,
        "lines": lines,
        "warnings": assessment_warnings(one, works_of([one.pk])[one.pk]) if form else [],
        "works": works_of([one.pk])[one.pk] if form is None else [],
        "form": form,
        "cancel_form": (cancel_form or CancelForm()) if plans and one.state != LessonState.CANCELLED else None,
        "may_restore": plans and one.state == LessonState.CANCELLED,
        "may_mark": form.may_mark if form else False,
        "month": Month.of(one.date),
        "empty": not any(line.cell.text for line in lines),
    }
    return render(request, "gradebook/lesson.html", context, status=status)


@require_POST
def lesson_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.lesson_for(request.acting, pk, to_plan=True)
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            lessons.lesson_cancel(
                actor=request.acting, lesson=one, reason=form.cleaned_data["reason"], at=timezone.now()
            )
        except StaleError:
            raise
        except RuleError as error:
            form.add_error("reason", error.message)
        else:
            messages.success(request, "Занятие отменено.")
            return redirect("lesson", one.pk)
    lines = lesson_reads.lesson_lines(request.acting, one)
    return _lesson_page(request, one, lines, None, cancel_form=form, status=422)


@require_POST
def lesson_restore(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.lesson_for(request.acting, pk, to_plan=True)
    lessons.lesson_restore(actor=request.acting, lesson=one, at=timezone.now())
    messages.success(request, "Занятие возвращено в план.")
    return redirect("lesson", one.pk)
