"""What the database keeps cannot be emptied at once either (I-6)."""

from __future__ import annotations

import pgtrigger
import pytest
from django.db import InternalError, connection, transaction


@pytest.mark.django_db
def test_tables_whose_rows_are_kept_cannot_be_truncated() -> None:
    """Every table with a trigger that keeps its rows has one against TRUNCATE, which passes those by."""
    guarded = {model._meta.db_table for model, trigger in pgtrigger.registered() if trigger.name == "no_truncate"}
    assert guarded >= {
        "audit_auditentry",
        "council_vote",
        "documents_registeredpdf",
        "enrollment_enrolment",
        "gradebook_intake",
        "gradebook_mark",
        "gradebook_markevent",
        "gradebook_monthlytransfer",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger\\_no\\_truncate\\_%'"
        )
        assert {table for (table,) in cursor.fetchall()} == guarded
        for table in ("audit_auditentry", "gradebook_monthlytransfer", "schools_organisation"):
            with pytest.raises(InternalError, match="cannot be truncated"), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")
