"""The trail of acts, to read."""

from __future__ import annotations

from django.contrib import admin

from network_portal.audit.models import AuditEntry
from network_portal.common.admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "organisation", "sentence", "target_type", "target_id"]
    list_filter = ["organisation"]
    list_select_related = ["actor", "organisation"]
    search_fields = ["verb", "sentence"]
    date_hierarchy = "at"
