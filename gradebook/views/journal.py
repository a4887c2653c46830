"""Pages of the journal: the list, the grid, its cells."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gradebook import access
from gradebook.forms.lessons import CellForm
from gradebook.grid import grid
from gradebook.selectors import journal as journals
from gradebook.selectors import lessons as lesson_reads
from gradebook.selectors.months import Month
from gradebook.services import journal as journal_writes
from gradebook.services import lessons, threads
from gradebook.services.cells import CellConflictError
from network_portal.common.access import allow
from network_portal.common.dates import month_label
from network_portal.common.errors import RuleError
from network_portal.common.russian import plural


@require_safe
def journal_list(request: HttpRequest) -> HttpResponse:
    cards = lesson_reads.journal_list(request.acting, timezone.localdate())
    return render(request, "gradebook/journal_list.html", {"cards": cards})


@require_safe
def journal(request: HttpRequest, group_id: int) -> HttpResponse:
    """Show the grid of one month."""
    group = access.journal_for(request.acting, group_id)
    page = journals.journal_page(
        request.acting, group, month=Month.parse(request.GET.get("month", "")), at=timezone.now()
    )
    threads.journal_viewed(actor=request.acting, group=group, at=timezone.now())
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
    try:
        saved = journal_writes.cell_save(
            actor=request.acting, group=group, at=timezone.now(), **form.cleaned_data
        )
    except CellConflictError as error:
        return JsonResponse({"error": error.message, "current": error.current}, status=error.status)
    except RuleError as error:
        return JsonResponse({"error": error.message, "field": error.field}, status=error.status)
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
