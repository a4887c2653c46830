"""The one door through which an object changes its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from django.db.models import Model, TextChoices

from network_portal.common.errors import StaleError


class Stateful(Protocol):
    """A model with a `state` and the table of its legal transitions."""

    state: str

    @property
    def TRANSITIONS(self) -> Mapping[Any, frozenset[Any]]: ...
    def save(self, *, update_fields: list[str]) -> None: ...
    def get_state_display(self) -> str: ...


def can_move(obj: Stateful, to: TextChoices) -> bool:
    """Tell whether the table of `obj` allows the step to `to`."""
    return to in obj.TRANSITIONS[obj.state]


def move(obj: Stateful, to: TextChoices, **fields: Any) -> None:
    """Move `obj`, whose row the caller has locked, to the state `to` and set `fields` with it.

    Raises:
        StaleError: the table beside the state's enum has no such step from the present state.
    """
    _refuse_step(obj, to)
    obj.state = to
    for name, value in fields.items():
        setattr(obj, name, value)
    obj.save(update_fields=["state", *fields])


def move_all(objs: Sequence[Stateful], to: TextChoices) -> None:
    """Move several rows of one model, which the caller has locked, to the state `to` in one statement.

    Raises:
        StaleError: one of them cannot take the step; none is moved.
    """
    if not objs:
        return
    for obj in objs:
        _refuse_step(obj, to)
    rows = cast(Sequence[Model], objs)
    type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows]).update(state=to)
    for obj in objs:
        obj.state = to


def _refuse_step(obj: Stateful, to: TextChoices) -> None:
    if not can_move(obj, to):
        raise StaleError(
            f"Сейчас это невозможно: состояние уже «{obj.get_state_display()}». "
            "Обновите страницу и проверьте, что изменилось."
        )
