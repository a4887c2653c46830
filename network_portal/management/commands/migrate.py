"""Django's `migrate` in half the time: an empty database is ready sooner."""

from __future__ import annotations

import copy
from typing import Any

from django.core.management.commands import migrate
from django.db.models import Field


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Copy the fields of past models, which Django takes apart and makes anew at every step.

        The tables come out the same. Fields of the models of today are made anew all the same: a copy would belong to
        its model still.
        """
        made_anew = Field.clone

        def copied(field: Field[Any, Any]) -> Field[Any, Any]:
            return made_anew(field) if hasattr(field, "model") else copy.deepcopy(field)

        Field.clone = copied  # type: ignore[assignment, method-assign]  # for a while
        try:
            super().handle(*args, **options)
        finally:
            Field.clone = made_anew  # type: ignore[method-assign]  # as it was
