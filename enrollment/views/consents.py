"""One consent: the full copy, and its withdrawal with the consequences in words."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from enrollment import access, services
from enrollment.documents import consent_full_pdf
from enrollment.selectors.consents import consequences_of
from enrollment.views._shared import form_page, shown
from network_portal.documents.http import document_response
from schools.acting import ActingRequest
from schools.enums import Role


@form_page
def consent_withdraw(request: ActingRequest, pk: int) -> HttpResponse:
    """Say what follows, then withdraw: it takes effect at once."""
    consent = access.consent_for(request.acting, pk, to_change=True)
    if request.method == "POST":
        services.consent_withdraw(actor=request.acting, consent=consent, at=timezone.now())
        messages.success(request, "Согласие отозвано, школа уведомлена.")
        return (
            redirect("application", consent.application_id) if consent.application_id else redirect("application_list")
        )
    context = {"consent": consent, "consequences": consequences_of(consent)}
    return shown(request, "enrollment/consent_withdraw.html", context)


@require_safe
def consent_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The consent with addresses and identity documents, for parents and the home school; each reading is noted.

    The pupil reads the registered copy: the documents of a parent are nobody else's (L-3).
    """
    consent = access.consent_for(request.acting, pk)
    if consent.document is None:
        raise Http404
    details = services.consent_read(actor=request.acting, consent=consent, at=timezone.now())
    if details is None or request.acting.is_(Role.PUPIL):
        return document_response(consent.document)
    response = HttpResponse(consent_full_pdf(consent.document, details), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{consent.document.file_name}"'
    response["Cache-Control"] = "no-store"
    return response
