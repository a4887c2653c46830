"""What the page of any paper shows of it: `{% load papers %}{% paper_history agreement.document %}`."""

from __future__ import annotations

from typing import Any

from django import template

from network_portal.documents.models import Document
from network_portal.documents.selectors import history_of

register = template.Library()


@register.inclusion_tag("documents/_history.html")
def paper_history(document: Document | None) -> dict[str, Any]:
    """Show the versions of a paper with who, when and what changed, and how long it is kept; nothing for no paper.

    The page has passed the gate of the app that owns the paper: its content is shown to whoever may see the page.
    """
    return {"history": history_of(document) if document else None}
