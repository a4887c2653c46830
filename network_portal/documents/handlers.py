"""What is done for papers after the commit: files that were not made at registration."""

from __future__ import annotations

from network_portal.documents.selectors import document_of_event
from network_portal.documents.services import document_pdf_keep
from network_portal.outbox.handlers import handler
from network_portal.outbox.models import OutboxEvent


@handler("documents.pdf")
def make_pdf(event: OutboxEvent) -> None:
    """Render the file of a registered paper, unless someone has asked for it already."""
    document_pdf_keep(document=document_of_event(event.payload))
