"""What guards whole tables in the database."""

from __future__ import annotations

import pgtrigger
from django.apps import apps

#: TRUNCATE passes the triggers of rows by. What lets those be passed (`session_replication_role`) lets this too.
NO_TRUNCATE = pgtrigger.Trigger(
    name="no_truncate",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func="RAISE EXCEPTION 'the rows of % are kept: it cannot be truncated', TG_TABLE_NAME;",
)


def close_to_truncate() -> None:
    """Give every table whose rows a trigger keeps from change a trigger that refuses to empty it at once.

    Called when all models are known and before pgtrigger reads their triggers, so `makemigrations` sees these too.
    """
    for model in apps.get_models():
        triggers = getattr(model._meta, "triggers", [])
        if any(_keeps(trigger) for trigger in triggers):
            closed = [*triggers, NO_TRUNCATE]
            model._meta.original_attrs["triggers"] = closed
            model._meta.triggers = closed  # type: ignore[attr-defined]  # added by pgtrigger


def _keeps(trigger: pgtrigger.Trigger) -> bool:
    """Tell whether a trigger stands before a change of rows to refuse it, and is no mere check of new values."""
    return trigger.when == pgtrigger.Before and (
        isinstance(trigger, pgtrigger.Protect) or "DELETE" in str(trigger.operation)
    )
