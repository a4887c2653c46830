"""Expected refusals: what a service raises when a person asks for something the rules do not allow."""

from __future__ import annotations

from collections.abc import Sequence


def trigger_words(error: Exception, *constraints: str) -> str:
    """Return what a trigger that refuses by one of the names `constraints` told; an empty string for other errors."""
    told = getattr(error.__cause__, "diag", None)
    return told.message_primary if told is not None and told.constraint_name in constraints else ""


class RuleError(Exception):
    """A refusal that the person is told about.

    Args:
        message: a Russian sentence that says what is wrong and what to do.
        field: name of the form field the refusal belongs to, or None.
    """

    status = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class StaleError(RuleError):
    """What the person saw is no longer current; nothing was changed (409).

    Args:
        message: a Russian sentence that says what is wrong and what to do.
        field: name of the form field the refusal belongs to, or None.
        differences: what differs from what the person saw, each with `label`, `before` and `after` in Russian.
    """

    status = 409

    def __init__(self, message: str, *, field: str | None = None, differences: Sequence[object] = ()) -> None:
        super().__init__(message, field=field)
        self.differences = differences
