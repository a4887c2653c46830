"""The portal's own `migrate`: an operator runs it at every new version, also where nothing has changed."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db.models import Field


@pytest.mark.django_db
def test_database_that_is_up_to_date_stays_as_it_is() -> None:
    clone, out = Field.clone, io.StringIO()
    call_command("migrate", stdout=out)
    assert "No migrations to apply." in out.getvalue()
    assert Field.clone is clone
