"""Issuing many papers of one register at once: the same rows as one by one, a handful of statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from network_portal.accounts.models import User
from network_portal.audit.services import Note, record_notes
from network_portal.documents import kinds
from network_portal.documents.enums import DocumentState, Verb
from network_portal.documents.models import Document
from network_portal.outbox.services import emit_all

#: A query and its parameters.
Query = tuple[str, Mapping[str, Any]]

_VERSIONS = """
INSERT INTO documents_documentversion
    (document_id, no, content, sha256, signers, template_version, created_at, created_by_id)
SELECT made.document_id, 1, made.content, encode(sha256(convert_to(made.content, 'UTF8')), 'hex'), '[]',
    %(template_version)s, %(at)s, %(actor)s
FROM ({contents}) made
RETURNING document_id, sha256
"""


@transaction.atomic
def documents_issue(
    *,
    actor: User | None,
    organisation: Model,
    kind: str,
    count: int,
    contents: Callable[[list[Document]], Query],
    on: date,
    at: datetime,
) -> list[Document]:
    """Draft and register papers that nobody signs; the worker, or the first reader, makes their files.

    Args:
        actor: who issues them; None for the portal itself.
        organisation: in whose register.
        kind: the code of the kind, which is signed by nobody, agreed to by nobody and names no day of effect.
        count: how many.
        contents: given the numbered papers, returns the query of their contents, which stay in the database: the
            columns document_id and content, canonical as `kinds.content_of` gives it.
        on: the date of the papers in the network's time zone.
        at: the moment.

    Returns:
        The papers, with numbers that follow one another.
    """
    known = kinds.kind_by_code(kind)
    if known.signers != {} or known.agreed_by or known.effective_from or known.effective_to:
        raise ValueError(f"papers {kind} are not issued many at once")
    first = _numbers(organisation.pk, kind, on.year, count)
    documents = Document.objects.bulk_create(
        Document(
            kind=kind,
            title=known.title,
            organisation_id=organisation.pk,
            state=DocumentState.IN_FORCE,
            year=on.year,
            number=first + no,
            registered_on=on,
            effective_from=on,
            created_by=actor,
            created_at=at,
        )
        for no in range(count)
    )
    query, params = contents(documents)
    with connection.cursor() as cursor:
        cursor.execute(
            _VERSIONS.format(contents=query),
            {**params, "template_version": known.version, "at": at, "actor": actor.pk if actor else None},
        )
        sums = dict(cursor.fetchall())

    def notes() -> Iterator[Note]:
        for document in documents:
            changes = {"number": document.number, "year": document.year, "sha256": sums[document.pk]}
            yield Note(Verb.DRAFTED, document, {"kind": kind})
            yield Note(Verb.REGISTERED, document, changes)

    record_notes(notes(), actor=actor, organisation=organisation, at=at)
    emit_all(
        topic="documents.pdf",
        events=((f"document:{document.pk}:pdf", {"document_id": document.pk}) for document in documents),
        at=at,
    )
    return documents


def _numbers(organisation_id: int, kind: str, year: int, count: int) -> int:
    """Take `count` numbers of a register and return the first; its row stays locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_registercounter AS register (organisation_id, kind, year, last) "
            "VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (organisation_id, kind, year) DO UPDATE SET last = register.last + EXCLUDED.last "
            "RETURNING last",
            [organisation_id, kind, year, count],
        )
        return int(cursor.fetchone()[0]) - count + 1
