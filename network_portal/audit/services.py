"""Writing the trail; called by every service in the transaction of its own change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, TextChoices

from network_portal.accounts.models import User
from network_portal.audit.models import AuditEntry


def record(
    verb: TextChoices,
    *,
    actor: User | None,
    organisation: Model | None,
    target: Model,
    at: datetime,
    changes: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add one entry.

    Args:
        verb: a member of an app's `Verb`, whose label is the Russian sentence.
        actor: who did it; None for the portal itself.
        organisation: the school the actor acted for.
        target: the row that was changed.
        at: the moment of the act.
        changes: names of fields with their new values, no names of pupils and no marks.
    """
    return AuditEntry.objects.create(
        at=at,
        actor=actor,
        organisation_id=organisation.pk if organisation else None,
        verb=verb.value,
        sentence=verb.label,
        target_type=target._meta.label_lower,
        target_id=target.pk,
        changes=dict(changes or {}),
    )


@dataclass(frozen=True)
class Note:
    """One entry of many that one act of a person leaves; fields as of `record`."""

    verb: TextChoices
    target: Model
    changes: Mapping[str, Any]


def record_notes(notes: Iterable[Note], *, actor: User | None, organisation: Model | None, at: datetime) -> None:
    """Add an entry for each of `notes` at once; the other arguments are those of `record`."""
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                at=at,
                actor=actor,
                organisation_id=organisation.pk if organisation else None,
                verb=note.verb.value,
                sentence=note.verb.label,
                target_type=note.target._meta.label_lower,
                target_id=note.target.pk,
                changes=dict(note.changes),
            )
            for note in notes
        ),
        batch_size=1000,
    )


def record_all(
    verb: TextChoices,
    *,
    actor: User | None,
    organisation: Model | None,
    targets: Iterable[Model],
    at: datetime,
    changes: Mapping[str, Any],
) -> None:
    """Add one entry for each of `targets` at once: the arguments are those of `record`, `changes` the same for all."""
    notes = (Note(verb, target, changes) for target in targets)
    record_notes(notes, actor=actor, organisation=organisation, at=at)
