"""Turns an expected refusal that a view let rise into something a person can read, and keeps what was typed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from network_portal.common.errors import RuleError, StaleError

log = logging.getLogger(__name__)

#: What PostgreSQL says when others are faster: a deadlock, a lock not given in time, a serialization failure.
BUSY = frozenset({"40P01", "55P03", "40001"})
UNIQUE, CHECK = "23505", "23514"
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
#: Fields that hold nothing a person has written.
UNWRITTEN = re.compile("csrf|password|token|sha256|^seen", re.IGNORECASE)
SHORTEST_TEXT = 3


class RuleErrorMiddleware:
    """A refused action leads back to the page it came from with the reason; a stale one answers 409.

    Where the person has written something, the answer is a page that shows it, so that no word has to be typed again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        refusal = exception if isinstance(exception, RuleError) else told_by_database(exception)
        return refused(request, refusal) if refusal else None


def refused(request: HttpRequest, refusal: RuleError) -> HttpResponse:
    """Return the answer to a request that was refused: a page with the reason, or the way back with a message."""
    back = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = ""
    texts = written_texts(request)
    if isinstance(refusal, StaleError) or texts or not back or request.method != "POST":
        context = {
            "message": refusal.message,
            "back": back,
            "texts": texts,
            "status": refusal.status,
            "differences": getattr(refusal, "differences", ()),
        }
        return render(request, "409.html", context, status=refusal.status)
    messages.error(request, refusal.message)
    return HttpResponseRedirect(back)


def told_by_database(error: Exception) -> RuleError | None:
    """Return the refusal that an error of the database amounts to; None for one that is a defect of the portal.

    A trigger says in Russian what it refuses; a second click or another person may be faster than the services' checks.
    """
    if not isinstance(error, DatabaseError):
        return None
    told = getattr(error.__cause__, "diag", None)
    code = getattr(error.__cause__, "pgcode", None)
    if code == CHECK and told is not None and RUSSIAN.search(told.message_primary or ""):
        return RuleError(told.message_primary)
    if code not in BUSY and code != UNIQUE:
        return None
    log.warning("the database refused a request (%s)", code, exc_info=error)
    if code == UNIQUE:
        return StaleError("Такая запись уже есть: её только что внесли. Ничего не сохранено второй раз.")
    return StaleError("С этими данными сейчас работает другой человек. Ничего не сохранено: повторите через минуту.")


def written_texts(request: HttpRequest) -> list[str]:
    """Return what the person has written in the form that was sent: words, not choices, numbers or passwords."""
    if request.method != "POST":
        return []
    return [
        value
        for name, values in request.POST.lists()
        if not UNWRITTEN.search(name)
        for value in values
        if len(value.strip()) >= SHORTEST_TEXT and RUSSIAN.search(value)
    ]
