"""How allauth makes an account here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from network_portal.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Leaves the only save of a new account to `SignupNameForm.signup`, which knows the whole name."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        return super().save_user(request, user, form, commit=False)
