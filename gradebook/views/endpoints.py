"""Where the school's own system takes transfers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gradebook import access
from gradebook.forms.transfers import EndpointForm
from gradebook.services import endpoints
from network_portal.common.errors import RuleError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def push_endpoint(request: HttpRequest) -> HttpResponse:
    """Show and set where the school's own system takes transfers; a new key is shown once, in the answer itself."""
    endpoint = access.endpoint_for(request.acting)
    form = EndpointForm(request.POST or None, initial={"url": endpoint.url if endpoint else ""})
    if request.method == "POST" and form.is_valid():
        try:
            key = endpoints.endpoint_set(actor=request.acting, url=form.cleaned_data["url"], at=timezone.now())
        except RuleError as error:
            form.add_error(error.field, error.message)
        else:
            if key:
                return _endpoint_page(request, EndpointForm(initial={"url": form.cleaned_data["url"]}), key=key)
            messages.success(request, "Адрес сохранён. Ключ подписи прежний.")
            return redirect("push_endpoint")
    return _endpoint_page(request, form, status=422 if form.errors else 200)


def _endpoint_page(
    request: HttpRequest, form: EndpointForm, *, key: str | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "endpoint": access.endpoint_for(request.acting), "key": key}
    return render(request, "gradebook/push_endpoint.html", context, status=status)


@never_cache
@require_POST
def push_endpoint_rotate(request: HttpRequest) -> HttpResponse:
    endpoint = access.endpoint_for(request.acting)
    key = endpoints.endpoint_rotate(actor=request.acting, at=timezone.now())
    return _endpoint_page(request, EndpointForm(initial={"url": endpoint.url if endpoint else ""}), key=key)


@require_POST
def push_endpoint_remove(request: HttpRequest) -> HttpResponse:
    access.endpoint_for(request.acting)
    endpoints.endpoint_remove(actor=request.acting, at=timezone.now())
    messages.success(request, "Адрес удалён: ведомости остаются на портале.")
    return redirect("push_endpoint")
