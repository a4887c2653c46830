"""Every change of a paper: draft, revise, agree, sign, refuse, register, issue, cancel (3.13, I-6, I-7, L-10).

The app that owns a paper decides who may do what; these functions keep what holds for every paper:

    slots = [SignerSlot("director", "директор МАОУ СОШ № 7")]
    document = document_draft(actor=…, organisation=host, paper=TransferSheet(…), signers=slots, at=at)
    document_sign(document=document, version_sha256=…, slot="director", signer=user, proof=Proof(…), at=at)
    document_register(document=document, actor=user, on=day, at=at)

A paper that nobody signs is drafted and registered at once by `document_issue`.
"""

from network_portal.documents.services.agreements import (
    IdentityDocument,
    identity_shown,
    signing_agreement_end,
    signing_agreement_prepare,
    signing_agreement_print,
    signing_agreement_register,
)
from network_portal.documents.services.batches import Query, documents_issue
from network_portal.documents.services.codes import (
    signing_code_ask,
    signing_code_fail,
    signing_code_keep,
    signing_code_send,
)
from network_portal.documents.services.files import file_content, file_keep
from network_portal.documents.services.papers import (
    SignerSlot,
    document_agree,
    document_cancel,
    document_draft,
    document_issue,
    document_pdf,
    document_pdf_keep,
    document_register,
    document_revise,
    documents_keep,
    pdfs_later,
)
from network_portal.documents.services.reminders import signature_remind
from network_portal.documents.services.signatures import (
    document_refuse,
    document_sign,
    document_sign_elsewhere,
)

__all__ = [
    "IdentityDocument",
    "Query",
    "SignerSlot",
    "document_agree",
    "document_cancel",
    "document_draft",
    "document_issue",
    "document_pdf",
    "document_pdf_keep",
    "document_refuse",
    "document_register",
    "document_revise",
    "document_sign",
    "document_sign_elsewhere",
    "documents_issue",
    "documents_keep",
    "file_content",
    "file_keep",
    "identity_shown",
    "pdfs_later",
    "signature_remind",
    "signing_agreement_end",
    "signing_agreement_prepare",
    "signing_agreement_print",
    "signing_agreement_register",
    "signing_code_ask",
    "signing_code_fail",
    "signing_code_keep",
    "signing_code_send",
]
