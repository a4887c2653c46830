"""What the pages of enrolment share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from network_portal.common.errors import StaleError

PAGE = 25
form_page = require_http_methods(["GET", "HEAD", "POST"])


def shown(
    request: HttpRequest, template: str, context: dict[str, Any], *, refusal: Exception | None = None
) -> HttpResponse:
    """Answer with a page: 422 when one of its forms was refused, 409 when what the person saw is no longer so."""
    bound = [value for value in context.values() if getattr(value, "is_bound", False) and hasattr(value, "errors")]
    status = 422 if refusal or any(form.errors for form in bound if hasattr(form, "add_error")) else 200
    return render(request, template, context, status=409 if isinstance(refusal, StaleError) else status)
