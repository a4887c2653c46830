"""Every model with states: each state has a row in the table, each step leads to a state, nothing else is in it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import Model

from network_portal.common.errors import StaleError
from network_portal.common.states import can_move, move

STATEFUL = sorted(
    (model for model in apps.get_models() if hasattr(model, "TRANSITIONS")), key=lambda model: model._meta.label
)


def states_of(model: type[Model]) -> set[str]:
    return {value for value, _ in model._meta.get_field("state").choices}


def test_there_are_models_with_states() -> None:
    assert len(STATEFUL) >= 10


def test_a_state_field_has_a_table() -> None:
    own = ("schools", "courses", "enrollment", "gradebook", "council", "documents")
    without = [
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in own and model not in STATEFUL
        if any(field.name == "state" for field in model._meta.fields) and not model._meta.label.endswith("Event")
    ]
    assert without == []


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model._meta.label)
def test_every_state_has_a_row_and_every_target_exists(model: type[Model]) -> None:
    states = states_of(model)
    assert {str(state) for state in model.TRANSITIONS} == states
    assert {str(target) for targets in model.TRANSITIONS.values() for target in targets} - states == set()


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model._meta.label)
def test_step_outside_the_table_is_stale(model: type[Model]) -> None:
    field = model._meta.get_field("state")
    for state in states_of(model):
        row = model(state=state)
        refused = [target for target in states_of(model) if not can_move(row, target)]
        for target in refused:
            with pytest.raises(StaleError):
                move(row, target)
        assert row.state == state
    assert field.default in states_of(model)
