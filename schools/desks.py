"""Who is let at the papers of agreements on the pages that all papers share."""

from __future__ import annotations

from django.urls import reverse

from network_portal.common.access import get_one
from network_portal.documents import desks
from network_portal.documents.models import Document
from schools import access
from schools.acting import Acting
from schools.agreements import FIRST, paper_to_sign, slot_of, waiting_slot
from schools.enums import AmendmentState, Role
from schools.models import Agreement, Amendment
from schools.services.agreements import agreement_sign
from schools.services.amendments import amendment_sign
from schools.services.authority import signatories_in

#: Who registers what was signed on paper.
CLERKS = (Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR)


def _page(agreement: Agreement) -> str:
    return reverse("agreement", args=[agreement.pk])


def _is_clerk(acting: Acting, agreement: Agreement, slot: str) -> bool:
    return acting.is_(*CLERKS) and slot_of(agreement, acting.organisation_id) == slot.removesuffix(FIRST)


def _signs(acting: Acting, agreement: Agreement, document: Document | None, slot: str) -> bool:
    waiting = waiting_slot(agreement, document, acting)
    return waiting is not None and waiting.key == slot


def _agreement_desk(name: str) -> desks.Desk:
    """Return the desk of the paper that `name`, a field of the agreement, holds; it is signed in its turn only."""

    def in_turn(agreement: Agreement) -> bool:
        paper = paper_to_sign(agreement)
        return paper is not None and paper == getattr(agreement, name)

    return desks.Desk(
        see=lambda acting, document: get_one(access.agreements_for(acting), **{name: document}),
        page=_page,
        sign_page=_page,
        signs=lambda acting, agreement, slot: (
            in_turn(agreement) and _signs(acting, agreement, getattr(agreement, name), slot)
        ),
        clerks=lambda acting, agreement, slot: in_turn(agreement) and _is_clerk(acting, agreement, slot),
        signatories=lambda agreement, slot, on: signatories_in(agreement, slot, on) if in_turn(agreement) else [],
        sign=lambda *, thing, **signed: agreement_sign(agreement=thing, **signed),
    )


def _is_signed_now(amendment: Amendment) -> bool:
    return amendment.state == AmendmentState.SIGNING


desks.register("T06", _agreement_desk("document"))
desks.register("T28", _agreement_desk("protocol"))
desks.register(
    "T06A",
    desks.Desk(
        see=lambda acting, document: get_one(access.amendments_for(acting), document=document),
        page=lambda amendment: _page(amendment.agreement),
        sign_page=lambda amendment: _page(amendment.agreement),
        signs=lambda acting, amendment, slot: (
            _is_signed_now(amendment) and _signs(acting, amendment.agreement, amendment.document, slot)
        ),
        clerks=lambda acting, amendment, slot: (
            _is_signed_now(amendment) and _is_clerk(acting, amendment.agreement, slot)
        ),
        signatories=lambda amendment, slot, on: (
            signatories_in(amendment.agreement, slot, on) if _is_signed_now(amendment) else []
        ),
        sign=lambda *, thing, **signed: amendment_sign(amendment=thing, **signed),
    ),
)
