"""Who is let at report cards and certificates on the pages that all papers share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from gradebook import access
from gradebook.access import certificates
from gradebook.card_papers import DEPUTY, TEACHER
from gradebook.models import ReportCard, StudyCertificate
from gradebook.services.cards import card_sign
from gradebook.services.certificates import certificate_sign
from network_portal.accounts.models import User
from network_portal.common.access import allow, get_one
from network_portal.documents import desks
from network_portal.documents.models import Document
from network_portal.documents.selectors import next_slot
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import SCHOOL_STAFF
from schools.selectors import staff_of


def _see(acting: Acting, document: Document) -> ReportCard:
    """The proofs of the signatures are for those who see all lines."""
    allow(access.sees_whole(acting))
    return get_one(access.cards_for(acting), document=document)


def _signatories(card: ReportCard, slot: str, on: date) -> list[User]:
    if slot == TEACHER:
        return [card.group.teacher.user] if card.group.teacher else []
    return staff_of(card.host, DutyKind.DEPUTY if slot == DEPUTY else DutyKind.DIRECTOR, on=on)


def _sign(*, thing: ReportCard, **signed: Any) -> ReportCard:
    slot = next_slot(thing.document)
    return card_sign(card=thing, slot=slot.key if slot else "", **signed)


desks.register(
    "T14",
    desks.Desk(
        see=_see,
        page=lambda card: reverse("card", args=[card.pk]),
        sign_page=lambda card: reverse("card_sign", args=[card.pk]),
        signs=lambda acting, card, slot: access.card_slot(acting, card) == slot,
        clerks=lambda acting, card, slot: acting.is_(*access.SEALERS) and acting.organisation_id == card.host_id,
        signatories=_signatories,
        sign=_sign,
    ),
)


def _certificate(acting: Acting, document: Document) -> StudyCertificate:
    """The proofs of the signature stay with the staff of both schools (L-3)."""
    allow(acting.is_(*SCHOOL_STAFF))
    return get_one(certificates.certificates_for(acting), document=document)


desks.register(
    "T20",
    desks.Desk(
        see=_certificate,
        page=lambda certificate: reverse("certificate", args=[certificate.pk]),
        sign_page=lambda certificate: reverse("certificate_sign", args=[certificate.pk]),
        signs=lambda acting, certificate, slot: certificates.signs(acting, certificate),
        clerks=lambda acting, certificate, slot: certificates.may_prepare(acting, certificate),
        signatories=lambda certificate, slot, on: staff_of(certificate.host, DutyKind.DIRECTOR, on=on),
        sign=lambda *, thing, **signed: certificate_sign(certificate=thing, **signed),
    ),
)
