"""Django's `migrate` in half the time: an empty database is ready sooner. The tables come out the same."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.state import ProjectState
from django.db.models import Field
from pgtrigger.migrations import AddTrigger, RemoveTrigger

made_anew = Field.clone


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Spare past models what they do not need, for a while."""
        with (
            _instead(Field, "clone", _copied),
            _instead(AddTrigger, "state_forwards", _added),
            _instead(RemoveTrigger, "state_forwards", _removed),
        ):
            super().handle(*args, **options)


@contextmanager
def _instead(owner: type, name: str, new: Any) -> Iterator[None]:
    usual = getattr(owner, name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, usual)


def _copied(field: Field[Any, Any]) -> Field[Any, Any]:
    """Copy a field of a past model, which Django takes apart and makes anew at every step.

    Fields of the models of today are made anew all the same: a copy would belong to its model still.
    """
    return made_anew(field) if hasattr(field, "model") else copy.deepcopy(field)


def _added(operation: AddTrigger, app_label: str, state: ProjectState) -> None:
    """Note a trigger without making its model and those around it anew: it brings its statements with it."""
    options = state.models[app_label, operation.model_name].options
    options["triggers"] = [*options.get("triggers", []), operation.trigger]


def _removed(operation: RemoveTrigger, app_label: str, state: ProjectState) -> None:
    options = state.models[app_label, operation.model_name].options
    options["triggers"] = [trigger for trigger in options["triggers"] if trigger.name != operation.name]
