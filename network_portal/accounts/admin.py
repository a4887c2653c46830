"""Accounts: created and renamed by the technical administrator; rights come from duties, not from here."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.http import HttpRequest

from network_portal.accounts.models import User
from network_portal.common.admin import ReferenceAdmin


@admin.register(User)
class UserAdmin(ReferenceAdmin):
    """A new person sets the password by «Забыли пароль?»; nobody else ever knows it."""

    fields = ["last_name", "first_name", "patronymic", "gender", "email", "phone", "is_active"]
    list_display = ["full_name", "email", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["sort_key", "email"]

    @admin.display(description="ФИО", ordering="sort_key")
    def full_name(self, user: User) -> str:
        return user.full_name

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.lower()
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()  # the new address is confirmed at the next sign-in
