"""The one way from a gate's queryset to an object."""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.shortcuts import get_object_or_404

M = TypeVar("M", bound=Model)


def get_visible(visible: QuerySet[M], pk: int) -> M:
    """Return the row `pk` of what the gate shows; anything else is 404, so that existence is not told."""
    return get_object_or_404(visible, pk=pk)


def get_one(visible: QuerySet[M], *conditions: Q, **facts: object) -> M:
    """Return the row of what the gate shows that meets the conditions; 404 like `get_visible`."""
    return get_object_or_404(visible, *conditions, **facts)


def allow(allowed: bool) -> None:
    """Refuse with 403 a change of an object that the person may see but not change."""
    if not allowed:
        raise PermissionDenied
