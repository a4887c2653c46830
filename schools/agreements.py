"""Reads of agreements: which one is in force for whom, the terms as a value, both copies, seats, what a page shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from network_portal.audit.models import AuditEntry
from network_portal.audit.selectors import history_of
from network_portal.common import russian
from network_portal.common.dates import add_working_days, local_day, ru_date, ru_day
from network_portal.common.models import in_force
from network_portal.documents.differences import Change
from network_portal.documents.kinds import canonical, content_sha256
from network_portal.documents.models import Document
from network_portal.documents.selectors import (
    SlotState,
    current_version,
    next_slot,
    signature_slots,
)
from network_portal.documents.signing import signed_by
from network_portal.notices.selectors import Task
from schools import access
from schools.acting import Acting
from schools.enums import (
    AgreementState,
    AmendmentState,
    FundingMode,
    Level,
    ResourceKind,
    Role,
    Side,
    TaughtKind,
)
from schools.models import (
    Agreement,
    AgreementCondition,
    AgreementDuty,
    Amendment,
    Organisation,
)
from schools.terms import (
    CHOICES,
    AgreementTerms,
    AppendixTerms,
    ConditionTerms,
    DutyTerms,
    ResourceTerms,
    changes,
    fingerprint,
    missing,
    read,
)

HOME_SLOT, HOST_SLOT = "home_director", "host_director"
#: The place of who signed the agreement and has another duty now, beside the successor's (rule 5).
FIRST = "_first"
DAYS_TO_SIGN = 5
#: Working days in which a signed agreement must stand on the public page (L-9).
DAYS_TO_PUBLISH = 10
OPEN_AMENDMENT = (AmendmentState.DRAFT, AmendmentState.SIGNING)
SIGNED = AmendmentState.SIGNED
#: Fields of `Agreement` that are terms of their own name.
PLAIN = (
    "date_from", "date_to", "safety", "issued_documents", "funding_norm", "funding_due", "funding_order", "scale",
    "weights", "correction_days", "personal_data", "incident_hours",
)  # fmt: skip
#: Who of the home school may be given the journal to read.
JOURNAL_READERS = (Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR, Role.CURATOR)


@dataclass(frozen=True)
class Status:
    """A state in words, with the tone of its badge."""

    label: str
    tone: str


# --- what is in force -------------------------------------------------------------------------------------------


def agreement_in_force(
    *, home: Organisation | int, host: Organisation | int, on: date, year: int | None = None
) -> Agreement | None:
    """Return the agreement by which the host teaches pupils of the home school on the day `on` (3.2, I-4).

    This is the one place that answers the question; a suspended or ended agreement is not in force, and one that
    covers only the other direction, or other school years, does not help.

    Args:
        home: the school that sends its pupils.
        host: the school that teaches them.
        on: the day.
        year: the school year they are taught in; None asks for the direction alone.
    """
    agreements = Agreement.objects.in_force(on).teaching(home=_pk(home), host=_pk(host), year=year)
    return agreements.select_related("document").order_by("-date_from", "-pk").first()


def agreement_covers(*, home: Organisation, host: Organisation, first: date, last: date) -> bool:
    """Tell whether what the host taught between two days rests on an agreement, so that it may be handed over (3.2).

    An agreement that has ended since still covers the time of its term; nothing is handed over under a suspended one.
    """
    agreements = Agreement.objects.teaching(home=home.pk, host=host.pk).filter(
        state__in=[AgreementState.SIGNED, AgreementState.ENDED], date_from__lte=last, date_to__gte=first
    )
    return agreements.exists()


def stopped_homes(homes: Iterable[int], *, host: int, on: date) -> frozenset[int]:
    """Return the home schools for whose pupils the journal of `host` is closed for a lesson of the day `on` (3.2).

    The agreement was suspended or ended before that day, and no other one is in force then. Lessons of the day of the
    decision and of earlier days may still be filled: what was taught is recorded.
    """
    rows = AgreementCondition.objects.filter(
        home__in=set(homes), host=host, agreement__date_from__lte=on, agreement__date_to__gte=on
    ).values_list("home_id", "agreement__state", "agreement__stopped_on")
    stopped, open_ = set(), set()
    for home, state, stopped_on in rows:
        if state == AgreementState.SIGNED or (stopped_on is not None and on <= stopped_on):
            open_.add(home)
        elif state in (AgreementState.SUSPENDED, AgreementState.ENDED):
            stopped.add(home)
    return frozenset(stopped - open_)


@dataclass(frozen=True)
class Directions:
    """The directions of the agreements in force on one day, loaded at once for many questions."""

    rows: frozenset[tuple[int, int, int, int | None, int | None]]

    def covers(self, *, home: int, host: int, year: int, network: int | None = None) -> bool:
        """Tell whether `host` may teach pupils of `home` in the school year `year`, in any network by default."""
        return any(
            row[:2] == (home, host) and network in (None, row[2]) and (row[3] or year) <= year <= (row[4] or year)
            for row in self.rows
        )


def directions_in_force(on: date, *, homes: Iterable[int]) -> Directions:
    """Return in one query for which pairs of schools and years an agreement is in force on the day `on`.

    Args:
        on: the day.
        homes: the schools that send pupils.
    """
    return _directions(Agreement.objects.in_force(on), homes)


def directions_standing(on: date, *, homes: Iterable[int]) -> Directions:
    """Return for which pairs of schools and years an agreement has not ended by the day `on`: it may be suspended."""
    states = [AgreementState.SIGNED, AgreementState.SUSPENDED]
    return _directions(Agreement.objects.filter(in_force(on), state__in=states), homes)


def _directions(agreements: QuerySet[Agreement], homes: Iterable[int]) -> Directions:
    rows = AgreementCondition.objects.filter(home__in=list(homes), agreement__in=agreements)
    return Directions(
        frozenset(rows.values_list("home_id", "host_id", "agreement__network_id", "year_from", "year_to"))
    )


def taught_by(home_id: int) -> QuerySet[Organisation]:
    """Return the schools that teach, or taught, pupils of the school `home_id` by an agreement that was sent once."""
    rows = AgreementCondition.objects.filter(home=home_id).exclude(agreement__state=AgreementState.DRAFT)
    return Organisation.objects.filter(pk__in=rows.values("host"))


@dataclass(frozen=True)
class AgreedSeats:
    """How many pupils of the home school the host takes in one school year, and on what; equal ones are one number."""

    seats: int
    programme: str = ""
    subject: str = ""

    @property
    def words(self) -> str:
        if self.programme:
            return f"по программе «{self.programme}»"
        return f"по предмету «{self.subject}»" if self.subject else "по всем курсам школы"


def agreed_seats(
    *, home: Organisation | int, host: Organisation | int, year: int, on: date, programme: str = "", subject: str = ""
) -> AgreedSeats | None:
    """Return the seats that the agreements in force set for a course; None when they set no number for it.

    Args:
        home: the school that sends its pupils.
        host: the school that teaches them.
        year: the school year of the course.
        on: the day on which the agreement must be in force.
        programme: the title of the course's programme.
        subject: its subject.
    """
    rows = conditions_in_force(year, on).filter(home=_pk(home), host=_pk(host))
    return seats_by(list(rows), programme=programme, subject=subject)


def conditions_in_force(year: int, on: date) -> QuerySet[AgreementCondition]:
    """Return the conditions of the agreements in force on the day `on` that hold for a school year."""
    return AgreementCondition.objects.covering(year).filter(agreement__in=Agreement.objects.in_force(on))


def seats_by(rows: list[AgreementCondition], *, programme: str, subject: str) -> AgreedSeats | None:
    """Return the seats that the conditions of a pair of schools set for a course.

    The narrowest conditions decide: those that name the programme, else those of its subject, else those without a
    subject, which hold for all other courses of the host together.
    """
    named = [row for row in rows if programme and russian.fold(row.programme) == russian.fold(programme)]
    of_subject = [row for row in rows if subject and russian.fold(row.subject) == russian.fold(subject)]
    general = [row for row in rows if not row.subject]
    for found, scope in (
        (named, "programme"),
        ([row for row in of_subject if row not in named], "subject"),
        (general, ""),
    ):
        if found:
            counts = [row.seats for row in found]
            words = {scope: getattr(found[0], scope)} if scope else {}
            return AgreedSeats(sum(count or 0 for count in counts), **words) if None not in counts else None
    return None


def _pk(school: Organisation | int) -> int:
    return school if isinstance(school, int) else school.pk


# --- terms ------------------------------------------------------------------------------------------------------


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


# --- copies -----------------------------------------------------------------------------------------------------


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


# --- signatures -------------------------------------------------------------------------------------------------


def slot_of(agreement: Agreement, organisation_id: int | None) -> str | None:
    """Return the key of the place where the director of the school signs; None for a school that is no party."""
    return {agreement.home_id: HOME_SLOT, agreement.host_id: HOST_SLOT}.get(organisation_id or 0)


def paper_to_sign(agreement: Agreement) -> Document | None:
    """Return the paper of an agreement that waits for signatures: its protocol of disagreements goes first."""
    if agreement.state != AgreementState.SIGNING:
        return None
    protocol = agreement.protocol
    return protocol if protocol is not None and not protocol.is_registered else agreement.document


def waiting_slot(agreement: Agreement, document: Document | None, acting: Acting) -> SlotState | None:
    """Return the place for a signature whose turn it is, if the acting person is the one to sign there.

    It is the director's, or a deputy's with a power of attorney; under an amendment also that of who signed first.
    """
    own = slot_of(agreement, acting.organisation_id)
    slot = next_slot(document) if document is not None and own is not None else None
    if slot is None or own is None or agreement.document is None:
        return None
    if slot.key == own:
        return slot if access.signs_agreements(acting) else None
    first = signed_by(agreement.document, own) if slot.key == f"{own}{FIRST}" else None
    return slot if first is not None and first.signer_id == acting.user_id else None


def is_partly_signed(agreement: Agreement) -> bool:
    """Tell whether one party has signed the paper of an agreement that waits for the other (3.2)."""
    return (
        agreement.state == AgreementState.SIGNING
        and agreement.document is not None
        and any(slot.signed for slot in signature_slots(agreement.document))
    )


# --- pages ------------------------------------------------------------------------------------------------------


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


# --- what waits -------------------------------------------------------------------------------------------------


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return what agreements wait for: to correct, agree, settle, sign, publish, do (S4-5.8)."""
    if not acting.is_(*access.OFFICE):
        return []
    agreements = list(
        access.agreements_for(acting)
        .exclude(state__in=[AgreementState.ENDED, AgreementState.SUSPENDED])
        .prefetch_related(
            Prefetch("duties", AgreementDuty.objects.filter(done_on=None, due__isnull=False)),
            Prefetch("amendments", Amendment.objects.select_related("document")),
        )
    )
    director = acting.is_(Role.DIRECTOR)
    tasks = []
    for agreement in agreements:
        tasks += _signing_tasks(agreement, acting) if director else _office_tasks(agreement, acting, today)
    return tasks


def _office_tasks(agreement: Agreement, acting: Acting, today: date) -> list[Task]:
    ours = agreement.home_id == acting.organisation_id
    partner = agreement.host if ours else agreement.home
    url = reverse("agreement", args=[agreement.pk])
    state = agreement.state
    tasks = []
    if ours and state == AgreementState.DRAFT and agreement.remarks:
        tasks.append(Task("Исправить договор", f"Возвращён с замечаниями: {partner}", url, "Открыть договор"))
    if not ours and state == AgreementState.REVIEW:
        tasks.append(Task("Согласовать договор", f"Прислала школа {partner}", url, "Прочитать договор"))
    if state == AgreementState.DISPUTED:
        tasks.append(Task("Урегулировать разногласия", f"Договор со школой {partner}", url, "Открыть протокол"))
    if ours and (until := publish_until(agreement)):
        tasks.append(Task("Разместить договор на странице для всех", str(agreement), url, "Разместить", until))
    if state == AgreementState.SIGNED and agreement.date_to >= today:
        side = Side.HOME if ours else Side.HOST
        tasks += [
            Task("Исполнить по договору", f"{duty.what} ({partner})", f"{url}#duties", "Отметить", duty.due)
            for duty in agreement.duties.all()
            if duty.party == side
        ]
    tasks += [
        Task("Исправить дополнительное соглашение", f"Возвращено: {partner}", url, "Открыть договор")
        for amendment in agreement.amendments.all()
        if amendment.prepared_by_id == acting.organisation_id
        and amendment.state == AmendmentState.DRAFT
        and amendment.remarks
    ]
    return tasks


def _signing_tasks(agreement: Agreement, acting: Acting) -> list[Task]:
    url = reverse("agreement", args=[agreement.pk])
    term = f"{agreement}, с {ru_day(agreement.date_from)} по {ru_day(agreement.date_to)}"
    tasks = []
    paper = paper_to_sign(agreement)
    if paper is not None and waiting_slot(agreement, paper, acting):
        what = "Подписать протокол разногласий" if paper == agreement.protocol else "Подписать договор"
        tasks.append(Task(what, term, url, "Прочитать и подписать", _signature_due(agreement, paper)))
    tasks += [
        Task("Подписать дополнительное соглашение", str(agreement), url, "Прочитать и подписать")
        for amendment in agreement.amendments.all()
        if amendment.state == AmendmentState.SIGNING and waiting_slot(agreement, amendment.document, acting)
    ]
    return tasks


def _signature_due(agreement: Agreement, paper: Document) -> date:
    """Return the day the agreement begins; one sent later waits for the usual days of an answer."""
    sent = local_day(paper.created_at, agreement.network.time_zone)
    return max(agreement.date_from, add_working_days(sent, DAYS_TO_SIGN))
