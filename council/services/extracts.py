"""Extracts from signed minutes (T19), and copies for members: each bears a name and is on record (S1-5.8)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from council import copies
from council.access import SECRETARY
from council.documents import extract_of
from council.enums import ItemState, MeetingState, Verb
from council.models import AgendaItem, Council, Extract, Material, Meeting
from council.selectors.names import pupils_of
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day, ru_moment
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.services import (
    SignerSlot,
    document_draft,
    document_pdf,
    document_register,
    document_sign,
    file_content,
)
from network_portal.documents.uploads import PDF
from schools.acting import Acting
from schools.services.trail import note

CAPACITY = "секретарь координационного совета"


@transaction.atomic
def extract_prepare(*, actor: Acting, item: AgendaItem, addressee: str, at: datetime) -> Extract:
    """Draw up an extract about one question; pupils' names are left out of it.

    Raises:
        StaleError: the minutes are not signed.
        RuleError: the question has no decision; no addressee, on the field "addressee".
    """
    if item.meeting.state != MeetingState.CLOSED:
        raise StaleError("Выписку делают из подписанного протокола.")
    if item.state != ItemState.ADOPTED:
        raise RuleError("По этому вопросу решение не принято: выписывать нечего.")
    council: Council = item.meeting.council
    waiting = Extract.objects.filter(item=item, addressee=addressee.strip(), document__number=None).first()
    if waiting is not None:
        return waiting
    extract = Extract(item=item, addressee=addressee.strip())
    clean(extract, exclude=["document"])
    extract.document = document_draft(
        actor=actor.user,
        organisation=council.keeper,
        paper=extract_of(item, extract.addressee, pupils_of(council)),
        signers=[SignerSlot(SECRETARY, CAPACITY)],
        at=at,
    )
    extract.save()
    note(Verb.EXTRACT_PREPARED, actor, item.meeting, at, item=item.pk, document=extract.document_id)
    return extract


@transaction.atomic
def extract_sign(
    *,
    actor: Acting,
    extract: Extract,
    slot: str,
    proof: Proof | SignedElsewhere,
    version_sha256: str,
    at: datetime,
    ip: str = "",
) -> Extract:
    """Certify an extract: «Выписка верна»; it gets its number.

    Args:
        actor: the secretary of the council.
        extract: an extract that waits.
        slot: the secretary's place.
        proof: the password and the one-time code, or what was signed on paper.
        version_sha256: the hash of the version that the person saw.
        at: the moment.
        ip: the address of the request.

    Raises:
        RuleError: a wrong password or code.
        StaleError: it is signed already.
    """
    document = Document.objects.select_for_update().get(pk=extract.document_id)
    document_sign(
        document=document, version_sha256=version_sha256, slot=slot, signer=actor.user, proof=proof, at=at, ip=ip
    )
    meeting = extract.item.meeting
    document_register(document=document, on=local_day(at, meeting.council.network.time_zone), at=at, actor=actor.user)
    note(Verb.EXTRACT_SIGNED, actor, meeting, at, item=extract.item_id, document=document.pk)
    return extract


# --- copies -------------------------------------------------------------------------------------------------------


@transaction.atomic
def minutes_copy(*, actor: Acting, meeting: Meeting, at: datetime) -> bytes:
    """Return a copy of the minutes with the member's name across each page, and keep on record that it was taken."""
    assert meeting.document is not None
    note(Verb.COPY_TAKEN, actor, meeting, at, document=meeting.document_id)
    return copies.marked(document_pdf(meeting.document), _mark(actor, at))


@transaction.atomic
def material_copy(*, actor: Acting, material: Material, at: datetime) -> bytes:
    """Return a material: a PDF with the member's name across each page, another file as it is; on record."""
    note(Verb.COPY_TAKEN, actor, material.meeting, at, material=material.pk, sha256=material.file.sha256)
    content = file_content(material.file)
    return copies.marked(content, _mark(actor, at)) if material.file.media_type == PDF else content


def _mark(actor: Acting, at: datetime) -> str:
    return f"Копия: {actor.user.short_name}, {ru_moment(at)}"
