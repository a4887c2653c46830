"""Pages of monthly transfers."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gradebook import access
from gradebook.enums import AWAITED, TransferState
from gradebook.exports import archive
from gradebook.forms.transfers import SealForm
from gradebook.models import MonthlyTransfer
from gradebook.selectors import received
from gradebook.selectors import transfers as transfer_reads
from gradebook.selectors.months import Month
from gradebook.services import pushes, sealing, transfers
from network_portal.common.access import allow
from network_portal.common.dates import month_label
from network_portal.common.russian import plural
from network_portal.documents.http import document_response
from network_portal.documents.services import document_pdf
from schools.enums import Role
from schools.models import SCHOOL_STAFF


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
        "received": [(row, row.late(timezone.localdate(now))) for row in received.received_rows(acting, month)],
        "may_seal": access.may_seal(acting),
        "may_see_intakes": acting.is_(*SCHOOL_STAFF, Role.CURATOR),
        "may_set_endpoint": acting.is_(*access.ENDPOINT_MANAGERS),
    }
    return render(request, "gradebook/transfer_list.html", context)


@require_safe
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    return transfer_page(request, access.transfer_for(request.acting, pk))


def transfer_page(request: HttpRequest, one: MonthlyTransfer, *, status: int = 200, **forms: object) -> HttpResponse:
    """Show a transfer; `forms` are those that came back with errors."""
    acting = request.acting
    view = received.transfer_view(acting, one)
    is_last = view.last.pk == one.pk
    waits = one.state in AWAITED
    context = {
        "view": view,
        "transfer": one,
        "is_last": is_last,
        "late": received.is_late(one, timezone.localdate()),
        "push": received.push_of_transfer(one),
        "files": access.sees_whole(acting),
        "may_acknowledge": waits and access.may_acknowledge(acting, one),
        "may_dispute": (waits or one.state == TransferState.DISPUTED) and access.may_acknowledge(acting, one),
        "may_push": access.may_push(acting, one),
        "may_answer": access.may_correct(acting, one),
        "may_correct": view.opened and is_last and access.may_correct(acting, one),
        "may_request": is_last and access.writes(acting, one.group),
        **forms,
    }
    return render(request, "gradebook/transfer.html", context, status=status)


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


@require_safe
def transfer_zip(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the paper, the table, the sealed bytes and OneRoster in one archive."""
    one = access.transfer_for(request.acting, pk, whole=True)
    name = one.document.file_name.removesuffix(".pdf")
    content = archive(
        payload=one.payload, pdf=document_pdf(one.document), name=name, at=timezone.localtime(one.sealed_at)
    )
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
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
    sealed, refused = sealing.transfers_seal_all(actor=request.acting, rows=rows, at=now)
    if sealed:
        words = plural(sealed, "ведомость запечатана,ведомости запечатаны,ведомостей запечатано")
        messages.success(request, f"{sealed} {words}.")
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
    pushes.transfer_push_retry(actor=request.acting, transfer=one, at=timezone.now())
    messages.success(request, "Отправка возобновлена.")
    return redirect("transfer", one.pk)
