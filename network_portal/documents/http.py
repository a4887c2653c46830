"""Answering with the file of a paper. There is no address of its own for it: the owning app gates its object first."""

from __future__ import annotations

from django.http import HttpResponse

from network_portal.documents.models import Document
from network_portal.documents.services import document_pdf


def document_response(document: Document, filename: str | None = None) -> HttpResponse:
    """Return the PDF of a registered paper, or the preview of a draft, for reading in the browser.

    Args:
        document: a paper whose owner's gate has let the person through.
        filename: another name of the file, without personal data; «T16-2026-000012.pdf» by default.
    """
    response = HttpResponse(document_pdf(document), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{filename or document.file_name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
