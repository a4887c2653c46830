"""The papers of enrolment: T01, T02, T03, T04, T05, T07, T29, T30 and orders of changes.

Each holds only what its addressee needs (L-3).
"""

from enrollment.documents._parts import HOST_DEPUTY
from enrollment.documents.applications import ApplicationPaper, LeavePaper, application_paper, asker_of, leave_paper
from enrollment.documents.consents import (
    ConsentPaper,
    SheetLine,
    SheetPaper,
    consent_full_pdf,
    consent_paper,
    consent_until,
    details_words,
    form_pdf,
)
from enrollment.documents.contracts import ContractPaper, contract_paper
from enrollment.documents.orders import OrderPaper, OrderPaperLine, order_paper
from enrollment.documents.requests import RequestPaper, RequestPaperLine, answer_pdf, request_paper
from enrollment.documents.school_orders import (
    ChangePaperExit,
    HomeChangePaper,
    HostChangePaper,
    OrganisePaper,
    SchoolOrderCourse,
    SchoolOrderPupil,
    change_paper,
    organise_paper,
)

__all__ = [
    "HOST_DEPUTY",
    "ApplicationPaper",
    "ChangePaperExit",
    "ConsentPaper",
    "ContractPaper",
    "HomeChangePaper",
    "HostChangePaper",
    "LeavePaper",
    "OrderPaper",
    "OrderPaperLine",
    "OrganisePaper",
    "RequestPaper",
    "RequestPaperLine",
    "SchoolOrderCourse",
    "SchoolOrderPupil",
    "SheetLine",
    "SheetPaper",
    "answer_pdf",
    "application_paper",
    "asker_of",
    "change_paper",
    "consent_full_pdf",
    "consent_paper",
    "consent_until",
    "contract_paper",
    "details_words",
    "form_pdf",
    "leave_paper",
    "order_paper",
    "organise_paper",
    "request_paper",
]
