"""What the form of signing shows: `{% load signing %}{% signing_status form as signing %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template import RequestContext
from django.utils import timezone

from network_portal.accounts.models import User
from network_portal.documents.forms import SignForm
from network_portal.documents.signing import CodeStatus, code_status

register = template.Library()


@register.simple_tag(takes_context=True)
def signing_status(context: RequestContext, form: SignForm) -> CodeStatus:
    """Tell whether the person may sign electronically, and how the code for this version stands."""
    user = context.request.user
    assert isinstance(user, User)
    return code_status(user, str(form["version_sha256"].value() or ""), timezone.now())


@register.inclusion_tag("ui/signing_code.html", takes_context=True)
def signing_code(context: RequestContext, status: CodeStatus, version_sha256: str, refusal: str = "") -> dict[str, Any]:
    """Show when and where the last code was sent, until when it may be used, or why none is sent."""
    return {"status": status, "version_sha256": version_sha256, "refusal": refusal, "demo": settings.DEMO}


@register.simple_tag(takes_context=True)
def page_address(context: RequestContext, page: str = "") -> str:
    """Return the address to come back to: `page`, or that of the page itself."""
    return page or str(context.request.get_full_path())
