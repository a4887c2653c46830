"""By what a person signs agreements for the school, and who signs amendments (S1-2.1, T06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.dates import ru_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import Case
from network_portal.documents.models import Document
from network_portal.documents.services import SignerSlot
from network_portal.documents.signing import signed_by
from schools.acting import Acting
from schools.agreements import FIRST, HOME_SLOT, HOST_SLOT
from schools.enums import BasisKind, DutyKind, Role, Verb
from schools.models import Agreement, Duty, Organisation, SigningBasis
from schools.selectors import director_of


@dataclass(frozen=True)
class Authority:
    """In what capacity and by what a person signs for the school on a day."""

    capacity: str
    basis: str


def authority_of(acting: Acting, on: date) -> Authority:
    """Return by what the acting person signs agreements for the school on the day `on`.

    Raises:
        RuleError: a power of attorney is not in force yet, has expired or was withdrawn; a deputy has none.
    """
    assert acting.duty is not None
    return _authority(acting.duty, acting.capacity, on)


def authority_on_paper(school: Organisation, signer: User, on: date) -> Authority:
    """Return by what a person who has an account signed for `school` by hand on the day `on`.

    Raises:
        RuleError: on the field "signer": on that day the person was neither the director nor a deputy; otherwise as of
            `authority_of`.
    """
    duties = Duty.objects.in_force(on).filter(
        organisation=school, user=signer, kind__in=(DutyKind.DIRECTOR, DutyKind.DEPUTY)
    )
    # The director's duty first: by it one signs without a power of attorney.
    duty = next(iter(sorted(duties, key=lambda duty: duty.kind != DutyKind.DIRECTOR)), None)
    if duty is None:
        raise RuleError(
            f"На {ru_day(on)} {signer.short_name} не вправе подписывать за школу: проверьте дату.", field="signer"
        )
    return _authority(duty, f"{Role(duty.kind).label} {school.in_case(Case.GENITIVE)}", on)


def _authority(duty: Duty, capacity: str, on: date) -> Authority:
    bases = list(SigningBasis.objects.filter(duty=duty).order_by("-issued_on", "-pk"))
    valid = next((basis for basis in bases if _valid(basis, on)), None)
    if valid is not None:
        return Authority(capacity, str(valid))
    if not bases and duty.kind == DutyKind.DIRECTOR:
        return Authority(capacity, f"на основании {BasisKind.CHARTER.label}а")
    if not bases:
        raise RuleError("Договор подписывает директор или тот, кому он выдал доверенность.")
    raise RuleError(
        f"Основание подписи не действует: {_why_not(bases[0], on)}. Попросите директора внести новую доверенность "
        "в разделе «Полномочия»."
    )


def signatories_of(school: Organisation, on: date) -> list[User]:
    """Return who may sign agreements for `school` on the day `on`: the director, and deputies by power of attorney."""
    director = director_of(school, on)
    found = [director.user] if director else []
    powers = SigningBasis.objects.filter(
        duty__in=Duty.objects.in_force(on).filter(organisation=school, kind=DutyKind.DEPUTY)
    ).select_related("duty__user")
    found += [basis.duty.user for basis in powers if _valid(basis, on)]
    return list({user.pk: user for user in found}.values())


def signatories_in(agreement: Agreement, slot: str, on: date) -> list[User]:
    """Return who may sign in a place under a paper of the agreement; whoever signed it first has a place alone."""
    own = slot.removesuffix(FIRST)
    if own == slot:
        return signatories_of(agreement.home if own == HOME_SLOT else agreement.host, on)
    first = signed_by(agreement.document, own) if agreement.document else None
    return [first.signer] if first is not None and first.signer is not None else []


@transaction.atomic
def basis_enter(
    *, actor: Acting, duty: Duty, kind: BasisKind, number: str, issued_on: date, valid_until: date | None, at: datetime
) -> SigningBasis:
    """Enter by what a director or a deputy of the director's school signs.

    Args:
        actor: the director of the school.
        duty: the director's own duty, or a deputy's.
        kind: the charter, or a power of attorney.
        number: of the power of attorney.
        issued_on: its date; for the charter the day from which the person acts by it.
        valid_until: its last day.
        at: the moment.

    Raises:
        RuleError: the charter gives a deputy no right; a power of attorney lacks its number or its term.
    """
    duty = Duty.objects.select_for_update(of=("self",)).select_related("user", "organisation").get(pk=duty.pk)
    if kind == BasisKind.CHARTER and duty.kind != DutyKind.DIRECTOR:
        raise RuleError("По уставу школу представляет директор. Заместителю нужна доверенность.", field="kind")
    if kind == BasisKind.POWER and valid_until is None:
        raise RuleError("Укажите, по какой день действует доверенность.", field="valid_until")
    if kind == BasisKind.POWER and not number.strip():
        raise RuleError("Укажите номер доверенности.", field="number")
    basis = SigningBasis(
        duty=duty, kind=kind, number=number.strip(), issued_on=issued_on, valid_until=valid_until, ended_on=None
    )
    clean(basis, exclude=["valid_until", "ended_on"])
    basis.save()
    record(
        Verb.BASIS_ENTERED,
        actor=actor.user,
        organisation=duty.organisation,
        target=duty,
        at=at,
        changes={"basis": str(basis)},
    )
    return basis


@transaction.atomic
def basis_end(*, actor: Acting, basis: SigningBasis, on: date, at: datetime) -> SigningBasis:
    """Withdraw a basis: from the day `on` the person does not sign by it any more.

    Raises:
        StaleError: it was withdrawn already.
    """
    basis = SigningBasis.objects.select_for_update(of=("self",)).select_related("duty__organisation").get(pk=basis.pk)
    if basis.ended_on is not None:
        raise StaleError("Основание уже прекращено. Обновите страницу.")
    basis.ended_on = on
    basis.save(update_fields=["ended_on"])
    record(
        Verb.BASIS_ENDED,
        actor=actor.user,
        organisation=basis.duty.organisation,
        target=basis.duty,
        at=at,
        changes={"basis": str(basis)},
    )
    return basis


def amendment_signers(agreement: Agreement, on: date) -> list[SignerSlot]:
    """Return the places for signatures under an amendment: the original signatories, and whoever replaced one.

    The capacity names who signed the agreement. Who signed it and may still sign for the school does so alone; who
    still works there in another duty signs beside the successor; who left is named in the successor's place.

    Args:
        agreement: a signed agreement with its paper.
        on: the day of the amendment.
    """
    assert agreement.document is not None
    places: list[SignerSlot] = []
    for slot, school in ((HOME_SLOT, agreement.home), (HOST_SLOT, agreement.host)):
        places += _places(agreement.document, slot, school, on)
    return places


def _places(document: Document, slot: str, school: Organisation, on: date) -> list[SignerSlot]:
    school_name = school.in_case(Case.GENITIVE)
    new = f"{Role.DIRECTOR.label} {school_name}"
    original = signed_by(document, slot)
    if original is None or original.signer in signatories_of(school, on):
        return [SignerSlot(slot, new)]
    first = SignerSlot(f"{slot}{FIRST}", f"подписавший договор: {original.capacity}, {original.signer_name}")
    works_here = Duty.objects.in_force(on).filter(organisation=school, user=original.signer).exists()
    if original.signer is not None and works_here:
        return [first, SignerSlot(slot, new)]
    return [SignerSlot(slot, f"{new} (договор подписан: {original.signer_name})")]


def _valid(basis: SigningBasis, on: date) -> bool:
    until = basis.valid_until is None or on <= basis.valid_until
    return basis.issued_on <= on and until and (basis.ended_on is None or on < basis.ended_on)


def _why_not(basis: SigningBasis, on: date) -> str:
    name = f"доверенность №\u00a0{basis.number}"
    if basis.ended_on is not None and basis.ended_on <= on:
        return f"{name} отменена {basis.ended_on:%d.%m.%Y}"
    if basis.issued_on > on:
        return f"{name} начнёт действовать {basis.issued_on:%d.%m.%Y}"
    return f"{name} истекла {basis.valid_until:%d.%m.%Y}"
