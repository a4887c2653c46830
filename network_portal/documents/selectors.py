"""Reading papers: the version in force, who has signed and who is next, the files.

Nothing here asks who is reading: the app that owns the paper has passed its own gate first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, TextChoices
from django.utils.timezone import localdate

from network_portal.accounts.models import User
from network_portal.common.dates import ru_date, school_year
from network_portal.documents import kinds, rendering
from network_portal.documents.differences import Change, difference
from network_portal.documents.enums import EFFECTIVE, DocumentState, Effect
from network_portal.documents.models import (
    CODE_LETTERS,
    Document,
    DocumentVersion,
    Refusal,
    Signature,
    SigningAgreement,
)


@dataclass(frozen=True)
class SlotState:
    """A place for a signature under the current version; `signed_at` is None while it waits.

    Who signed on paper need have no account: then there is a name and no `signer`.
    """

    key: str
    capacity: str
    signer: User | None
    signer_name: str
    signed_at: datetime | None

    @property
    def signed(self) -> bool:
        return self.signed_at is not None


def current_version(document: Document) -> DocumentVersion:
    """Return the latest version; it is the only one that can be signed or registered."""
    return document.versions.latest("no")


def signature_slots(document: Document) -> list[SlotState]:
    """Return the places for signatures under the current version in their order."""
    return slots_of(current_version(document))


def slots_of(version: DocumentVersion) -> list[SlotState]:
    """Return the places for signatures under a version in their order."""
    signed = {signature.slot: signature for signature in version.signatures.select_related("signer")}
    slots = []
    for slot in version.signers:
        signature = signed.get(slot["key"])
        slots.append(
            SlotState(
                key=slot["key"],
                capacity=slot["capacity"],
                signer=signature.signer if signature else None,
                signer_name=signature.signer_name if signature else "",
                signed_at=signature.signed_at if signature else None,
            )
        )
    return slots


def next_slot(document: Document) -> SlotState | None:
    """Return the place whose turn it is to be signed; None when all are signed, none is asked for, or one refused."""
    return next_slot_of(current_version(document))


def next_slot_of(version: DocumentVersion) -> SlotState | None:
    """Return the same for the current version of a paper."""
    if Refusal.objects.filter(version=version).exists():
        return None
    return next((slot for slot in slots_of(version) if not slot.signed), None)


def turns_of(documents: Collection[Document]) -> dict[int, str]:
    """Return the keys of the places whose turn it is as `next_slot` does, by paper id; three queries for all papers."""
    latest = (
        DocumentVersion.objects.filter(document__in=documents).order_by("document_id", "-no").distinct("document_id")
    )
    versions = list(latest.only("document", "signers"))
    signed = set(Signature.objects.filter(version__in=versions).values_list("version", "slot"))
    refused = set(Refusal.objects.filter(version__in=versions).values_list("version", flat=True))
    turns = {}
    for version in versions:
        waiting = next((slot["key"] for slot in version.signers if (version.pk, slot["key"]) not in signed), None)
        if waiting is not None and version.pk not in refused:
            turns[version.document_id] = waiting
    return turns


def open_version(sha256: str) -> DocumentVersion | None:
    """Return the version with this hash if it can still be signed: the current one of a paper that waits for it."""
    for version in DocumentVersion.objects.filter(sha256=sha256).select_related("document__organisation"):
        if current_version(version.document).pk == version.pk and next_slot_of(version) is not None:
            return version
    return None


def refusal_of(document: Document) -> Refusal | None:
    """Return the refusal that stopped the current version, if there is one."""
    return Refusal.objects.filter(version=current_version(document)).select_related("signer").first()


def signing_agreement_of(user: User) -> SigningAgreement | None:
    """Return the agreement T24 by which `user` may sign electronically now; None when there is none in force (L-10)."""
    return (
        SigningAgreement.objects.filter(user=user, document__state__in=EFFECTIVE)
        .select_related("document")
        .order_by("-checked_at", "-pk")
        .first()
    )


def document_preview_pdf(document: Document) -> bytes:
    """Return the current version of an unregistered paper as a PDF that says «ПРОЕКТ» and has no number."""
    return rendering.render(rendering.page_of(document, current_version(document))).content


def document_of_event(payload: Mapping[str, Any]) -> Document:
    """Return the paper that an event of the outbox is about."""
    return Document.objects.get(pk=payload["document_id"])


# --- the calendar -----------------------------------------------------------------------------------------------


def papers_to_come_into_force(on: date) -> list[Document]:
    """Return the registered papers whose first day of effect has come by `on`."""
    return list(Document.objects.filter(state=DocumentState.REGISTERED, effective_from__lte=on).order_by("pk"))


def papers_to_archive(on: date) -> list[Document]:
    """Return the papers whose work ended in an earlier calendar year than that of `on` (L-6).

    A paper without a last day works until the end of its school year, one of an open-ended kind until it is ended.
    """
    new_year = date(on.year, 1, 1)
    open_ended = [kind.code for kind in kinds.all_kinds() if kind.open_ended]
    ended = Q(state__in=[DocumentState.REPLACED, DocumentState.CANCELLED], ended_on__lt=new_year)
    expired = Q(state__in=EFFECTIVE, effective_to__lt=new_year)
    done = Q(state__in=EFFECTIVE, effective_to=None, registered_on__lt=date(on.year - 1, 9, 1))
    return list(Document.objects.filter(ended | expired | done & ~Q(kind__in=open_ended)).order_by("pk"))


def kept_until(document: Document) -> date | None:
    """Return the last day on which a registered paper must be kept; None while it works without a term, or for ever.

    The term runs from 1 January after the year in which the work ended (L-6).
    """
    kind = kinds.kind_by_code(document.kind)
    over = document.ended_on or document.effective_to
    if over is None and document.registered_on and not kind.open_ended:
        over = date(school_year(document.registered_on) + 1, 8, 31)
    return date(over.year + kind.keep_years, 12, 31) if over and kind.keep_years is not None else None


# --- the history of a paper -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VersionEntry:
    """A version with who prepared it and what it changed; the first one changes nothing."""

    no: int
    created_at: datetime
    created_by: User | None
    sha16: str
    current: bool
    changes: list[Change]
    refusal: Refusal | None


@dataclass(frozen=True)
class PaperHistory:
    """What the page of a paper tells of its way: the versions, newest first, and how it is kept."""

    document: Document
    kind: kinds.Kind
    versions: list[VersionEntry]
    earlier: Document | None
    effect: str
    later: list[Document]
    standard: str
    kept_until: date | None


def history_of(document: Document) -> PaperHistory:
    """Return the history of a paper for those whom its owner's gate has let through."""
    kind = kinds.kind_by_code(document.kind)
    versions = list(document.versions.select_related("created_by", "refusal").order_by("no"))
    entries = [
        VersionEntry(
            no=version.no,
            created_at=version.created_at,
            created_by=version.created_by,
            sha16=version.sha256[:16],
            current=version is versions[-1],
            changes=difference(earlier.content, version.content, kind) if earlier else [],
            refusal=getattr(version, "refusal", None),
        )
        for earlier, version in zip([None, *versions], versions, strict=False)
    ]
    return PaperHistory(
        document=document,
        kind=kind,
        versions=entries[::-1],
        earlier=document.replaces,
        effect=Effect(document.effect).label,
        later=list(document.replacements.filter(number__isnull=False).order_by("pk")),
        standard=kinds.standard_on(document.registered_on or localdate(versions[-1].created_at)).label,
        kept_until=kept_until(document),
    )


# --- the public check -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckedPaper:
    """What the public check page tells of a registered paper: nothing about any person.

    Attributes:
        tone: «good» while it has effect, «warn» when it has no effect yet or any more.
        verdict: the same in a sentence.
        others: the papers that replaced, amended or cancelled it, «…заменён документом» with number and date.
        file_sha256: the hash of the kept file; empty while it is being made.
    """

    title: str
    number: int
    date: date
    organisation: str
    state: str
    tone: str
    verdict: str
    others: list[str]
    file_sha256: str
    content_sha16: str
    check_code: str


# Cyrillic letters that look like the Latin ones of the code, and Latin ones that look like its digits.
_LOOK_ALIKE = str.maketrans("АВСЕНКМРТХОУOIL", "ABCEHKMPTX0Y011")


def normal_code(code: str) -> str | None:
    """Return a check code as it is stored from whatever a person typed; None when it cannot be one."""
    letters = "".join(letter for letter in code.upper().translate(_LOOK_ALIKE) if letter.isalnum())
    if len(letters) != 16 or set(letters) - set(CODE_LETTERS):
        return None
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


_VERDICTS = {
    DocumentState.IN_FORCE: "Документ зарегистрирован и действует.",
    DocumentState.AMENDED: "Документ действует с изменениями.",
    DocumentState.REPLACED: "Документ больше не действует: он заменён другим.",
    DocumentState.CANCELLED: "Документ больше не действует: он аннулирован.",
}
_DONE = {Effect.REPLACES: "Заменён", Effect.AMENDS: "Изменён", Effect.CANCELS: "Отменён"}


def checked_paper(code: str, on: date) -> CheckedPaper | None:
    """Return the registered paper that has the check code `code`, typed in any way; None when there is none.

    Args:
        code: the code as a person typed it or the QR code gave it.
        on: today, for papers with a term.
    """
    document = _registered().filter(check_code=normal_code(code) or "").first()
    if document is None or document.number is None or document.registered_on is None:
        return None
    tone, verdict = _verdict(document, on)
    return CheckedPaper(
        title=_public_title(document),
        number=document.number,
        date=document.registered_on,
        organisation=document.organisation.full_name,
        state=document.get_state_display(),
        tone=tone,
        verdict=verdict,
        others=[
            f"{_DONE[Effect(other.effect)]} документом «{_public_title(other)}» №\u00a0{other.number} "
            f"от {ru_date(other.registered_on)}"
            for other in document.replacements.filter(number__isnull=False).exclude(state=DocumentState.REGISTERED)
        ],
        file_sha256=document.pdf.sha256 if hasattr(document, "pdf") else "",
        content_sha16=current_version(document).sha256[:16],
        check_code=document.check_code,
    )


def code_by_number(*, kind: str, organisation: str, number: int, on: date) -> str | None:
    """Return the check code of the paper that bears these marks; None when there is none, or not exactly one.

    Args:
        kind: the code of its kind.
        organisation: the full or the short name, as it is printed; case, quotes and spaces do not matter.
        number: its number.
        on: its date.
    """
    name = _name_key(organisation)
    found = [
        document.check_code
        for document in _registered().filter(kind=kind, number=number, registered_on=on)
        if name in (_name_key(document.organisation.full_name), _name_key(document.organisation.short_name))
    ]
    return found[0] if len(found) == 1 else None


class FileVerdict(TextChoices):
    """What a file is to the paper that it is compared with."""

    SAME = "same", "Файл совпадает с зарегистрированным документом."
    EARLIER = "earlier", "Это файл более раннего документа, который заменён или изменён этим."
    OTHER = "other", "Это файл другого документа портала."
    CHANGED = "changed", "Файл изменён: он выдан по этому документу, но его содержимое другое."
    UNKNOWN = "unknown", "Файл не совпадает: портал такого файла не выдавал, или он изменён."


@dataclass(frozen=True)
class ComparedFile:
    """The verdict on a file, and the paper that the file belongs to when it is not the one compared with."""

    verdict: FileVerdict
    belongs_to: str = ""

    @property
    def good(self) -> bool:
        return self.verdict == FileVerdict.SAME


def compared_file(code: str, *, sha256: str, printed_code: str) -> ComparedFile:
    """Tell whether a file is the one that the portal keeps for a paper.

    Args:
        code: the check code of the paper.
        sha256: the hash of the file.
        printed_code: the check code found inside the file; it is empty in files that the portal did not make.
    """
    paper = _registered().get(check_code=code)
    owner = _registered().filter(pdf__sha256=sha256).first()
    if owner is None:
        own = normal_code(printed_code) == paper.check_code
        return ComparedFile(FileVerdict.CHANGED if own else FileVerdict.UNKNOWN)
    if owner.pk == paper.pk:
        return ComparedFile(FileVerdict.SAME)
    verdict = FileVerdict.EARLIER if _is_earlier(owner, paper) else FileVerdict.OTHER
    what = f"«{_public_title(owner)}» №\u00a0{owner.number} от {ru_date(owner.registered_on)}"
    return ComparedFile(verdict, f"{what}, {owner.organisation.short_name}")


def code_inside(content: bytes) -> str:
    """Return the check code that a PDF of the portal carries in its metadata; empty when there is none."""
    found = re.search(rb"check-code:([0-9A-Z-]{19})", content)
    return found[1].decode() if found else ""


def _registered() -> QuerySet[Document]:
    return Document.objects.filter(number__isnull=False).select_related("organisation", "pdf").defer("pdf__content")


def _public_title(document: Document) -> str:
    """Return the name of the kind: it names no person, whatever the title of the paper says."""
    return kinds.kind_by_code(document.kind).title


def _verdict(document: Document, on: date) -> tuple[str, str]:
    state = DocumentState(document.state)
    if state == DocumentState.ARCHIVED:
        return "warn", "Документ подлинный, его действие закончено; он сдан в архив."
    if state == DocumentState.REGISTERED:
        return (
            "warn",
            f"Документ зарегистрирован, но ещё не действует: он вступит в силу {ru_date(document.effective_from)}",
        )
    if state in EFFECTIVE and document.effective_to and document.effective_to < on:
        return "warn", f"Документ подлинный, срок его действия закончился {ru_date(document.effective_to)}"
    return ("good" if state in EFFECTIVE else "warn"), _VERDICTS[state]


def _is_earlier(document: Document, than: Document) -> bool:
    earlier = than.replaces
    while earlier is not None:
        if earlier.pk == document.pk:
            return True
        earlier = earlier.replaces
    return False


def _name_key(name: str) -> str:
    """Return a name without what people type differently: case, quotes, spaces, dots, Ё."""
    return "".join(letter for letter in name.casefold().replace("ё", "е") if letter.isalnum())
