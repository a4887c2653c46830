"""What the technical administrator's pages share: rights by `is_staff` alone, and pages that only show."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


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


class ReferenceAdmin(StaffRights, admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """Reference data, kept here by hand."""


class ReferenceInline(StaffRights, admin.TabularInline):  # type: ignore[type-arg] # not generic at run time
    """Rows of reference data on the page of what they belong to."""

    extra = 0


class ReadOnlyAdmin(StaffRights, admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """Data that a service keeps: shown here, changed on the portal's own pages."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
