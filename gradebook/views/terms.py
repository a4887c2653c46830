"""«Итоги»: final marks of a group."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from gradebook import access
from gradebook.forms.terms import TermForm
from gradebook.selectors.months import group_day
from gradebook.selectors.terms import TermPage, term_page
from gradebook.services.terms import TermRefusalError, term_marks_save
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import plural
from schools.acting import ActingRequest


@require_http_methods(["GET", "HEAD", "POST"])
def term_marks(request: ActingRequest, group_id: int) -> HttpResponse:
    """Show the final marks of a group; its teacher gives those of one term here."""
    group = access.journal_for(request.acting, group_id, to_change=request.method == "POST")
    now = timezone.now()
    today = group_day(group, now)
    page = term_page(request.acting, group, term=request.GET.get("term", ""), today=today)
    if not access.writes(request.acting, group) or (page.shown.first > today and request.method != "POST"):
        return _page(request, page, None)
    form = TermForm(request.POST or None, page=page, take="take" in request.GET)
    if request.method != "POST":
        return _page(request, page, form)
    if form.is_valid():
        try:
            changed = term_marks_save(
                actor=request.acting, group=group, term=page.shown.term, edits=form.edits(), at=now
            )
        except TermRefusalError as refusal:
            form.refuse(refusal)
        except StaleError as refusal:
            form.add_error(None, refusal.message)
            form.see_again(term_page(request.acting, group, term=page.shown.term, today=today))
        except RuleError as refusal:
            form.add_error(None, refusal.message)
        else:
            words = plural(changed, "отметка сохранена,отметки сохранены,отметок сохранено")
            messages.success(request, f"{changed} {words}." if changed else "Ничего не изменилось.")
            return redirect(f"{reverse('term_marks', args=[group.pk])}?term={page.shown.term.value}")
    return _page(request, page, form, status=422)


def _page(request: ActingRequest, page: TermPage, form: TermForm | None, *, status: int = 200) -> HttpResponse:
    url = reverse("term_marks", args=[page.group.pk])
    context = {
        "page": page,
        "form": form,
        "lines": [
            (row, page.others_given(row), row.mark(page.shown.term), form.fields_of(row) if form else {})
            for row in page.rows
        ],
        "others": [one for one in page.terms if one != page.shown],
        "least": page.policy.least_marks(page.group.course.programme.hours_week),
        "tabs": [
            {"label": one.label, "url": f"{url}?term={one.term.value}", "count": None, "active": one == page.shown}
            for one in page.terms
        ],
    }
    return render(request, "gradebook/term_marks.html", context, status=status)
