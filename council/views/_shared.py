"""What the council's pages share: input that a page itself offers, the way back, acts that a screen may send twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from council.forms import ActForm
from council.models import Meeting
from council.services import AlreadyDoneError
from network_portal.common.errors import RuleError
from schools.acting import ActingRequest

View = Callable[..., HttpResponse]


def quiet(request: ActingRequest) -> bool:
    """Tell whether a script asks, which shows the answer itself."""
    return request.headers.get("Accept") == "application/json"


def sent_once(view: View) -> View:
    """Let a screen that has not heard the answer send an act again, and answer a script in JSON."""

    @wraps(view)
    def answering(request: ActingRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, pk, *args, **kwargs)
        except AlreadyDoneError:
            response = redirect("meeting", pk=pk)
        except RuleError as refusal:
            if not quiet(request):
                raise
            return JsonResponse({"error": refusal.message}, status=refusal.status)
        return JsonResponse({"done": True}) if quiet(request) and response.status_code < 400 else response

    return answering


def act_of(request: ActingRequest) -> dict[str, Any]:
    """Return the key and the age that the screen sent with an act."""
    return ActForm(request.POST).sent


def key_of(request: ActingRequest) -> dict[str, Any]:
    """Return the key alone, for acts that are of the moment in which they arrive."""
    return {"key": act_of(request)["key"]}


def form_page(request: ActingRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.is_bound else 200)


def valid(form: Form) -> Form:
    """Return a form whose input the page itself offers; whoever sends something else is told so."""
    if not form.is_valid():
        words = next((error for errors in form.errors.values() for error in errors), "")
        raise RuleError(f"Данные не приняты: {words} Обновите страницу и повторите.")
    return form


def back(found: Meeting, request: ActingRequest | None = None) -> HttpResponse:
    """Return to the page of a meeting, at the item that was shown."""
    item = number(request.POST.get("item")) if request else None
    address = reverse("meeting", args=[found.pk])
    return redirect(f"{address}?item={item}" if item else address)


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
