"""Turning what the database refuses into words for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from gradebook.models import FOREIGN_ENROLMENT, SEALED_MONTH
from network_portal.common.errors import RuleError, trigger_words


@contextmanager
def refusals() -> Iterator[None]:
    """Raise what the triggers refuse as `RuleError` with their own Russian words; wraps the transaction."""
    try:
        yield
    except IntegrityError as error:
        if words := trigger_words(error, SEALED_MONTH, FOREIGN_ENROLMENT):
            raise RuleError(words) from error
        raise
