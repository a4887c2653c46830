"""What a model refuses, told as an expected refusal."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from network_portal.common.errors import RuleError


def clean(row: Model, *, exclude: Collection[str] = ()) -> None:
    """Check `row` against its fields and constraints before it is saved.

    Args:
        row: a new or changed row.
        exclude: fields that are empty by right although no form may leave them so.

    Raises:
        RuleError: the first refusal, on its field where it belongs to one.
    """
    try:
        row.full_clean(exclude=set(exclude))
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise RuleError(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error
