"""Turns an expected refusal that a view let rise into something a person can read."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from network_portal.common.errors import RuleError, StaleError


class RuleErrorMiddleware:
    """A refused action leads back to the page it came from with the reason; a stale one answers 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RuleError):
            return None
        back = request.META.get("HTTP_REFERER", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            back = ""
        if isinstance(exception, StaleError) or not back or request.method != "POST":
            context = {"message": exception.message, "back": back}
            return render(request, "409.html", context, status=exception.status)
        messages.error(request, exception.message)
        return HttpResponseRedirect(back)
