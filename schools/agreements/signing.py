"""Whose signature an agreement waits for."""

from __future__ import annotations

from network_portal.documents.models import Document
from network_portal.documents.selectors import SlotState, next_slot, signature_slots
from network_portal.documents.signing import signed_by
from schools import access
from schools.acting import Acting
from schools.enums import AgreementState
from schools.models import Agreement

HOME_SLOT, HOST_SLOT = "home_director", "host_director"
#: The place of who signed the agreement and has another duty now, beside the successor's (rule 5).
FIRST = "_first"


def slot_of(agreement: Agreement, organisation_id: int | None) -> str | None:
    """Return the key of the place where the director of the school signs; None for a school that is no party."""
    return {agreement.home_id: HOME_SLOT, agreement.host_id: HOST_SLOT}.get(organisation_id or 0)


def paper_to_sign(agreement: Agreement) -> Document | None:
    """Return the paper of an agreement that waits for signatures: its protocol of disagreements goes first."""
    if agreement.state != AgreementState.SIGNING:
        return None
    protocol = agreement.protocol
    return protocol if protocol is not None and not protocol.is_registered else agreement.document


def waiting_slot(agreement: Agreement, document: Document | None, acting: Acting) -> SlotState | None:
    """Return the place for a signature whose turn it is, if the acting person is the one to sign there.

    It is the director's, or a deputy's with a power of attorney; under an amendment also that of who signed first.
    """
    own = slot_of(agreement, acting.organisation_id)
    slot = next_slot(document) if document is not None and own is not None else None
    if slot is None or own is None or agreement.document is None:
        return None
    if slot.key == own:
        return slot if access.signs_agreements(acting) else None
    first = signed_by(agreement.document, own) if slot.key == f"{own}{FIRST}" else None
    return slot if first is not None and first.signer_id == acting.user_id else None


def is_partly_signed(agreement: Agreement) -> bool:
    """Tell whether one party has signed the paper of an agreement that waits for the other (3.2)."""
    return (
        agreement.state == AgreementState.SIGNING
        and agreement.document is not None
        and any(slot.signed for slot in signature_slots(agreement.document))
    )
