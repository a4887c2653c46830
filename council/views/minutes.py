"""After a meeting: the draft for the members, remarks, dissent, signatures, the file."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from council import access, services
from council.enums import MeetingState
from council.forms import DissentForm, RemarkAnswerForm, RemarkForm, ReturnForm
from council.views._shared import back, valid
from council.views.hall import show
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response, pdf_response
from schools.acting import ActingRequest


@require_POST
def minutes_circulate(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.minutes_circulate(actor=request.acting, meeting=found, at=timezone.now())
    messages.success(request, "Проект протокола показан членам совета, они получили уведомление.")
    return back(found)


@require_POST
def remark_add(request: ActingRequest, pk: int) -> HttpResponse:
    """Say what is wrong in the draft, or that it is right."""
    found = access.meeting_for(request.acting, pk)
    access.member_for(request.acting, found.council)
    form = valid(RemarkForm(request.POST))
    services.remark_add(actor=request.acting, meeting=found, at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Записано." if form.cleaned_data["text"] else "Записано: замечаний нет.")
    return back(found)


@require_POST
def remark_answer(request: ActingRequest, pk: int, remark_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = valid(RemarkAnswerForm(request.POST))
    remark = access.remark_of(found, remark_pk)
    services.remark_answer(actor=request.acting, remark=remark, at=timezone.now(), **form.cleaned_data)
    return back(found)


@require_POST
def dissent(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    """State a dissenting opinion."""
    found = access.meeting_for(request.acting, pk)
    access.member_for(request.acting, found.council)
    item = access.item_of(found, item_pk)
    form = valid(DissentForm(request.POST))
    services.dissent_state(actor=request.acting, item=item, at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Особое мнение войдёт в протокол.")
    return redirect(f"{reverse('meeting', args=[found.pk])}?item={item.pk}")


@require_POST
def minutes_submit(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.minutes_submit(actor=request.acting, meeting=found, at=timezone.now())
    messages.success(request, "Протокол передан на подпись председательствующему, затем подпишете вы.")
    return back(found)


@require_POST
def minutes_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Sign in the person's own place; a wrong password shows the page again."""
    found = access.meeting_for(request.acting, pk, to_sign=True)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            signed = services.minutes_sign(
                actor=request.acting,
                meeting=found,
                slot=access.slot_of(request.acting, found) or "",
                at=timezone.now(),
                **form.signed_in(request),
            )
            closed = signed.state == MeetingState.CLOSED
            messages.success(request, "Протокол подписан и зарегистрирован." if closed else "Вы подписали протокол.")
            return back(found)
    return show(request, found, sign_form=form, status=422)


@require_POST
def minutes_return(request: ActingRequest, pk: int) -> HttpResponse:
    """Return the minutes to the secretary with a reason."""
    found = access.meeting_for(request.acting, pk, to_sign=True)
    form = ReturnForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.minutes_return(
                actor=request.acting,
                meeting=found,
                slot=access.slot_of(request.acting, found) or "",
                at=timezone.now(),
                **form.cleaned_data,
            )
            messages.success(request, "Протокол возвращён на доработку.")
            return back(found)
    return show(request, found, return_form=form, status=422)


@require_safe
def minutes_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """Give the minutes, or their draft: to a member as a copy with the name on it, which is on record (S1-5.8).

    Who keeps the record or signs it sees the paper itself.
    """
    found, document = access.minutes_for(request.acting, pk)
    if access.keeps_record(request.acting) or access.slot_of(request.acting, found):
        return document_response(document)
    copy = services.minutes_copy(actor=request.acting, meeting=found, at=timezone.now())
    return pdf_response(copy, f"copy-{document.file_name}")
