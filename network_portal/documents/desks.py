"""Which app lets whom at a kind of papers: what pages that are alike for all papers ask the owner's gate.

Each app that owns papers people sign fills a desk in its `desks` module:

    desks.register("T06", Desk(see=…, page=…, sign_page=…, signs=…, clerks=…, signatories=…, sign=…))

The owner decides everything: `see` answers 404 for whoever must not know that the paper exists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404

from network_portal.accounts.models import User
from network_portal.documents.models import Document


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The owner's side of a kind of papers; `acting` is a `schools.acting.Acting`, `thing` what `see` returned.

    Attributes:
        see: (acting, document) → the thing that the paper is of; Http404 or PermissionDenied by the owner's gate.
        page: (thing) → the address of its page.
        sign_page: (thing) → the address where it is signed.
        signs: (acting, thing, slot) → whether the person may sign there on the portal.
        clerks: (acting, thing, slot) → whether the person registers signatures made elsewhere in this place.
        signatories: (thing, slot, day) → who may sign there, for reminders and for the form of the clerk.
        named: (thing, slot, day) → the name of who signs there by hand and has no account; empty for nobody.
        sign: (actor, thing, version_sha256, proof, at, ip), by keywords: the owner's service.
    """

    see: Callable[[Any, Document], Any]
    page: Callable[[Any], str]
    sign_page: Callable[[Any], str]
    signs: Callable[[Any, Any, str], bool]
    clerks: Callable[[Any, Any, str], bool]
    signatories: Callable[[Any, str, date], list[User]]
    sign: Callable[..., Any]
    named: Callable[[Any, str, date], str] = lambda thing, slot, on: ""


_desks: dict[str, Desk] = {}


def register(code: str, desk: Desk) -> None:
    """Let `desk` answer for the papers of the kind `code`; ValueError when another one does."""
    if code in _desks:
        raise ValueError(f"two desks for {code}")
    _desks[code] = desk


def desk_of(document: Document | None) -> Desk:
    """Return who answers for a paper; Http404 when there is no such paper, or nobody does."""
    if document is None or document.kind not in _desks:
        raise Http404
    return _desks[document.kind]
