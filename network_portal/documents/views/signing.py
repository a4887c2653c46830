"""Asking for a one-time code from the form of signing; which paper it is for, its hash says."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from network_portal.accounts.models import User
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents import services
from network_portal.documents.signing import SHA256, code_status


@require_http_methods(["GET", "HEAD", "POST"])
def signing_code(request: HttpRequest) -> HttpResponse:
    """Ask for a code (POST) or look how it stands (GET); with htmx only the words beside the button are answered.

    A hash nobody can guess stands for the page that showed the version: whoever has it has passed the owner's gate.
    """
    assert isinstance(request.user, User)
    data = request.POST if request.method == "POST" else request.GET
    sha256, refusal = data.get("version_sha256", ""), ""
    if not SHA256.fullmatch(sha256):
        raise StaleError("Код просят со страницы документа. Откройте документ заново и нажмите «Получить код».")
    in_page = request.headers.get("HX-Request") == "true"
    if request.method == "POST":
        try:
            services.signing_code_ask(
                user=request.user,
                version_sha256=sha256,
                at=timezone.now(),
                ip=request.META.get("REMOTE_ADDR", ""),
                user_agent=request.headers.get("User-Agent", ""),
            )
        except RuleError as error:
            if not in_page:
                raise
            refusal = error.message
    status = code_status(request.user, sha256, timezone.now())
    if request.method == "POST" and not in_page:
        back = data.get("next", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            back = "/"
        messages.success(request, f"Код отправляется на {status.masked}. Введите его вместе с паролем.")
        return redirect(back)
    context = {"status": status, "version_sha256": sha256, "refusal": refusal}
    return render(request, "ui/signing_code_answer.html", context)
