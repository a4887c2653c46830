"""The queue of events: what was parked can be taken up again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from network_portal.common.admin import ReadOnlyAdmin
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import retry


class ParkedFilter(admin.SimpleListFilter):
    title = "состояние"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("parked", "отложены"), ("open", "ждут"), ("done", "выполнены")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> QuerySet[OutboxEvent]:
        conditions: dict[str, dict[str, Any]] = {
            "parked": {"dead_at__isnull": False},
            "open": {"dead_at": None, "done_at": None},
            "done": {"done_at__isnull": False},
        }
        return queryset.filter(**conditions.get(self.value() or "", {}))


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    list_display = ["key", "topic", "attempts", "available_at", "done_at", "dead_at", "last_error"]
    list_filter = [ParkedFilter, "topic"]
    search_fields = ["key"]
    actions = ["retry_parked"]

    @admin.action(description="Повторить отложенные", permissions=["view"])
    def retry_parked(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        """Take the chosen parked events up again; others are left alone."""
        parked = list(queryset.filter(dead_at__isnull=False).values_list("key", flat=True))
        with transaction.atomic():
            for key in parked:
                retry(key=key, at=timezone.now())
        self.message_user(request, f"Возвращено в очередь: {len(parked)}.", messages.SUCCESS)
