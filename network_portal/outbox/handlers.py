"""The register of handlers: each topic belongs to the app that emits it, in that app's `handlers.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from network_portal.outbox.models import OutboxEvent

LocalEffect = Callable[[], None]
Handle = Callable[[OutboxEvent], LocalEffect | None]
Parked = Callable[[OutboxEvent], None]


class Temporary(Exception):
    """The work could not be done now; it is tried again later. The argument is the reason in Russian."""


class Permanent(Exception):
    """Trying again will not help; the event is parked and a person is told. The argument is the reason in Russian."""


@dataclass(frozen=True)
class Handler:
    """What to do with an event of one topic, and whom to tell when it is parked."""

    handle: Handle
    on_parked: Parked | None


_handlers: dict[str, Handler] = {}


def handler(topic: str, *, on_parked: Parked | None = None) -> Callable[[Handle], Handle]:
    """Register the decorated function for `topic`.

    The function does the slow or remote part outside a transaction and returns the local effect, which is
    committed together with "done". It raises `Temporary` or `Permanent`; anything else is parked and re-raised.
    `on_parked` runs in the transaction that parks the event.
    """

    def register(handle: Handle) -> Handle:
        if topic in _handlers:
            raise ValueError(f"two handlers for the topic {topic}")
        _handlers[topic] = Handler(handle, on_parked)
        return handle

    return register


def handler_of(topic: str) -> Handler:
    """Return the handler of `topic`; KeyError when no app owns it."""
    return _handlers[topic]


def parked_hook(topic: str) -> Parked | None:
    """Return whom to tell when an event of `topic` is parked; None also for a topic this version does not know."""
    known = _handlers.get(topic)
    return known.on_parked if known else None
