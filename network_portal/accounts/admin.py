"""Accounts: created and renamed by the technical administrator; rights come from duties, not from here."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.http import HttpRequest

from network_portal.accounts.models import User
from network_portal.common.admin import BY_HAND, BY_HAND_HELP, ReferenceAdmin
from network_portal.common.russian import Case, fold


@admin.register(User)
class UserAdmin(ReferenceAdmin):
    """A new person sets the password by «Забыли пароль?»; nobody else ever knows it."""

    fieldsets = (
        (None, {"fields": ["last_name", "first_name", "patronymic", "gender", "email", "phone", "is_active"]}),
        (BY_HAND, {"classes": ["collapse"], "description": BY_HAND_HELP, "fields": User.CASE_FIELDS}),
    )
    list_display = ["full_name", "email", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["sort_key", "email"]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj:
            for case in (Case.GENITIVE, Case.DATIVE, Case.ACCUSATIVE):
                form.base_fields[f"name_{case.name.lower()}"].widget.attrs["placeholder"] = obj.in_case(case)
        return form

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return super().get_search_results(request, queryset, fold(search_term))

    @admin.display(description="ФИО", ordering="sort_key")
    def full_name(self, user: User) -> str:
        return user.full_name

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.lower()
        if change and obj.forget_cases(form.changed_data):
            messages.warning(request, "ФИО изменилось, поэтому прежние падежи, написанные вручную, убраны.")
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()  # the new address is confirmed at the next sign-in
