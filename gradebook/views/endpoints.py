"""How the school takes transfers beside the portal: push, e-mail, keys of programs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gradebook import access
from gradebook.forms.transfers import ApiKeyForm, EndpointForm, MailForm
from gradebook.selectors.intakes import keys_of
from gradebook.services import endpoints, intakes
from network_portal.common.forms import refusals_in


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def push_endpoint(request: HttpRequest) -> HttpResponse:
    """Show and set how the school takes transfers beside the portal; a new key is shown once, in the answer itself."""
    access.endpoint_for(request.acting)
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_in(form):
            key = endpoints.endpoint_set(
                actor=request.acting,
                url=data["url"],
                thin=data["thin"],
                key=data["key"],
                access_key=data["access_key"],
                at=timezone.now(),
            )
            if key:
                return _page(request, keys=[("Ключ подписи", key)])
            messages.success(request, "Адрес сохранён.")
            return redirect("push_endpoint")
    return _page(request, form=form if form.is_bound else None)


@require_POST
def transfer_mail(request: HttpRequest) -> HttpResponse:
    access.mail_for(request.acting)
    form = MailForm(request.POST)
    if not form.is_valid():
        return _page(request, mail_form=form)
    endpoints.mail_set(actor=request.acting, email=form.cleaned_data["email"], at=timezone.now())
    messages.success(
        request, "Почта сохранена." if form.cleaned_data["email"] else "Ведомости больше не придут письмом."
    )
    return redirect("push_endpoint")


@never_cache
@require_POST
def api_key_issue(request: HttpRequest) -> HttpResponse:
    access.endpoint_for(request.acting)
    form = ApiKeyForm(request.POST, partners=access.partners_for(request.acting))
    if not form.is_valid():
        return _page(request, key_form=form)
    data = form.cleaned_data
    issued = intakes.api_key_issue(
        actor=request.acting, title=data["title"], partner=data["partner"], at=timezone.now()
    )
    keys = [("Ключ доступа", issued.access), *([("Ключ подписи", issued.signing)] if issued.signing else [])]
    return _page(request, keys=keys)


@require_POST
def api_key_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    key = access.api_key_for(request.acting, pk)
    intakes.api_key_revoke(actor=request.acting, key=key, at=timezone.now())
    messages.success(request, "Ключ отозван.")
    return redirect("push_endpoint")


def _page(
    request: HttpRequest,
    *,
    form: EndpointForm | None = None,
    mail_form: MailForm | None = None,
    key_form: ApiKeyForm | None = None,
    keys: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    acting = request.acting
    endpoint, mail = access.endpoint_for(acting), access.mail_for(acting)
    initial = {"url": endpoint.url, "thin": endpoint.thin} if endpoint else {}
    context = {
        "form": form or EndpointForm(initial=initial),
        "mail_form": mail_form or MailForm(initial={"email": mail.email if mail else ""}),
        "key_form": key_form or ApiKeyForm(partners=access.partners_for(acting)),
        "endpoint": endpoint,
        "api_keys": keys_of(acting),
        "keys": keys,
        "receive_url": settings.PUBLIC_URL.rstrip("/") + reverse("api:transfer_receive"),
        "read_url": settings.PUBLIC_URL.rstrip("/") + reverse("api:transfers"),
    }
    wrong = any(one is not None and one.errors for one in (form, mail_form, key_form))
    return render(request, "gradebook/push_endpoint.html", context, status=422 if wrong else 200)


@never_cache
@require_POST
def push_endpoint_rotate(request: HttpRequest) -> HttpResponse:
    access.endpoint_for(request.acting)
    key = endpoints.endpoint_rotate(actor=request.acting, at=timezone.now())
    return _page(request, keys=[("Ключ подписи", key)])


@require_POST
def push_endpoint_remove(request: HttpRequest) -> HttpResponse:
    access.endpoint_for(request.acting)
    endpoints.endpoint_remove(actor=request.acting, at=timezone.now())
    messages.success(request, "Адрес удалён: ведомости остаются на портале.")
    return redirect("push_endpoint")
