"""Certificates of learning: prepared, signed by the director, handed out, annulled, given again (S0-8p, T20)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from courses.models import StudyGroup
from gradebook.access.certificates import PREPARERS
from gradebook.certificate_paper import DIRECTOR, CertificatePaper
from gradebook.enums import CertificateResult, CertificateState, Receipt, Verb
from gradebook.models import StudyCertificate
from gradebook.selectors.certificates import CertificateRow, certificate_rows, duplicate_of, paper_of
from gradebook.selectors.months import group_day
from gradebook.services.transfers import people_of
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day, ru_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import Case
from network_portal.common.states import move
from network_portal.documents.kinds import content_of
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import current_version
from network_portal.documents.services import (
    SignerSlot,
    document_cancel,
    document_draft,
    document_refuse,
    document_register,
    document_revise,
    document_sign,
)
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import Role
from schools.models import GuardianLink, PupilAccount

#: Fields that are empty by right in a new certificate.
LATER = ("replaces", "issued_at", "handed_on", "handed_by", "annulled_at", "annulled_by")
#: Who at home is told of an issued or annulled certificate.
TOLD_AT_HOME = (Role.RESPONSIBLE, Role.CURATOR)


@transaction.atomic
def certificates_prepare(
    *, actor: Acting, group: StudyGroup, only: Collection[int] | None = None, at: datetime
) -> list[StudyCertificate]:
    """Prepare the certificates of a group for the director's signature, all that are ready or those named.

    One that the director has returned gets a new version; in place of an annulled one comes another.

    Args:
        actor: the host's deputy director or coordinator.
        group: the group.
        only: enrolment ids; everybody who is ready without them.
        at: the moment.

    Raises:
        RuleError: nobody is ready; or one who is named is not, with what stands in the way.
    """
    group = _lock_group(group.pk)
    rows = certificate_rows(group, today=group_day(group, at), only=only)
    if only is not None and (len(rows) != len(set(only)) or not all(row.ready for row in rows)):
        raise RuleError(_not_ready(rows))
    ready = [row for row in rows if row.ready]
    if not ready:
        raise RuleError("Готовить некому: справки уже подготовлены, или обучение ещё не закончено.")
    prepared = [_prepared(actor, group, row, at) for row in ready]
    _call_director(prepared[0], len(prepared), at)
    return prepared


def _prepared(actor: Acting, group: StudyGroup, row: CertificateRow, at: datetime) -> StudyCertificate:
    paper = paper_of(row, group)
    if row.certificate is None:
        return _new(actor, row.enrolment.pk, group, row.enrolment.home_id, paper, row.annulled, at)
    certificate = _lock(row.certificate.pk)
    document_revise(document=certificate.document, paper=paper, actor=actor.user, at=at)
    move(certificate, CertificateState.PREPARED, result=row.result, prepared_by=actor.user, prepared_at=at)
    _note(Verb.CERTIFICATE_PREPARED, actor, certificate, at)
    return certificate


def _new(
    actor: Acting,
    enrolment_id: int,
    group: StudyGroup,
    home_id: int,
    paper: CertificatePaper,
    replaces: StudyCertificate | None,
    at: datetime,
) -> StudyCertificate:
    host = group.course.programme.host
    earlier: Document | None = replaces.document if replaces and paper.duplicate else None
    certificate = StudyCertificate(
        enrolment_id=enrolment_id,
        host=host,
        home_id=home_id,
        result=CertificateResult(paper.result),
        duplicate=paper.duplicate,
        replaces=replaces,
        prepared_by=actor.user,
        prepared_at=at,
        document=document_draft(
            actor=actor.user,
            organisation=host,
            paper=paper,
            signers=[SignerSlot(DIRECTOR, f"директор {host.in_case(Case.GENITIVE)}")],
            replaces=earlier,
            at=at,
        ),
    )
    clean(certificate, exclude=LATER)
    certificate.save()
    _note(Verb.CERTIFICATE_PREPARED, actor, certificate, at)
    return certificate


def _not_ready(rows: list[CertificateRow]) -> str:
    for row in rows:
        name = row.enrolment.student.short_name
        if row.blockers:
            return f"{name}: справку пока не подготовить: {'; '.join(one.text for one in row.blockers)}."
        if not row.over:
            return f"{name}: обучение ещё идёт, по {ru_day(row.last)}."
        if not row.ready:
            return f"{name}: справка уже подготовлена или выдана. Обновите страницу."
    return "Такого обучающегося в группе нет. Обновите страницу."


@transaction.atomic
def certificate_sign(
    *,
    actor: Acting,
    certificate: StudyCertificate,
    version_sha256: str,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str = "",
) -> StudyCertificate:
    """Sign a certificate: it takes the next number of the register, the family and the home school are told.

    A duplicate replaces the original from now on.

    Raises:
        RuleError: on the field "password" or "code" when that is wrong.
        StaleError: it was returned or signed meanwhile, or the journal says something else by now.
    """
    group = _lock_group(certificate.enrolment.group_id)
    certificate = _lock(certificate.pk)
    if certificate.state != CertificateState.PREPARED:
        raise StaleError(f"Справка уже в состоянии «{certificate.get_state_display()}». Ничего не изменено.")
    on = group_day(group, at)
    if not certificate.duplicate:
        (row,) = certificate_rows(group, today=on, only=[certificate.enrolment_id])
        if row.blockers or content_of(paper_of(row, group)) != current_version(certificate.document).content:
            raise StaleError(
                "Отметки, часы или имя изменились после подготовки справки. Подпись не поставлена: верните справку "
                "с причиной, её подготовят заново."
            )
    document_sign(
        document=certificate.document,
        version_sha256=version_sha256,
        slot=DIRECTOR,
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
    )
    certificate.document = document_register(
        document=certificate.document, on=on, at=at, actor=actor.user, pdf_later=True
    )
    if certificate.duplicate and certificate.replaces:
        move(_lock(certificate.replaces.pk), CertificateState.REPLACED)
    move(certificate, CertificateState.ISSUED, issued_at=at)
    _note(Verb.CERTIFICATE_ISSUED, actor, certificate, at, number=certificate.document.number)
    url = reverse("certificate", args=[certificate.pk])
    words = f"Выдана справка об обучении {certificate.label}: {group.course}"
    notify(_family(certificate, on), f"{words}. Прочитайте её и подтвердите получение", url, at=at)
    notify(people_of(certificate.home, TOLD_AT_HOME, group, at), words, url, at=at)
    return certificate


@transaction.atomic
def certificate_return(
    *, actor: Acting, certificate: StudyCertificate, reason: str, version_sha256: str | None = None, at: datetime
) -> StudyCertificate:
    """Return a certificate instead of signing it; who prepares learns why (3.13).

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: it was signed or returned meanwhile, or has another version.
    """
    group = _lock_group(certificate.enrolment.group_id)
    certificate = _lock(certificate.pk)
    if certificate.state != CertificateState.PREPARED:
        raise StaleError(f"Справка уже в состоянии «{certificate.get_state_display()}». Ничего не изменено.")
    document_refuse(
        document=certificate.document,
        slot=DIRECTOR,
        signer=actor.user,
        reason=reason,
        at=at,
        version_sha256=version_sha256,
    )
    move(certificate, CertificateState.RETURNED)
    _note(Verb.CERTIFICATE_RETURNED, actor, certificate, at, reason=reason.strip())
    text = f"Справка об обучении возвращена без подписи: {reason.strip()}"
    url = reverse("certificate", args=[certificate.pk])
    notify(people_of(certificate.host, PREPARERS, group, at), text, url, at=at)
    return certificate


@transaction.atomic
def certificate_hand_out(
    *, actor: Acting, certificate: StudyCertificate, on: date, received_by: str, at: datetime
) -> StudyCertificate:
    """Write into the issue book that a certificate was handed out against a signature.

    Args:
        actor: the host's deputy director or coordinator.
        certificate: an issued one.
        on: the day.
        received_by: who signed for it.
        at: the moment.

    Raises:
        RuleError: the day is before that of the certificate or has not come; nobody is named.
        StaleError: its receipt is in the book already, or it has ended.
    """
    certificate = _lock_unreceived(certificate)
    if not received_by.strip():
        raise RuleError("Укажите, кто получил справку и расписался.", field="received_by")
    registered = certificate.document.registered_on
    if on > local_day(at, actor.zone) or (registered is not None and on < registered):
        raise RuleError("День выдачи: не раньше даты справки и не позже сегодняшнего.", field="on")
    return _handed(actor, certificate, on, received_by.strip(), Receipt.BOOK, at)


@transaction.atomic
def certificate_receive(*, actor: Acting, certificate: StudyCertificate, at: datetime) -> StudyCertificate:
    """Confirm with the own account that the family has received a certificate.

    Raises:
        StaleError: its receipt is in the book already, or it has ended.
    """
    certificate = _lock_unreceived(certificate)
    who = f"{actor.user.full_name} ({actor.role.label})"
    return _handed(actor, certificate, local_day(at, actor.zone), who, Receipt.ACCOUNT, at)


def _handed(
    actor: Acting, certificate: StudyCertificate, on: date, who: str, receipt: Receipt, at: datetime
) -> StudyCertificate:
    certificate.handed_on, certificate.received_by = on, who[:300]
    certificate.receipt, certificate.handed_by = receipt, actor.user
    certificate.save(update_fields=["handed_on", "received_by", "receipt", "handed_by"])
    verb = Verb.CERTIFICATE_HANDED if receipt == Receipt.BOOK else Verb.CERTIFICATE_RECEIVED
    _note(verb, actor, certificate, at)
    return certificate


@transaction.atomic
def certificate_annul(*, actor: Acting, certificate: StudyCertificate, reason: str, at: datetime) -> StudyCertificate:
    """End a wrong certificate: number and paper stay, the check page says so, another one may be prepared (I-6).

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: it is not signed yet, or has ended.
    """
    if not reason.strip():
        raise RuleError("Укажите, почему справка аннулируется: причину увидит семья.", field="reason")
    group = _lock_group(certificate.enrolment.group_id)
    certificate = _lock(certificate.pk)
    if certificate.state != CertificateState.ISSUED:
        raise StaleError(f"Справка в состоянии «{certificate.get_state_display()}»: аннулировать нечего.")
    move(
        certificate,
        CertificateState.ANNULLED,
        annulled_at=at,
        annulled_by=actor.user,
        annul_reason=reason.strip(),
    )
    document_cancel(document=certificate.document, actor=actor.user, reason=reason, at=at)
    _note(Verb.CERTIFICATE_ANNULLED, actor, certificate, at, reason=reason.strip())
    url = reverse("certificate", args=[certificate.pk])
    words = f"Справка об обучении {certificate.label} аннулирована: {reason.strip()}"
    people = [*_family(certificate, group_day(group, at)), *people_of(certificate.home, TOLD_AT_HOME, group, at)]
    notify(people, words, url, at=at)
    return certificate


@transaction.atomic
def certificate_duplicate(*, actor: Acting, certificate: StudyCertificate, at: datetime) -> StudyCertificate:
    """Prepare a duplicate in place of a lost certificate: the same words, a number of its own.

    A duplicate that the director has returned is prepared once more.

    Raises:
        RuleError: a duplicate waits for the director already.
        StaleError: the certificate is not issued, or has ended.
    """
    group = _lock_group(certificate.enrolment.group_id)
    certificate = _lock(certificate.pk)
    if certificate.state == CertificateState.RETURNED and certificate.duplicate and certificate.replaces:
        paper = duplicate_of(_lock(certificate.replaces.pk))
        document_revise(document=certificate.document, paper=paper, actor=actor.user, at=at)
        move(certificate, CertificateState.PREPARED, prepared_by=actor.user, prepared_at=at)
        _note(Verb.CERTIFICATE_PREPARED, actor, certificate, at)
        made = certificate
    elif certificate.state == CertificateState.ISSUED:
        paper = duplicate_of(certificate)
        made = _new(actor, certificate.enrolment_id, group, certificate.home_id, paper, certificate, at)
    else:
        raise StaleError(f"Справка в состоянии «{certificate.get_state_display()}»: дубликат не готовят.")
    _call_director(made, 1, at)
    return made


# --- parts --------------------------------------------------------------------------------------------------------


def _lock_group(pk: int) -> StudyGroup:
    """Lock the group: two people who prepare its certificates, and final marks, are written one by one."""
    StudyGroup.objects.select_for_update(no_key=True).get(pk=pk)
    return StudyGroup.objects.select_related(
        "course__programme__host", "course__programme__policy", "course__network", "teacher__user"
    ).get(pk=pk)


def _lock(pk: int) -> StudyCertificate:
    locked = StudyCertificate.objects.select_for_update(of=("self",))
    return locked.select_related("host", "home", "document", "enrolment__student", "replaces__document").get(pk=pk)


def _lock_unreceived(certificate: StudyCertificate) -> StudyCertificate:
    certificate = _lock(certificate.pk)
    if certificate.state != CertificateState.ISSUED or certificate.handed_on is not None:
        raise StaleError("Получение уже отмечено, или справка больше не действует. Обновите страницу.")
    return certificate


def _note(verb: Verb, actor: Acting, certificate: StudyCertificate, at: datetime, **changes: object) -> None:
    record(verb, actor=actor.user, organisation=certificate.host, target=certificate, at=at, changes=changes)


def _call_director(certificate: StudyCertificate, count: int, at: datetime) -> None:
    group = certificate.enrolment.group
    text = f"На подпись: справки об обучении ({count}), {group.course}"
    url = reverse("certificate_sign", args=[certificate.pk])
    notify(people_of(certificate.host, (Role.DIRECTOR,), group, at), text, url, at=at)


def _family(certificate: StudyCertificate, on: date) -> list[User]:
    """Return who reads the certificate as the family on the day `on`: guardians, and the pupil with an own account."""
    student = certificate.enrolment.student_id
    links = GuardianLink.objects.valid(on).filter(student=student)
    accounts = PupilAccount.objects.in_force(on).filter(student=student)
    return list(
        User.objects.filter(
            pk__in=[*links.values_list("user", flat=True), *accounts.values_list("user", flat=True)], is_active=True
        )
    )
