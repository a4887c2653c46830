"""What the technical administrator's pages share: rights by `is_staff` alone, and pages that only show."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

BY_HAND = "Падежи, написанные вручную"
BY_HAND_HELP = (
    "Портал склоняет сам, как показано серым. Впишите правильную форму, только если он ошибается: она попадёт во все "
    "новые документы. Подписанные документы не меняются."
)


class StaffRights:
    """Every technical administrator may see, add and change; nothing is deleted by hand (I-9)."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_administrator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @staticmethod
    def is_administrator(request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))


class TitledAdmin(StaffRights, admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """Headings with the model's name in the nominative: Django's own put any name where another case is needed."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        name = str(self.opts.verbose_name)
        title = capfirst(name) if object_id else f"Новая запись: {name}"
        return super().changeform_view(request, object_id, form_url, {"title": title, **(extra_context or {})})


class ReferenceAdmin(TitledAdmin):
    """Reference data, kept here by hand."""


class ReferenceInline(StaffRights, admin.TabularInline):  # type: ignore[type-arg] # not generic at run time
    """Rows of reference data on the page of what they belong to."""

    extra = 0


class ReadOnlyAdmin(TitledAdmin):
    """Data that a service keeps: shown here, changed on the portal's own pages."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
