"""What several papers share: duties that take part, numbers of other papers."""

from __future__ import annotations

from datetime import date

from network_portal.accounts.models import User
from network_portal.common.russian import Case
from network_portal.documents.models import Document
from schools.enums import DutyKind

RESPONSIBLE = (DutyKind.RESPONSIBLE, DutyKind.DEPUTY)
HOST_DEPUTY = (DutyKind.DEPUTY, DutyKind.RESPONSIBLE, DutyKind.COORDINATOR)


def number_and_date(document: Document | None) -> tuple[str | None, date | None]:
    if document is None or document.number is None:
        return None, None
    return str(document.number), document.registered_on


def dative_name(person: User) -> str:
    return person.in_case(Case.DATIVE, short=True)
