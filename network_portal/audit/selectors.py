"""Reading the trail of one object."""

from __future__ import annotations

from django.db.models import Model, QuerySet

from network_portal.audit.models import AuditEntry


def history_of(target: Model) -> QuerySet[AuditEntry]:
    """Return the acts upon `target`, the newest first. The caller has passed the target's own gate."""
    return AuditEntry.objects.filter(target_type=target._meta.label_lower, target_id=target.pk).select_related(
        "actor", "organisation"
    )
