"""Pages of the journal: the list and the grid."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from courses.enums import Scale
from gradebook import access
from gradebook.enums import LONGEST_COMMENT
from gradebook.grid import grid
from gradebook.selectors import journal as journals
from gradebook.selectors import lessons as lesson_reads
from gradebook.selectors.periods import months_of, stretches_of
from gradebook.services import lessons, threads
from network_portal.common.access import allow
from network_portal.common.dates import month_name
from network_portal.common.russian import NBSP, plural


@require_safe
def journal_list(request: HttpRequest) -> HttpResponse:
    cards = lesson_reads.journal_list(request.acting, timezone.localdate())
    return render(request, "gradebook/journal_list.html", {"cards": cards})


@require_safe
def journal(request: HttpRequest, group_id: int) -> HttpResponse:
    """Show the grid of a month, a half-year or the whole course."""
    group = access.journal_for(request.acting, group_id)
    now = timezone.now()
    page = journals.journal_page(request.acting, group, key=request.GET.get("month", ""), at=now)
    if not page.writes:
        threads.journal_viewed(actor=request.acting, group=group, at=now)
    months = months_of(group)
    place = months.index(page.period) if page.period in months else None
    context = {
        "page": page,
        "grid": grid(page) if page.rows and page.columns else "",
        "months": months,
        "stretches": stretches_of(group),
        "earlier": months[place - 1] if place else None,
        "later": months[place + 1] if place is not None and place + 1 < len(months) else None,
        "seals": [
            f"{school}: {month_name(month)} закрыт ведомостью №{NBSP}{number}"
            for school, (_, month), number in page.seals
        ],
        "host": access.hosts(request.acting, group),
        "plans": access.plans(request.acting, group),
        "longest_comment": LONGEST_COMMENT,
        "pass_fail": page.policy.scale == Scale.PASS_FAIL,
    }
    return render(request, "gradebook/journal.html", context)


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
