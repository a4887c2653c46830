"""Pages around the lessons: files of the homework, escorts, hours, messages of two schools, who looked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gradebook import access
from gradebook.forms.around import EscortForm, FileForm, MessageForm
from gradebook.selectors import escorts as escort_reads
from gradebook.selectors import hours as hour_reads
from gradebook.selectors import threads as thread_reads
from gradebook.services import escorts, homework, threads
from network_portal.common.forms import refusals_in
from network_portal.documents.handouts import KINDS
from network_portal.documents.http import file_response
from schools.access import require
from schools.acting import ActingRequest
from schools.agreements import JOURNAL_READERS
from schools.enums import Role
from schools.views import form_page, shown


@require_safe
def group_hours(request: ActingRequest, group_id: int) -> HttpResponse:
    """Plan and fact of hours, what will be missing, days to make it up."""
    group = access.journal_for(request.acting, group_id)
    context = {
        "hours": hour_reads.group_hours(request.acting, group, at=timezone.now()),
        "host": access.hosts(request.acting, group),
        "plans": access.plans(request.acting, group),
        "keeps_plan": access.hosts(request.acting, group),
    }
    return render(request, "gradebook/group_hours.html", context)


# --- homework -----------------------------------------------------------------------------------------------------


@require_POST
def homework_file_add(request: ActingRequest, pk: int) -> HttpResponse:
    lesson = access.lesson_for(request.acting, pk, to_change=True)
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        homework.homework_file_add(
            actor=request.acting, lesson=lesson, name=upload.name, content=upload.read(), at=timezone.now()
        )
        messages.success(request, "Файл приложен к домашнему заданию.")
    else:
        messages.error(request, f"Файл не приложен: выберите {KINDS} не больше 10\u00a0МБ.")
    return redirect("lesson", pk)


@require_POST
def homework_file_remove(request: ActingRequest, pk: int) -> HttpResponse:
    file = access.homework_file_for(request.acting, pk, to_change=True)
    homework.homework_file_remove(actor=request.acting, file=file, at=timezone.now())
    messages.success(request, "Файл убран.")
    return redirect("lesson", file.lesson_id)


@require_safe
def homework_file(request: ActingRequest, pk: int) -> HttpResponse:
    return file_response(access.homework_file_for(request.acting, pk).file)


# --- escorts ------------------------------------------------------------------------------------------------------


@form_page
def lesson_escort(request: ActingRequest, pk: int) -> HttpResponse:
    """Who goes to a lesson with whom, for print; the home school names who accompanies its pupils."""
    lesson = access.lesson_for(request.acting, pk, to_escort=request.method == "POST")
    sheet = escort_reads.escort_sheet(request.acting, lesson)
    form = EscortForm(request.POST or None, initial=sheet.own_facts)
    if form.is_valid():
        with refusals_in(form):
            escorts.escort_set(actor=request.acting, lesson=lesson, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Сопровождающий назван, принимающая школа его видит.")
            return redirect("lesson_escort", pk)
    names = access.escorts(request.acting, lesson)
    return shown(request, "gradebook/lesson_escort.html", {"sheet": sheet, "form": form if names else None})


# --- messages -----------------------------------------------------------------------------------------------------


@require_safe
def thread_list(request: ActingRequest) -> HttpResponse:
    require(request.acting, *JOURNAL_READERS, Role.NETWORK_TEACHER)
    return render(request, "gradebook/thread_list.html", {"rows": thread_reads.thread_rows(request.acting)})


@form_page
def thread(request: ActingRequest, group_id: int, home_id: int) -> HttpResponse:
    """What the two schools wrote about a group; a new message."""
    one = access.thread_for(request.acting, group_id, home_id)
    form = MessageForm(request.POST or None)
    if form.is_valid():
        with refusals_in(form):
            threads.message_send(actor=request.acting, thread=one, text=form.cleaned_data["text"], at=timezone.now())
            messages.success(request, "Сообщение отправлено.")
            return redirect("thread", group_id, home_id)
    found = thread_reads.messages_of(one)
    if found and request.method == "GET":
        threads.thread_read(actor=request.acting, thread=one, last=found[-1].pk)
    context = {
        "thread": one,
        "items": found,
        "form": form,
        "reads_journal": access.journals_for(request.acting).filter(pk=group_id).exists(),
    }
    return shown(request, "gradebook/thread.html", context)
