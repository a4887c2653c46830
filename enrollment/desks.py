"""Who is let at applications, lists and orders on the pages that all papers share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from enrollment import access
from enrollment.documents import asker_of
from enrollment.models import Application, Consent, Contract, Order, SchoolOrder, SchoolRequest
from enrollment.selectors.people import guardians_of
from enrollment.services.contracts import contract_sign
from enrollment.services.orders import order_sign
from enrollment.services.requests import request_sign
from enrollment.services.school_orders import school_order_sign
from network_portal.accounts.models import User
from network_portal.common.access import allow, get_one
from network_portal.documents import desks
from network_portal.documents.models import Document
from network_portal.documents.selectors import next_slot
from schools.acting import Acting
from schools.enums import Role
from schools.guardians import of_age
from schools.models import SCHOOL_STAFF, Organisation
from schools.selectors import director_of


def _director(school: Organisation, on: date) -> list[User]:
    duty = director_of(school, on)
    return [duty.user] if duty else []


def _nobody(*args: Any) -> bool:
    return False


def _no_one(*args: Any) -> list[User]:
    return []


def _application(acting: Acting, document: Document) -> Application:
    """The proofs of a parent's signature are for the family and the school's managers, not for every teacher (L-3)."""
    allow(acting.is_(*SCHOOL_STAFF, Role.PARENT))
    return get_one(access.applications_for(acting), Q(document=document) | Q(prepared=document))


def _list_is_own(acting: Acting, request: SchoolRequest) -> bool:
    return request.home_id == acting.organisation_id


def _order_is_own(acting: Acting, order: Order) -> bool:
    return order.request.host_id == acting.organisation_id


def _family_paper(
    see: Callable[[Acting, Document], Any], page: Callable[[Any], str], sign: Callable[[Any], str]
) -> desks.Desk:
    """Return the desk of a paper that only the family signs, on pages of its own."""
    return desks.Desk(
        see=see, page=page, sign_page=sign, signs=_nobody, clerks=_nobody, signatories=_no_one, sign=_nobody
    )


desks.register(
    "T01",
    _family_paper(
        _application,
        lambda application: reverse("application", args=[application.pk]),
        lambda application: reverse("application_sign", args=[application.pk]),
    ),
)
desks.register(
    "T03",
    desks.Desk(
        see=lambda acting, document: get_one(access.requests_for(acting), document=document),
        page=lambda request: reverse("request", args=[request.pk]),
        sign_page=lambda request: reverse("request_sign", args=[request.pk]),
        signs=lambda acting, request, slot: acting.is_(Role.DIRECTOR) and _list_is_own(acting, request),
        clerks=lambda acting, request, slot: acting.is_(*access.MANAGERS) and _list_is_own(acting, request),
        signatories=lambda request, slot, on: _director(request.home, on),
        sign=lambda *, thing, **signed: request_sign(request=thing, **signed),
    ),
)
desks.register(
    "T05",
    desks.Desk(
        see=lambda acting, document: get_one(access.orders_for(acting), document=document),
        page=lambda order: reverse("order", args=[order.pk]),
        sign_page=lambda order: reverse("order_sign", args=[order.pk]),
        signs=lambda acting, order, slot: acting.is_(Role.DIRECTOR) and _order_is_own(acting, order),
        clerks=lambda acting, order, slot: acting.is_(*access.MANAGERS) and _order_is_own(acting, order),
        signatories=lambda order, slot, on: _director(order.request.host, on),
        sign=lambda *, thing, **signed: order_sign(order=thing, **signed),
    ),
)


def _school_order_is_own(acting: Acting, order: SchoolOrder) -> bool:
    return order.school_id == acting.organisation_id


_school_orders = desks.Desk(
    see=lambda acting, document: get_one(access.school_orders_for(acting), document=document),
    page=lambda order: reverse("school_order", args=[order.pk]),
    sign_page=lambda order: reverse("school_order_sign", args=[order.pk]),
    signs=lambda acting, order, slot: acting.is_(Role.DIRECTOR) and _school_order_is_own(acting, order),
    clerks=lambda acting, order, slot: acting.is_(*access.MANAGERS) and _school_order_is_own(acting, order),
    signatories=lambda order, slot, on: _director(order.school, on),
    sign=lambda *, thing, **signed: school_order_sign(order=thing, **signed),
)
for code in ("T04", "T04A", "T05A"):
    desks.register(code, _school_orders)


def _contract_clerk(acting: Acting, contract: Contract, slot: str) -> bool:
    """Each school registers what its own director signed; the home school also what the family signed."""
    request = contract.line.request
    school = request.host_id if slot == "base_director" else request.home_id
    return acting.is_(*access.MANAGERS) and acting.organisation_id == school


def _contract_signatories(contract: Contract, slot: str, on: date) -> list[User]:
    request = contract.line.request
    if slot == "guardian":
        alone = of_age(contract.line.application.student, on)
        return [] if alone else guardians_of(contract.line.application.student_id, on)
    return _director(request.host if slot == "base_director" else request.home, on)


def _contract_named(contract: Contract, slot: str, on: date) -> str:
    """Return the family's side when it signs by hand only: it has no account, or the pupil is of age."""
    application = contract.line.application
    by_hand = application.guardian_id is None or of_age(application.student, on)
    return asker_of(application, on).person.full_name if slot == "guardian" and by_hand else ""


def _sign_contract(*, thing: Contract, **signed: Any) -> Contract:
    slot = next_slot(thing.document)
    return contract_sign(contract=thing, slot=slot.key if slot else "", **signed)


desks.register(
    "T07",
    desks.Desk(
        see=lambda acting, document: get_one(access.contracts_for(acting), document=document),
        page=lambda contract: reverse("contract", args=[contract.pk]),
        sign_page=lambda contract: reverse("contract_sign", args=[contract.pk]),
        signs=lambda acting, contract, slot: access.contract_slot(acting, contract) == slot,
        clerks=_contract_clerk,
        signatories=_contract_signatories,
        sign=_sign_contract,
        named=_contract_named,
    ),
)


def _consent(acting: Acting, document: Document) -> Consent:
    """The proofs of a consent are for the parent and the managers of the home school (L-3)."""
    allow(acting.is_(*SCHOOL_STAFF, Role.PARENT))
    return get_one(access.consents_for(acting), document=document)


def _sheet(acting: Acting, document: Document) -> Application:
    allow(acting.is_(*SCHOOL_STAFF, Role.PARENT))
    return get_one(access.applications_for(acting), sheet=document)


desks.register(
    "T02",
    _family_paper(
        _consent,
        lambda consent: reverse("application", args=[consent.application_id]),
        lambda consent: reverse("application_sign", args=[consent.application_id]),
    ),
)
desks.register(
    "T30",
    _family_paper(
        _sheet,
        lambda application: reverse("application", args=[application.pk]),
        lambda application: reverse("application_sign", args=[application.pk]),
    ),
)
desks.register(
    "T29",
    _family_paper(
        lambda acting, document: get_one(access.leaves_for(acting), document=document),
        lambda leave: reverse("leave", args=[leave.pk]),
        lambda leave: reverse("leave", args=[leave.pk]),
    ),
)
