"""The terms of an agreement as data, and whether both schools hold the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from network_portal.documents.kinds import canonical, content_sha256
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from schools.enums import AmendmentState, FundingMode, Level, ResourceKind, Role, Side, TaughtKind
from schools.models import Agreement, Amendment, Organisation
from schools.terms import (
    CHOICES,
    AgreementTerms,
    AppendixTerms,
    ConditionTerms,
    DutyTerms,
    ResourceTerms,
    fingerprint,
    read,
)

#: Fields of `Agreement` that are terms of their own name.
PLAIN = (
    "date_from", "date_to", "safety", "issued_documents", "funding_norm", "funding_due", "funding_order", "scale",
    "weights", "correction_days", "personal_data", "incident_hours",
)  # fmt: skip
#: Who of the home school may be given the journal to read.
JOURNAL_READERS = (Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR, Role.CURATOR)


def terms_of(agreement: Agreement) -> AgreementTerms:
    """Return the terms of an agreement as one value, from its row and the rows that belong to it."""
    return AgreementTerms(
        **{name: getattr(agreement, name) for name in PLAIN},
        funding_mode=FundingMode(agreement.funding_mode) if agreement.funding_mode else "",
        journal_readers=tuple(Role(role) for role in agreement.journal_readers),
        conditions=tuple(
            ConditionTerms(
                programme=row.programme,
                teaches=Side.HOST if row.host_id == agreement.host_id else Side.HOME,
                subject=row.subject,
                kind=TaughtKind(row.kind) if row.kind else "",
                level=Level(row.level) if row.level else "",
                orientation=row.orientation,
                part=row.part,
                hours=row.hours,
                grade_from=row.grade_from,
                grade_to=row.grade_to,
                seats=row.seats,
                year_from=row.year_from,
                year_to=row.year_to,
            )
            for row in agreement.conditions.all()
        ),
        resources=tuple(
            ResourceTerms(
                what=row.what, kind=ResourceKind(row.kind), party=Side(row.party), amount=row.amount, unit=row.unit
            )
            for row in agreement.resources.all()
        ),
        duties=tuple(DutyTerms(what=row.what, party=Side(row.party), due=row.due) for row in agreement.duties.all()),
        appendices=tuple(
            AppendixTerms(title=row.title, text=row.text, personal=row.personal) for row in agreement.appendices.all()
        ),
    )


def amended_terms(amendment: Amendment) -> AgreementTerms:
    """Return the terms as they will be once the supplementary agreement is signed."""
    return read(amendment.terms, AgreementTerms, CHOICES)


def terms_json(terms: AgreementTerms) -> dict[str, Any]:
    """Return `terms` as a supplementary agreement keeps them; `amended_terms` reads them."""
    values: dict[str, Any] = json.loads(canonical(terms))
    return values


@dataclass(frozen=True)
class Copy:
    """The copy of one party: its number in the register of that school, and the sum of its terms."""

    school: Organisation
    document: Document | None
    fingerprint: str


@dataclass(frozen=True)
class Copies:
    """Both copies of a signed agreement as one party sees them, with the sum of the terms that the portal works by."""

    own: Copy
    other: Copy
    current: str

    @property
    def complete(self) -> bool:
        return bool(self.own.fingerprint and self.other.fingerprint)

    @property
    def equal(self) -> bool:
        return len({self.own.fingerprint, self.other.fingerprint, self.current}) == 1


def copies_of(agreement: Agreement, terms: AgreementTerms, organisation_id: int | None) -> Copies | None:
    """Return both copies, the own one of `organisation_id` first; None while nothing is registered.

    A copy's sum is computed anew from what its last registered paper holds.
    """
    if agreement.document is None or not agreement.document.is_registered:
        return None
    last = agreement.amendments.filter(state=AmendmentState.SIGNED).select_related("document", "host_copy").last()
    papers = (last.document, last.host_copy) if last else (agreement.document, agreement.host_copy)
    home = Copy(agreement.home, agreement.document, _sum_of(papers[0]))
    host = Copy(agreement.host, agreement.host_copy, _sum_of(papers[1]))
    own, other = (host, home) if organisation_id == agreement.host_id else (home, host)
    return Copies(own, other, fingerprint(terms))


def _sum_of(document: Document | None) -> str:
    if document is None:
        return ""
    content = json.loads(current_version(document).content)["paper"]
    if "terms" in content:
        return content_sha256(canonical(content["terms"]))
    return str(content.get("after", ""))  # a supplementary agreement; the papers before this table have no sum
