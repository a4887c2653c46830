"""Pages of the journal, the diary and the transfers."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gradebook import access
from gradebook.enums import LessonState, WorkType
from gradebook.forms import CancelForm, CellForm, EndpointForm, LessonForm, SealForm
from gradebook.grid import grid
from gradebook.models import Lesson
from gradebook.selectors import journal as journals
from gradebook.selectors import transfers as transfer_reads
from gradebook.selectors.journal import Month
from gradebook.services import endpoints, lessons, transfers
from gradebook.services import journal as journal_writes
from network_portal.common.access import allow
from network_portal.common.dates import month_label
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import plural
from network_portal.documents.http import document_response
from schools.enums import Role
from schools.models import SCHOOL_STAFF

# --- journal ------------------------------------------------------------------------------------------------------


@require_safe
def journal_list(request: HttpRequest) -> HttpResponse:
    cards = journals.journal_list(request.acting, timezone.localdate())
    return render(request, "gradebook/journal_list.html", {"cards": cards})


@require_safe
def journal(request: HttpRequest, group_id: int) -> HttpResponse:
    """Show the grid of one month."""
    group = access.journal_for(request.acting, group_id)
    page = journals.journal_page(
        request.acting, group, month=Month.parse(request.GET.get("month", "")), at=timezone.now()
    )
    place = page.months.index(page.month)
    context = {
        "page": page,
        "grid": grid(page) if page.rows and page.lessons else "",
        "label": month_label(page.month.year, page.month.month),
        "months": [(month, month_label(month.year, month.month), month == page.month) for month in page.months],
        "earlier": page.months[place - 1] if place else None,
        "later": page.months[place + 1] if place + 1 < len(page.months) else None,
        "host": access.hosts(request.acting, group),
        "plans": access.plans(request.acting, group),
    }
    return render(request, "gradebook/journal.html", context)


@require_POST
def journal_cell(request: HttpRequest, group_id: int) -> JsonResponse:
    """Save one cell of the grid; refusals are answered as JSON with words for the person."""
    group = access.journal_for(request.acting, group_id, to_change=True)
    form = CellForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "Запрос не понят. Обновите страницу и повторите."}, status=400)
    lesson = access.lesson_for(request.acting, form.cleaned_data["lesson"], to_change=True)
    enrolment = access.enrolment_for(request.acting, group, form.cleaned_data["enrolment"])
    try:
        saved = journal_writes.cell_save(
            actor=request.acting,
            lesson=lesson,
            enrolment=enrolment,
            value=form.cleaned_data["value"],
            seen=form.cleaned_data["seen"],
            at=timezone.now(),
        )
    except journal_writes.CellConflictError as error:
        return JsonResponse({"error": error.message, "current": error.current}, status=error.status)
    except RuleError as error:
        return JsonResponse({"error": error.message}, status=error.status)
    return JsonResponse({"value": saved.text, "mean": saved.mean, "absences": saved.absences})


@require_POST
def journal_plan(request: HttpRequest, group_id: int) -> HttpResponse:
    """Lay out what the timetable has and the journal has not."""
    group = access.journal_for(request.acting, group_id)
    allow(access.plans(request.acting, group))
    added = lessons.lessons_plan(actor=request.acting, group=group, at=timezone.now())
    words = plural(added, "занятие добавлено,занятия добавлены,занятий добавлено")
    messages.success(
        request, f"{added} {words} в журнал." if added else "Все занятия по расписанию уже есть в журнале."
    )
    return redirect("journal", group.pk)


@require_safe
def lesson_today(request: HttpRequest) -> HttpResponse:
    day = journals.teacher_day(request.acting, timezone.localdate())
    return render(request, "gradebook/lesson_today.html", {"day": day})


@require_http_methods(["GET", "HEAD", "POST"])
def lesson(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a lesson; its teacher fills it here, also without a script and on a phone."""
    now = timezone.now()
    one = access.lesson_for(request.acting, pk, to_change=request.method == "POST")
    lines = journals.lesson_lines(request.acting, one)
    if not access.writes(request.acting, one.group) or (
        one.state == LessonState.CANCELLED and request.method != "POST"
    ):
        return _lesson_page(request, one, lines, None)
    may_mark = one.date <= journals.group_day(one.group, now)
    form = LessonForm(request.POST or None, lesson=one, lines=lines, may_mark=may_mark)
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
                work_type=WorkType(form.cleaned_data["work_type"]),
                cells=form.cells(),
                confirm=confirm,
                seen=form.cleaned_data["seen_plan"],
                at=now,
            )
        except StaleError as error:
            one = access.lesson_for(request.acting, pk)
            if one.state == LessonState.CANCELLED:
                raise
            form.add_error(None, error.message)
            form.see_again(one, journals.lesson_lines(request.acting, one))
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "Занятие сохранено, посещаемость отмечена." if confirm else "Занятие сохранено.")
            return redirect("lesson", one.pk)
    return _lesson_page(request, one, lines, form, status=422)


def _lesson_page(
    request: HttpRequest,
    one: Lesson,
    lines: list[journals.LessonLine],
    form: LessonForm | None,
    *,
    cancel_form: CancelForm | None = None,
    status: int = 200,
) -> HttpResponse:
    plans = access.plans(request.acting, one.group)
    context = {
        "lesson": one,
        "lines": lines,
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
    lines = journals.lesson_lines(request.acting, one)
    return _lesson_page(request, one, lines, None, cancel_form=form, status=422)


@require_POST
def lesson_restore(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.lesson_for(request.acting, pk, to_plan=True)
    lessons.lesson_restore(actor=request.acting, lesson=one, at=timezone.now())
    messages.success(request, "Занятие возвращено в план.")
    return redirect("lesson", one.pk)


@require_safe
def diary(request: HttpRequest) -> HttpResponse:
    courses = journals.diary(request.acting, timezone.localdate())
    return render(request, "gradebook/diary.html", {"courses": courses, "parent": request.acting.is_(Role.PARENT)})


# --- transfers ----------------------------------------------------------------------------------------------------


@require_safe
def transfer_list(request: HttpRequest) -> HttpResponse:
    """Show a month: what is to be sealed and sent, and what came from other schools."""
    now = timezone.now()
    current = Month.of(timezone.localdate(now))
    month = Month.parse(request.GET.get("month", "")) or current.shifted(-1)
    acting = request.acting
    rows = (
        transfer_reads.seal_rows(acting.organisation_id, [month], at=now)
        if acting.is_(*SCHOOL_STAFF) and acting.organisation_id
        else []
    )
    context = {
        "month": month,
        "label": month_label(month.year, month.month),
        "earlier": month.shifted(-1),
        "later": month.shifted(1) if month != current else None,
        "rows": rows,
        "ready": sum(row.ready for row in rows),
        "received": transfer_reads.received_rows(acting, month),
        "may_seal": access.may_seal(acting),
        "may_set_endpoint": acting.is_(*access.ENDPOINT_MANAGERS),
    }
    return render(request, "gradebook/transfer_list.html", context)


@require_safe
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.transfer_for(request.acting, pk)
    context = {
        "view": transfer_reads.transfer_view(request.acting, one),
        "transfer": one,
        "push": transfer_reads.push_of_transfer(one),
        "files": not request.acting.is_(Role.CLASS_TEACHER),
        "may_acknowledge": access.may_acknowledge(request.acting, one),
        "may_push": access.may_push(request.acting, one),
    }
    return render(request, "gradebook/transfer.html", context)


@require_safe
def transfer_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return document_response(access.transfer_for(request.acting, pk, whole=True).document)


@require_safe
def transfer_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the exact bytes that the hash on the paper is of."""
    one = access.transfer_for(request.acting, pk, whole=True)
    response = HttpResponse(one.payload.encode(), content_type="application/json")
    name = one.document.file_name.replace(".pdf", ".json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def transfer_seal(request: HttpRequest) -> HttpResponse:
    form = SealForm(request.POST)
    if not form.is_valid():
        raise Http404
    group_id, home_id, month = form.cleaned_data["row"]
    group = access.group_to_seal_for(request.acting, group_id)
    home = transfer_reads.home_of(group, home_id)
    if home is None:
        raise Http404
    sealed = transfers.transfer_seal(
        actor=request.acting, group=group, home=home, year=month.year, month=month.month, at=timezone.now()
    )
    messages.success(request, f"Ведомость №\u00a0{sealed.document.number} запечатана и отправляется: {home}.")
    return redirect(f"{reverse('transfer_list')}?month={month}")


@require_POST
def transfer_seal_all(request: HttpRequest) -> HttpResponse:
    """Seal all that is ready in a month."""
    allow(access.may_seal(request.acting))
    month = Month.parse(request.POST.get("month", ""))
    if month is None:
        raise Http404
    now = timezone.now()
    rows = [row for row in transfer_reads.seal_rows(request.acting.organisation_id, [month], at=now) if row.ready]
    sealed, refused = transfers.transfers_seal_all(actor=request.acting, rows=rows, at=now)
    if sealed:
        number = len(sealed)
        words = plural(number, "ведомость запечатана,ведомости запечатаны,ведомостей запечатано")
        messages.success(request, f"{number} {words}.")
    for reason in refused:
        messages.error(request, reason)
    return redirect(f"{reverse('transfer_list')}?month={month}")


@require_POST
def transfer_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.transfer_for(request.acting, pk, to_acknowledge=True)
    transfers.transfer_acknowledge(actor=request.acting, transfer=one, at=timezone.now())
    messages.success(request, "Получение ведомости подтверждено.")
    return redirect("transfer", one.pk)


@require_POST
def transfer_push_retry(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.transfer_for(request.acting, pk, to_push=True)
    transfers.transfer_push_retry(actor=request.acting, transfer=one, at=timezone.now())
    messages.success(request, "Отправка возобновлена.")
    return redirect("transfer", one.pk)


# --- the school's own system --------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def push_endpoint(request: HttpRequest) -> HttpResponse:
    """Show and set where the school's own system takes transfers; a new key is shown once, in the answer itself."""
    endpoint = access.endpoint_for(request.acting)
    form = EndpointForm(request.POST or None, initial={"url": endpoint.url if endpoint else ""})
    if request.method == "POST" and form.is_valid():
        try:
            key = endpoints.endpoint_set(actor=request.acting, url=form.cleaned_data["url"], at=timezone.now())
        except RuleError as error:
            form.add_error(error.field, error.message)
        else:
            if key:
                return _endpoint_page(request, EndpointForm(initial={"url": form.cleaned_data["url"]}), key=key)
            messages.success(request, "Адрес сохранён. Ключ подписи прежний.")
            return redirect("push_endpoint")
    return _endpoint_page(request, form, status=422 if form.errors else 200)


def _endpoint_page(
    request: HttpRequest, form: EndpointForm, *, key: str | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "endpoint": access.endpoint_for(request.acting), "key": key}
    return render(request, "gradebook/push_endpoint.html", context, status=status)


@never_cache
@require_POST
def push_endpoint_rotate(request: HttpRequest) -> HttpResponse:
    endpoint = access.endpoint_for(request.acting)
    key = endpoints.endpoint_rotate(actor=request.acting, at=timezone.now())
    return _endpoint_page(request, EndpointForm(initial={"url": endpoint.url if endpoint else ""}), key=key)


@require_POST
def push_endpoint_remove(request: HttpRequest) -> HttpResponse:
    access.endpoint_for(request.acting)
    endpoints.endpoint_remove(actor=request.acting, at=timezone.now())
    messages.success(request, "Адрес удалён: ведомости остаются на портале.")
    return redirect("push_endpoint")
