"""A family's wish that the pupil leave the group: a paper of its own; the home school executes it by its order."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse

from enrollment.documents import asker_of, leave_paper
from enrollment.enums import EnrolmentState, LeaveState, Verb
from enrollment.models import Enrolment, LeaveApplication
from enrollment.services._shared import checked, tell_family, tell_managers
from enrollment.services.consents import SLOT
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents.kinds import content_of, content_sha256
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import current_version
from network_portal.documents.services import (
    SignerSlot,
    document_draft,
    document_register,
    document_revise,
    document_sign,
)
from network_portal.documents.uploads import Upload
from schools.acting import Acting
from schools.services.trail import note


@transaction.atomic
def leave_prepare(
    *, actor: Acting, enrolment: Enrolment, last_day: date, reason: str, at: datetime
) -> LeaveApplication:
    """Make the paper by which the family asks that the pupil leave the group, or its next version.

    Args:
        actor: a guardian of the child.
        enrolment: a place taken by an order.
        last_day: the last day of lessons that the family wishes.
        reason: optional.
        at: the moment.

    Raises:
        RuleError: the pupil is not enrolled, such an application was submitted already, the day does not fit.
    """
    leave = _draft(actor, enrolment, actor.user, last_day, reason, local_day(at, actor.zone), at)
    record(Verb.LEAVE_DRAFTED, actor=actor.user, organisation=None, target=leave, at=at)
    return leave


@transaction.atomic
def leave_register_paper(
    *, actor: Acting, enrolment: Enrolment, last_day: date, reason: str, scan: Upload, signed_on: date, at: datetime
) -> LeaveApplication:
    """Register the scan of a family's paper that the pupil leave the group: for those who do not sign on the portal.

    Args:
        actor: the clerk of the home school.
        enrolment: a place taken by an order, of a family without an account or of a pupil who is of age.
        last_day: the last day of lessons, as the paper says.
        reason: optional.
        scan: the signed paper, looked at.
        signed_on: the date beside the signature.
        at: the moment of registering.

    Raises:
        RuleError: the pupil is not enrolled, a day does not fit.
        StaleError: such an application was submitted already.
    """
    on = local_day(at, actor.zone)
    if signed_on > on:
        raise RuleError("Этот день ещё не наступил.", field="signed_on")
    # The paper came into being on the day of its signature: no version of it may be younger.
    written_at = datetime.combine(signed_on, time.min, ZoneInfo(actor.zone))
    leave = _draft(actor, enrolment, None, last_day, reason, on, written_at)
    assert leave.document is not None
    document_sign(
        document=leave.document,
        version_sha256=current_version(leave.document).sha256,
        slot=SLOT,
        signer=actor.user,
        proof=SignedElsewhere(
            signer_name=asker_of(leave.enrolment.line.application, on).person.full_name,
            signed_on=signed_on,
            file=scan,
            sealed=True,
        ),
        at=at,
    )
    return _register(leave, actor, on, at)


@transaction.atomic
def leave_submit(
    *, actor: Acting, leave: LeaveApplication, version_sha256: str, proof: Proof, at: datetime, ip: str = ""
) -> LeaveApplication:
    """Sign and register the application; the home school is told, and both guardians are.

    Raises:
        StaleError: it was submitted or withdrawn meanwhile, or has changed since it was read.
        RuleError: on the field "password" or "code" when that is wrong.
    """
    leave = _lock(leave)
    if leave.state != LeaveState.DRAFT or leave.document is None:
        raise StaleError(f"Это заявление сейчас в состоянии «{leave.get_state_display()}». Ничего не изменено.")
    on = local_day(at, actor.zone)
    document_sign(
        document=leave.document,
        version_sha256=version_sha256,
        slot=SLOT,
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
    )
    return _register(leave, actor, on, at)


def _draft(
    actor: Acting, enrolment: Enrolment, guardian: User | None, last_day: date, reason: str, on: date, at: datetime
) -> LeaveApplication:
    """Return the wish to leave a group as a draft with its paper; `guardian` is None when it comes on paper."""
    enrolment = Enrolment.objects.select_for_update(of=("self",)).select_related("course").get(pk=enrolment.pk)
    if enrolment.state != EnrolmentState.ENROLLED:
        raise RuleError("Ребёнок не зачислен в эту группу. До зачисления отзывают само заявление.")
    if not on <= last_day <= enrolment.course.date_to:
        raise RuleError("Последний день занятий: не раньше сегодняшнего и не позже конца курса.", field="last_day")
    leave = LeaveApplication.objects.filter(
        enrolment=enrolment, state__in=[LeaveState.DRAFT, LeaveState.REGISTERED]
    ).first()
    if leave is None:
        leave = LeaveApplication(enrolment=enrolment, created_at=at)
    elif leave.state == LeaveState.REGISTERED:
        raise StaleError("Заявление об отчислении из этой группы уже подано. Школа рассматривает его.")
    leave.guardian, leave.last_day, leave.reason = guardian, last_day, reason.strip()
    paper = leave_paper(leave, on)
    slots = [SignerSlot(SLOT, f"заявитель ({paper.kinship})")]
    if leave.document is None:
        leave.document = document_draft(
            actor=actor.user, organisation=enrolment.home, paper=paper, signers=slots, at=at
        )
    elif current_version(leave.document).sha256 != content_sha256(content_of(paper)):
        document_revise(document=leave.document, paper=paper, actor=actor.user, signers=slots, at=at)
    checked(leave).save()
    return leave


def _register(leave: LeaveApplication, actor: Acting, on: date, at: datetime) -> LeaveApplication:
    """Give a signed wish its number; tell the school and the family."""
    assert leave.document is not None
    document = document_register(document=leave.document, on=on, at=at, actor=actor.user)
    move(leave, LeaveState.REGISTERED, registered_at=at, document=document)
    note(Verb.LEAVE_SUBMITTED, actor, leave, at, number=document.number)
    application = leave.enrolment.line.application
    tell_managers(
        leave.enrolment.home,
        f"Подано заявление об отчислении из группы №\N{NO-BREAK SPACE}{document.number}. Исполните его приказом.",
        reverse("leave", args=[leave.pk]),
        on=on,
        at=at,
    )
    tell_family(application, "Подано заявление об отчислении из группы: его исполнит школа", at=at)
    return leave


@transaction.atomic
def leave_withdraw(*, actor: Acting, leave: LeaveApplication, at: datetime) -> LeaveApplication:
    """Take the application back while the school has not executed it; StaleError when it has."""
    leave = _lock(leave)
    submitted = leave.state == LeaveState.REGISTERED
    move(leave, LeaveState.WITHDRAWN)
    record(Verb.LEAVE_WITHDRAWN, actor=actor.user, organisation=None, target=leave, at=at)
    if submitted:
        tell_managers(
            leave.enrolment.home,
            "Семья отозвала заявление об отчислении из группы.",
            reverse("leave", args=[leave.pk]),
            on=local_day(at, actor.zone),
            at=at,
        )
    return leave


def _lock(leave: LeaveApplication) -> LeaveApplication:
    return (
        LeaveApplication.objects.select_for_update(of=("self",))
        .select_related("enrolment__home", "enrolment__line__application__student", "document", "guardian")
        .get(pk=leave.pk)
    )
