"""Pages of absences: what the home school refines, what a family tells in advance."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gradebook import access
from gradebook.forms.around import AbsenceForm, RefineForm
from gradebook.selectors import absences as absence_reads
from gradebook.services import attendance
from network_portal.common.access import allow
from network_portal.common.forms import refusals_in
from schools.access import require
from schools.acting import ActingRequest
from schools.agreements import JOURNAL_READERS
from schools.enums import Role
from schools.views import form_page, shown


@require_safe
def absence_list(request: ActingRequest) -> HttpResponse:
    """The absences of own pupils, and what families told in advance."""
    require(request.acting, *JOURNAL_READERS, Role.CLASS_TEACHER)
    today = timezone.localdate()
    context = {
        "rows": absence_reads.absence_rows(request.acting, today),
        "notices": absence_reads.coming_notices(request.acting, today),
    }
    return render(request, "gradebook/absence_list.html", context)


@form_page
def absence_refine(request: ActingRequest, pk: int) -> HttpResponse:
    """Say why a pupil was away; what the family told in advance is proposed."""
    absence = access.absence_for(request.acting, pk)
    (row,) = absence_reads.absence_rows(request.acting, timezone.localdate(), only=pk)
    code, basis = row.proposal or ("", "")
    initial = {"code": code, "basis": basis, "seen": absence.code}
    form = RefineForm(request.POST or None, initial=initial)
    if form.is_valid():
        with refusals_in(form):
            attendance.absence_refine(actor=request.acting, absence=absence, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Причина отсутствия уточнена, учитель видит её в журнале.")
            return redirect("absence_list")
    return shown(request, "gradebook/absence_refine.html", {"form": form, "row": row})


@form_page
def absence_tell(request: ActingRequest) -> HttpResponse:
    """A parent tells in advance that a child will be away, and sees what was told."""
    require(request.acting, Role.PARENT)
    today = timezone.localdate()
    children = access.own_children_for(request.acting)
    form = AbsenceForm(
        request.POST or None,
        children=children,
        initial={"date_from": today, "date_to": today, "student": request.GET.get("student", "")},
    )
    if form.is_valid():
        with refusals_in(form):
            attendance.absence_tell(actor=request.acting, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Школа и учителя предупреждены.")
            return redirect("absence_tell")
    context = {
        "form": form,
        "studies": children.exists(),
        "notices": absence_reads.coming_notices(request.acting, today),
    }
    return shown(request, "gradebook/absence_tell.html", context)


@require_POST
def absence_withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    notice = access.notice_for(request.acting, pk)
    allow(notice.guardian_id == request.acting.user_id)
    attendance.absence_withdraw(actor=request.acting, notice=notice, at=timezone.now())
    messages.success(request, "Сообщение отозвано.")
    return redirect("absence_tell")
