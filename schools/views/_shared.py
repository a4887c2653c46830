"""What the pages share."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from network_portal.common.errors import StaleError
from schools.acting import ActingRequest

PAGE = 25
FORM_ERROR = 422
form_page = require_http_methods(["GET", "HEAD", "POST"])


def shown(request: ActingRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer with a page of forms: 422 when one of them was refused, 409 when it was overtaken by someone else."""
    forms = [value for value in context.values() if hasattr(value, "is_bound")]
    refused = any(form.is_bound and form.errors for form in forms)
    overtaken = any(getattr(form, "conflict", False) for form in forms)
    status = StaleError.status if overtaken else FORM_ERROR if refused else 200
    return render(request, template, context, status=status)
