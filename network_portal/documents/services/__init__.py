"""Every change of a paper: draft, revise, sign, refuse, register, issue, cancel (3.13, I-6, I-7, L-10).

The app that owns a paper decides who may do what; these functions keep what holds for every paper:

    slots = [SignerSlot("director", "директор МАОУ СОШ № 7")]
    document = document_draft(actor=…, organisation=host, paper=TransferSheet(…), signers=slots, at=at)
    document_sign(document=document, version_sha256=…, slot="director", signer=user, proof=Proof(…), at=at)
    document_register(document=document, actor=user, on=day, at=at)

A paper that nobody signs is drafted and registered at once by `document_issue`.
"""

from network_portal.documents.services.papers import (
    SignerSlot,
    document_cancel,
    document_draft,
    document_issue,
    document_pdf,
    document_pdf_keep,
    document_register,
    document_revise,
)
from network_portal.documents.services.signatures import (
    document_refuse,
    document_sign,
    signing_agreement_register,
    signing_code_keep,
)

__all__ = [
    "SignerSlot",
    "document_cancel",
    "document_draft",
    "document_issue",
    "document_pdf",
    "document_pdf_keep",
    "document_refuse",
    "document_register",
    "document_revise",
    "document_sign",
    "signing_agreement_register",
    "signing_code_keep",
]
