"""Acts of a person in the trail."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Model, TextChoices

from network_portal.audit.services import record
from schools.acting import Acting


def note(verb: TextChoices, actor: Acting, target: Model, at: datetime, /, **changes: object) -> None:
    """Add what somebody did for the organisation acted for; `changes` and errors as of `audit.services.record`.

    Acts of a family, of the portal, and for another organisation are written by `record` itself.
    """
    record(verb, actor=actor.user, organisation=actor.organisation, target=target, at=at, changes=changes)
