"""What the pages of agreements show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from network_portal.audit.models import AuditEntry
from network_portal.audit.selectors import history_of
from network_portal.common.dates import add_working_days, ru_date
from network_portal.documents.differences import Change
from network_portal.documents.models import Document
from network_portal.documents.selectors import SlotState, signature_slots
from schools import access
from schools.acting import Acting
from schools.agreements.signing import is_partly_signed, paper_to_sign, waiting_slot
from schools.agreements.terms import Copies, amended_terms, copies_of, terms_of
from schools.enums import AgreementState, AmendmentState, Role, Side
from schools.models import Agreement, Amendment, Organisation
from schools.terms import AgreementTerms, changes, missing

#: Working days in which a signed agreement must stand on the public page (L-9).
DAYS_TO_PUBLISH = 10
OPEN_AMENDMENT = (AmendmentState.DRAFT, AmendmentState.SIGNING)
SIGNED = AmendmentState.SIGNED


@dataclass(frozen=True)
class Status:
    """A state in words, with the tone of its badge."""

    label: str
    tone: str


def agreement_status(agreement: Agreement, on: date, *, partly: bool = False) -> Status:
    """Say how the agreement stands on the day `on`: its term counts as much as its state."""
    if agreement.state == AgreementState.SIGNED:
        if on < agreement.date_from:
            return Status(f"подписан, вступит в силу {ru_date(agreement.date_from)}", "info")
        if on > agreement.date_to:
            return Status("истёк", "neutral")
        return Status("подписан, действует", "good")
    if partly:
        return Status("подписан частично", "warn")
    tones = {
        AgreementState.REVIEW: "info",
        AgreementState.DISPUTED: "bad",
        AgreementState.SIGNING: "warn",
        AgreementState.SUSPENDED: "bad",
    }
    return Status(agreement.get_state_display(), tones.get(AgreementState(agreement.state), "neutral"))


def may_teach(agreement: Agreement, on: date) -> bool:
    """Tell whether lessons may be held under the agreement on the day `on` (rule: not before everyone has signed)."""
    return agreement.state == AgreementState.SIGNED and agreement.date_from <= on <= agreement.date_to


@dataclass(frozen=True)
class AgreementRow:
    """A line of the list of agreements."""

    agreement: Agreement
    partner: Organisation
    side: str
    status: Status
    published: bool


def agreement_rows(agreements: Iterable[Agreement], organisation_id: int | None, on: date) -> list[AgreementRow]:
    """Return the lines of a list as the school `organisation_id` reads them; the conditions are loaded with them."""
    rows = []
    for agreement in agreements:
        ours = any(row.home_id == organisation_id for row in agreement.conditions.all())
        theirs = any(row.host_id == organisation_id for row in agreement.conditions.all())
        sides = [words for true, words in ((ours, "учит наших учеников"), (theirs, "мы учим её учеников")) if true]
        rows.append(
            AgreementRow(
                agreement=agreement,
                partner=agreement.host if agreement.home_id == organisation_id else agreement.home,
                side=", ".join(sides) or "ещё не определено",
                status=agreement_status(agreement, on),
                published=agreement.publication_id is not None,
            )
        )
    return rows


@dataclass(frozen=True)
class AmendmentRow:
    """A supplementary agreement with what it changes."""

    amendment: Amendment
    lines: list[Change]
    slots: list[SlotState]
    own_slot: SlotState | None
    may_change: bool


@dataclass(frozen=True)
class AgreementCard:
    """What the page of an agreement shows, and what the acting person may do there now."""

    status: Status
    terms: AgreementTerms
    missing: list[str]
    may_teach: bool
    paper: Document | None
    signed_paper: Document | None
    slots: list[SlotState]
    own_slot: SlotState | None
    copies: Copies | None
    amendments: list[AmendmentRow]
    publish_until: date | None
    history: QuerySet[AuditEntry]
    own_side: Side
    may_edit: bool
    may_send: bool
    may_review: bool
    may_settle: bool
    may_amend: bool
    may_publish: bool
    may_mark: bool
    may_contact: bool
    may_suspend: bool
    may_resume: bool
    may_end: bool


def agreement_card(agreement: Agreement, acting: Acting, on: date) -> AgreementCard:
    """Return what the page shows to the acting person, who passed the gate of the agreement."""
    director, office = acting.is_(Role.DIRECTOR), acting.is_(*access.OFFICE)
    state = AgreementState(agreement.state)
    terms = terms_of(agreement)
    paper = paper_to_sign(agreement)
    shown = paper or agreement.document
    own_side = Side.HOST if acting.organisation_id == agreement.host_id else Side.HOME
    amendments = _amendment_rows(agreement, acting, terms)
    open_amendment = any(row.amendment.state in OPEN_AMENDMENT for row in amendments)
    return AgreementCard(
        status=agreement_status(agreement, on, partly=is_partly_signed(agreement)),
        terms=terms,
        missing=missing(terms) if state in (AgreementState.DRAFT, AgreementState.DISPUTED) else [],
        may_teach=may_teach(agreement, on),
        paper=paper,
        signed_paper=shown,
        slots=signature_slots(shown) if shown and state in SHOWS_SIGNATURES else [],
        own_slot=waiting_slot(agreement, paper, acting),
        copies=copies_of(agreement, terms, acting.organisation_id),
        amendments=amendments,
        publish_until=publish_until(agreement),
        history=history_of(agreement),
        own_side=own_side,
        may_edit=access.may_edit(acting, agreement),
        may_send=access.may_edit(acting, agreement) and state == AgreementState.DRAFT,
        may_review=office and own_side == Side.HOST and state == AgreementState.REVIEW,
        may_settle=office and state == AgreementState.DISPUTED,
        may_amend=office and state == AgreementState.SIGNED and not open_amendment,
        may_publish=office and own_side == Side.HOME and state == AgreementState.SIGNED,
        may_mark=office and state == AgreementState.SIGNED,
        may_contact=office,
        may_suspend=director and state == AgreementState.SIGNED,
        may_resume=director and state == AgreementState.SUSPENDED,
        may_end=director and state in (AgreementState.SIGNED, AgreementState.SUSPENDED),
    )


SHOWS_SIGNATURES = (
    AgreementState.SIGNING,
    AgreementState.SIGNED,
    AgreementState.SUSPENDED,
    AgreementState.ENDED,
)


def _amendment_rows(agreement: Agreement, acting: Acting, terms: AgreementTerms) -> list[AmendmentRow]:
    rows = []
    for amendment in access.amendments_of(agreement, acting):
        signing = amendment.state == AmendmentState.SIGNING
        document = amendment.document
        rows.append(
            AmendmentRow(
                amendment=amendment,
                lines=changes(terms, amended_terms(amendment)) if amendment.state in OPEN_AMENDMENT else [],
                slots=signature_slots(document) if document and signing else [],
                own_slot=waiting_slot(agreement, document, acting) if signing else None,
                may_change=amendment.state == AmendmentState.DRAFT and acting.is_(*access.OFFICE),
            )
        )
    return rows


def publish_until(agreement: Agreement) -> date | None:
    """Return the last day for publishing a signed agreement; None when it is published or not signed (L-9)."""
    if agreement.state != AgreementState.SIGNED or agreement.publication_id or agreement.document is None:
        return None
    papers = [agreement.document, *(one.document for one in agreement.amendments.all() if one.state == SIGNED)]
    days = [paper.registered_on for paper in papers if paper and paper.registered_on]
    return add_working_days(max(days), DAYS_TO_PUBLISH) if days else None


def stops_with(agreement: Agreement) -> list[str]:
    """Return in words what stops when the agreement is suspended or ended, for the question before that act."""
    pairs = sorted({(row.home.short_name, row.host.short_name) for row in agreement.conditions.all()})
    names = "; ".join(f"{home} → {host}" for home, host in pairs) or str(agreement)
    return [
        f"новые списки и приказы о зачислении: {names}",
        "открытие новых групп с этими обучающимися",
        "запись отметок и посещаемости за дни после решения; закрытые ведомости остаются у обеих школ",
        "сроки обязанностей по договору: задачи по ним снимаются у обеих сторон",
        "о каждом зачисленном решает его школа: при прекращении договора портал отметит, кто «требует решения»",
    ]
