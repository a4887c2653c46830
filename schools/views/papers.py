"""What all papers that people sign share: how each signature is proved, signatures made elsewhere, reminders.

Who may see a paper, and do what, is asked of the app that owns it, at its desk.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.access import allow
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents import rendering
from network_portal.documents.desks import Desk, desk_of
from network_portal.documents.forms import SignedElsewhereForm
from network_portal.documents.http import file_response, pdf_response
from network_portal.documents.models import Document
from network_portal.documents.selectors import SlotState, current_version, next_slot
from network_portal.documents.services import signature_remind
from network_portal.documents.signing import (
    REMINDER_PAUSE,
    document_by_id,
    file_of,
    files_of,
    last_reminder,
    proofs_of,
    reminder_of_token,
)
from network_portal.notices.services import notify
from schools.acting import SESSION_KEY, ActingRequest
from schools.enums import Role
from schools.models import SCHOOL_STAFF
from schools.views._shared import form_page, shown

#: Who reminds the other side, or the own director.
REMINDERS = (*SCHOOL_STAFF, Role.COUNCIL_SECRETARY)


@require_safe
def paper_signatures(request: ActingRequest, pk: int) -> HttpResponse:
    """«Сведения о подписи»: what proves each signature, for a dispute."""
    document, desk, thing = _paper(request, pk)
    return render(request, "schools/paper_signatures.html", _proofs(request, document, desk, thing))


@require_safe
def paper_signatures_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The same as a printout; it is no paper of a register."""
    document, desk, thing = _paper(request, pk)
    page = render_to_string("documents/signatures_sheet.html", _proofs(request, document, desk, thing))
    return pdf_response(rendering.render(page).content, f"signatures-{document.kind}-{document.pk}.pdf")


@require_safe
def paper_file(request: ActingRequest, pk: int, file_pk: int) -> HttpResponse:
    """A scan, a file of a qualified signature, or what it was put under."""
    document, _, _ = _paper(request, pk)
    kept = file_of(document, file_pk)
    if kept is None:
        raise Http404
    return file_response(kept)


@form_page
def paper_sign_elsewhere(request: ActingRequest, pk: int) -> HttpResponse:
    """Register a signature made on paper, or by a qualified certificate in another program."""
    document, desk, thing = _paper(request, pk)
    waiting = _waiting(document)
    allow(_registers(request, desk, thing, waiting))
    version = current_version(document)
    today = timezone.localdate()
    form = SignedElsewhereForm(
        request.POST or None,
        request.FILES or None,
        entitled=lambda on: desk.signatories(thing, waiting.key, on),
        today=today,
        sum16=version.sha256[:16],
        named=desk.named(thing, waiting.key, today),
        initial={"version_sha256": version.sha256, "signed_on": today},
    )
    if form.is_valid():
        with refusals_in(form):
            desk.sign(
                actor=request.acting,
                thing=thing,
                **form.signed,
                at=timezone.now(),
                ip=request.META.get("REMOTE_ADDR", ""),
            )
            messages.success(request, "Подпись зарегистрирована.")
            return redirect(desk.page(thing))
    context = {"document": document, "version": version, "form": form, "slot": waiting, "back": desk.page(thing)}
    return shown(request, "schools/paper_sign_elsewhere.html", context)


@require_POST
def paper_remind(request: ActingRequest, pk: int) -> HttpResponse:
    """Remind whose signature the paper waits for."""
    document, desk, thing = _paper(request, pk)
    allow(request.acting.is_(*REMINDERS))
    waiting = _waiting(document)
    now = timezone.now()
    url = desk.sign_page(thing)
    reminders = signature_remind(
        actor=request.acting.user,
        document=document,
        people=desk.signatories(thing, waiting.key, timezone.localdate()),
        url=url,
        at=now,
    )
    notify(
        [reminder.user for reminder in reminders], f"Напоминание: ждёт вашей подписи «{document.title}»", url, at=now
    )
    names = ", ".join(reminder.user.short_name for reminder in reminders)
    messages.success(request, f"Напоминание отправлено: {names}.")
    return redirect("paper_signatures", pk)


@require_safe
def signing_link(request: ActingRequest, token: str) -> HttpResponse:
    """Lead from a letter straight to the paper, acting for the duty by which the person signs it."""
    reminder = reminder_of_token(token)
    if reminder is None:
        raise Http404
    if reminder.user_id != request.user.pk:
        raise RuleError("Эта ссылка для другого человека. Войдите под учётной записью, на которую пришло письмо.")
    document = reminder.version.document
    desk = desk_of(document)
    for choice in request.acting_choices:
        try:
            thing = desk.see(choice, document)
        except (Http404, PermissionDenied):
            continue
        if desk.signs(choice, thing, reminder.slot):
            request.session[SESSION_KEY] = choice.key
            break
    return redirect(reminder.url)


def _paper(request: ActingRequest, pk: int) -> tuple[Document, Desk, Any]:
    document = document_by_id(pk)
    desk = desk_of(document)
    assert document is not None
    thing = desk.see(request.acting, document)
    return document, desk, thing


def _waiting(document: Document) -> SlotState:
    waiting = None if document.is_registered else next_slot(document)
    if waiting is None:
        raise StaleError("Подписи под документом сейчас никто не ждёт: он подписан или возвращён.")
    return waiting


def _registers(request: ActingRequest, desk: Desk, thing: Any, waiting: SlotState) -> bool:
    return desk.clerks(request.acting, thing, waiting.key) or desk.signs(request.acting, thing, waiting.key)


def _proofs(request: ActingRequest, document: Document, desk: Desk, thing: Any) -> dict[str, Any]:
    proofs = proofs_of(document)
    waiting = None if document.is_registered else next_slot(document)
    files = files_of(signature for proof in proofs for signature in proof.signatures)
    people = desk.signatories(thing, waiting.key, timezone.localdate()) if waiting else []
    last = last_reminder(proofs[0].version, waiting.key) if waiting and proofs else None
    now = timezone.now()
    return {
        "document": document,
        "proofs": [
            (proof, [(one, files.get(one.file_id or 0), files.get(one.original_id or 0)) for one in proof.signatures])
            for proof in proofs
        ],
        "waiting": waiting,
        "people": people,
        "may_register": waiting is not None and _registers(request, desk, thing, waiting),
        "may_remind": bool(people)
        and request.acting.is_(*REMINDERS)
        and any(user.pk != request.acting.user_id for user in people),
        "reminded": last,
        "next_reminder": last.at + REMINDER_PAUSE if last and last.at + REMINDER_PAUSE > now else None,
        "back": desk.page(thing),
        "now": now,
    }
