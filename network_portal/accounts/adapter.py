"""How allauth makes an account here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from network_portal.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Leaves the only save of a new account to `SignupNameForm.signup`, which knows the whole name.

    Letters about an account bear the name of this portal.
    """

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        return super().save_user(request, user, form, commit=False)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {**context, "portal_name": settings.PORTAL_NAME})
