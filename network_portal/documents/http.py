"""Answering with the file of a paper. There is no address of its own for it: the owning app gates its object first."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse

from network_portal.documents.models import Document, KeptFile
from network_portal.documents.services import document_pdf, file_content

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def document_response(document: Document, filename: str | None = None) -> HttpResponse:
    """Return the PDF of a registered paper, or the preview of a draft, for reading in the browser.

    Args:
        document: a paper whose owner's gate has let the person through.
        filename: another name of the file, without personal data; «T16-2026-000012.pdf» by default.
    """
    return pdf_response(document_pdf(document), filename or document.file_name)


def pdf_response(content: bytes, filename: str) -> HttpResponse:
    """Return a PDF that the portal made, for reading in the browser."""
    return _private(HttpResponse(content, content_type="application/pdf"), f'inline; filename="{filename}"')


def table_response(content: bytes, filename: str) -> HttpResponse:
    """Return a table that the portal made, for saving.

    Args:
        content: an XLSX file.
        filename: without personal data and in Latin letters.
    """
    return _private(HttpResponse(content, content_type=XLSX), f'attachment; filename="{filename}"')


def file_response(kept: KeptFile) -> HttpResponse:
    """Return a file that came from outside: never shown by the browser, only saved.

    Args:
        kept: a file whose owner's gate has let the person through.
    """
    response = HttpResponse(file_content(kept), content_type=kept.media_type)
    return _private(response, f"attachment; filename*=UTF-8''{quote(kept.name)}")


def _private(response: HttpResponse, disposition: str) -> HttpResponse:
    response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
