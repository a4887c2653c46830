"""Who is let at the minutes and the extracts on the pages that all papers share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from council import access
from council.models import Extract, Meeting
from council.selectors.composition import secretary_on
from council.services import extract_sign, minutes_sign
from network_portal.accounts.models import User
from network_portal.common.access import get_one
from network_portal.documents import desks
from network_portal.documents.selectors import next_slot
from schools.acting import Acting


def _page(meeting: Meeting) -> str:
    return reverse("meeting", args=[meeting.pk])


def _signatories(meeting: Meeting, slot: str, on: date) -> list[User]:
    member = {access.PRESIDING: meeting.presiding, access.SECRETARY: meeting.secretary}.get(slot)
    return [member.user] if member else []


def _sign(*, actor: Acting, thing: Meeting, **signed: Any) -> Meeting:
    waiting = next_slot(thing.document) if thing.document else None
    return minutes_sign(actor=actor, meeting=thing, slot=waiting.key if waiting else "", **signed)


desks.register(
    "T18",
    desks.Desk(
        see=lambda acting, document: get_one(access.meetings_for(acting), document=document),
        page=_page,
        sign_page=_page,
        signs=lambda acting, meeting, slot: access.slot_of(acting, meeting) == slot,
        clerks=lambda acting, meeting, slot: access.keeps_record(acting),
        signatories=_signatories,
        sign=_sign,
    ),
)


def _extract_page(extract: Extract) -> str:
    return reverse("extract", args=[extract.pk])


def _certifier(extract: Extract, slot: str, on: date) -> list[User]:
    secretary = secretary_on(extract.item.meeting.council, on)
    return [secretary.user] if secretary else []


desks.register(
    "T19",
    desks.Desk(
        see=lambda acting, document: get_one(access.extracts_for(acting), document=document),
        page=_extract_page,
        sign_page=_extract_page,
        signs=lambda acting, extract, slot: access.keeps_record(acting),
        clerks=lambda acting, extract, slot: access.keeps_record(acting),
        signatories=_certifier,
        sign=lambda *, actor, thing, **signed: extract_sign(
            actor=actor, extract=thing, slot=access.SECRETARY, **signed
        ),
    ),
)
