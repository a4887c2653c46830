"""Who is let at the agreements of the schools on the pages that all papers share."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.common.access import get_one
from network_portal.documents import desks
from network_portal.documents.models import Document
from schools import access
from schools.acting import Acting
from schools.enums import Role
from schools.models import Agreement
from schools.selectors import HOME_SLOT, slot_of
from schools.services.agreements import agreement_sign
from schools.services.authority import signatories_of

#: Who registers what was signed on paper.
CLERKS = (Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR)


def _see(acting: Acting, document: Document) -> Agreement:
    return get_one(access.agreements_for(acting), document=document)


def _page(agreement: Agreement) -> str:
    return reverse("agreement", args=[agreement.pk])


def _signs(acting: Acting, agreement: Agreement, slot: str) -> bool:
    return access.signs_agreements(acting) and slot_of(agreement, acting.organisation_id) == slot


def _clerks(acting: Acting, agreement: Agreement, slot: str) -> bool:
    return acting.is_(*CLERKS) and slot_of(agreement, acting.organisation_id) == slot


def _signatories(agreement: Agreement, slot: str, on: date) -> list[User]:
    return signatories_of(agreement.home if slot == HOME_SLOT else agreement.host, on)


desks.register(
    "T06",
    desks.Desk(
        see=_see,
        page=_page,
        sign_page=_page,
        signs=_signs,
        clerks=_clerks,
        signatories=_signatories,
        sign=lambda *, thing, **signed: agreement_sign(agreement=thing, **signed),
    ),
)
