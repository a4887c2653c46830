"""Objections to lines of a transfer, requests to correct a sealed month, and the corrections К1, К2… (3.8, 3.9)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from courses.models import StudyGroup
from enrollment.models import Enrolment
from enrollment.selectors.people import guardians_of
from gradebook import access
from gradebook.enums import CorrectionState, DisputeState, LessonState, TransferState, Verb
from gradebook.models import Correction, CorrectionCell, Lesson, MonthlyTransfer, PortalMessage, TransferDispute
from gradebook.package import Change, as_rows, changes
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.transfers import package_of
from gradebook.services.transfers import lock_transfer, people_of, put_into_the_register, said_in
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.dates import add_working_days, month_label, ru_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.documents.kinds import canonical
from network_portal.notices.services import notify
from network_portal.outbox import services as outbox
from schools.acting import Acting
from schools.enums import Role
from schools.models import Organisation

Cells = Iterable[tuple[int, int]]


# --- objections ---------------------------------------------------------------------------------------------------


@transaction.atomic
def disputes_raise(
    *,
    actor: Acting | None,
    transfer: MonthlyTransfer,
    reasons: Mapping[int, str],
    message: PortalMessage | None = None,
    at: datetime,
) -> list[TransferDispute]:
    """Object to single lines of a transfer; the others are not in doubt (3.9).

    Args:
        actor: the home school's curator or another one who answers for it; None for its own portal.
        transfer: delivered and not acknowledged.
        reasons: by enrolment id, what is wrong in the pupil's line.
        message: in which that portal has objected.
        at: the moment; the host answers within the term that runs from it.

    Raises:
        RuleError: no line, a line without a reason, or one that the transfer does not have.
        StaleError: the transfer is acknowledged, corrected, or the line is disputed already.
    """
    transfer = lock_transfer(transfer.pk)
    if not reasons:
        raise RuleError("Отметьте строку, с которой школа не согласна.")
    if not all(reason.strip() for reason in reasons.values()):
        raise RuleError("Напишите, что в строке неверно: по этому принимающая школа проверит запись.", field="reason")
    lines = {line["enrolment"] for line in json.loads(transfer.payload)["lines"]}
    if not lines.issuperset(reasons):
        raise RuleError("В ведомости нет такой строки.")
    open_states = (DisputeState.OPEN, DisputeState.ACCEPTED)
    if transfer.disputes.filter(enrolment__in=reasons, state__in=open_states).exists():
        raise StaleError("По этой строке возражение уже отправлено. Обновите страницу.")
    user, due = actor.user if actor else None, _due(transfer.group, at)
    raised = []
    for enrolment, reason in reasons.items():
        dispute = TransferDispute(
            transfer=transfer,
            enrolment_id=enrolment,
            reason=reason.strip(),
            raised_at=at,
            raised_by=user,
            raised_in=message,
            due_on=due,
        )
        dispute.full_clean(exclude=["raised_by", "raised_in", "answered_by", "answered_at"])
        dispute.save()
        verb = Verb.DISPUTE_RAISED_THERE if message else Verb.DISPUTE_RAISED
        record(verb, actor=user, organisation=transfer.home, target=dispute, at=at, changes=said_in(message))
        raised.append(dispute)
    if transfer.state != TransferState.DISPUTED:
        move(transfer, TransferState.DISPUTED)
    text = f"{transfer.home}: возражения по ведомости {transfer.label}, строк: {len(raised)}. Ответить до {ru_day(due)}"
    _tell(transfer.host, access.SEALERS, transfer, text, at)
    return raised


@transaction.atomic
def dispute_reject(*, actor: Acting, dispute: TransferDispute, answer: str, at: datetime) -> TransferDispute:
    """Answer an objection: the line is right (3.9).

    Raises:
        RuleError: on the field "answer" when there is no reason.
        StaleError: the objection is answered already.
    """
    transfer = lock_transfer(dispute.transfer_id)
    dispute = TransferDispute.objects.select_for_update().get(pk=dispute.pk)
    if not answer.strip():
        raise RuleError("Напишите, почему запись верна: ответ прочтёт школа обучающегося.", field="answer")
    move(dispute, DisputeState.REJECTED, answer=answer.strip(), answered_at=at, answered_by=actor.user)
    record(Verb.DISPUTE_REJECTED, actor=actor.user, organisation=transfer.host, target=dispute, at=at)
    if dispute.raised_in_id is not None:
        outbox.emit(
            topic="dispute.answer", key=f"dispute:{dispute.pk}:answer", payload={"dispute_id": dispute.pk}, at=at
        )
    _all_answered(transfer, at)
    return dispute


@transaction.atomic
def dispute_accept(*, actor: Acting, dispute: TransferDispute, at: datetime) -> Correction:
    """Answer an objection: the line is opened for the teacher, and a correction of the transfer follows (3.9).

    Raises:
        StaleError: the objection is answered already.
    """
    transfer = lock_transfer(dispute.transfer_id)
    dispute = TransferDispute.objects.select_for_update().get(pk=dispute.pk)
    move(dispute, DisputeState.ACCEPTED, answered_at=at, answered_by=actor.user)
    record(Verb.DISPUTE_ACCEPTED, actor=actor.user, organisation=transfer.host, target=dispute, at=at)
    lessons = Lesson.objects.filter(
        group=transfer.group, date__range=Month(transfer.year, transfer.month).days, state=LessonState.HELD
    )
    correction = _correction(
        actor,
        transfer,
        [(pk, dispute.enrolment_id) for pk in lessons.values_list("pk", flat=True)],
        f"Возражение школы: {dispute.reason}"[:1000],
        at,
        dispute=dispute,
    )
    return _open_cells(actor, correction, at)


def _all_answered(transfer: MonthlyTransfer, at: datetime) -> None:
    """After the last answer the home school acknowledges, unless something is being corrected."""
    waiting = transfer.disputes.filter(state__in=[DisputeState.OPEN, DisputeState.ACCEPTED])
    if transfer.state != TransferState.DISPUTED or waiting.exists():
        return
    move(transfer, TransferState.REVIEWED, due_on=_due(transfer.group, at))
    text = f"{transfer.host}: возражения по ведомости {transfer.label} рассмотрены и отклонены, ответы в ведомости"
    _tell(transfer.home, access.RECEIVERS, transfer, text, at)


# --- requests to correct ------------------------------------------------------------------------------------------


@transaction.atomic
def correction_request(
    *, actor: Acting, transfer: MonthlyTransfer, cells: Cells, reason: str, at: datetime
) -> Correction:
    """Ask to write named cells of a sealed month once more (3.8).

    Args:
        actor: the group's teacher.
        transfer: the last version of the month's transfer.
        cells: pairs of lesson id and enrolment id; lessons held in the month, pupils of the transfer.
        reason: what is to be corrected and why.
        at: the moment; the deputy director decides within the term that runs from it.

    Raises:
        RuleError: no reason, no cell, or a cell that the transfer does not have.
        StaleError: the transfer was corrected by a newer one.
    """
    transfer = lock_transfer(transfer.pk)
    correction = _correction(actor, transfer, cells, reason, at)
    record(Verb.CORRECTION_REQUESTED, actor=actor.user, organisation=transfer.host, target=correction, at=at)
    text = f"{actor.user.short_name} просит исправить записи ведомости {transfer.label}, {_about(transfer)}"
    _tell(transfer.host, (Role.DEPUTY,), transfer, text, at)
    return correction


@transaction.atomic
def correction_approve(*, actor: Acting, correction: Correction, at: datetime) -> Correction:
    """Open the named cells: only they may be written, until the correction is sealed (3.8).

    Raises:
        StaleError: it is decided on already, or the transfer was corrected by a newer one.
    """
    correction = _lock(correction)
    _still_last(correction.transfer)
    return _open_cells(actor, correction, at)


@transaction.atomic
def correction_refuse(*, actor: Acting, correction: Correction, reason: str, at: datetime) -> Correction:
    """Refuse to correct.

    Raises:
        RuleError: on the field "decision" when there is no reason.
        StaleError: it is decided on already.
    """
    correction = _lock(correction)
    if not reason.strip():
        raise RuleError("Напишите учителю, почему запись не исправляется.", field="decision")
    move(correction, CorrectionState.REFUSED, decision=reason.strip(), decided_at=at, decided_by=actor.user)
    record(Verb.CORRECTION_REFUSED, actor=actor.user, organisation=correction.transfer.host, target=correction, at=at)
    text = f"Исправление ведомости {correction.transfer.label} отклонено: {reason.strip()}"
    notify([correction.requested_by], text, _url(correction.transfer), at=at)
    return correction


@transaction.atomic
def correction_close(*, actor: Acting, correction: Correction, at: datetime) -> Correction:
    """Close opened cells without a correction, as long as nothing was written in them.

    An objection that was accepted by it waits for an answer again.

    Raises:
        RuleError: a cell has changed: the change must be sealed.
        StaleError: the correction is not open.
    """
    correction = _lock(correction)
    transfer = correction.transfer
    if correction.state == CorrectionState.APPROVED and _changed(transfer):
        raise RuleError("Записи уже изменены. Запечатайте исправление, чтобы школа обучающихся его получила.")
    move(correction, CorrectionState.CLOSED)
    record(Verb.CORRECTION_CLOSED, actor=actor.user, organisation=transfer.host, target=correction, at=at)
    if correction.dispute is not None:
        move(correction.dispute, DisputeState.OPEN)
    return correction


def _correction(
    actor: Acting,
    transfer: MonthlyTransfer,
    cells: Cells,
    reason: str,
    at: datetime,
    dispute: TransferDispute | None = None,
) -> Correction:
    _still_last(transfer)
    if not reason.strip():
        raise RuleError("Напишите, что нужно исправить и почему.", field="reason")
    wanted = set(cells)
    content = json.loads(transfer.payload)
    held = {lesson["id"] for lesson in content["lessons"]["held"]}
    lines = {line["enrolment"] for line in content["lines"]}
    if not wanted:
        raise RuleError("Отметьте хотя бы одно занятие.", field="lessons")
    if not all(lesson in held and enrolment in lines for lesson, enrolment in wanted):
        raise RuleError("В ведомости нет такой записи.")
    correction = Correction(
        transfer=transfer,
        dispute=dispute,
        reason=reason.strip(),
        requested_at=at,
        requested_by=actor.user,
        due_on=_due(transfer.group, at),
    )
    correction.full_clean(exclude=["dispute", "decided_by", "decided_at", "result"])
    correction.save()
    CorrectionCell.objects.bulk_create(
        CorrectionCell(correction=correction, lesson_id=lesson, enrolment_id=enrolment)
        for lesson, enrolment in sorted(wanted)
    )
    return correction


def _open_cells(actor: Acting, correction: Correction, at: datetime) -> Correction:
    transfer = correction.transfer
    move(correction, CorrectionState.APPROVED, decided_at=at, decided_by=actor.user)
    record(Verb.CORRECTION_APPROVED, actor=actor.user, organisation=transfer.host, target=correction, at=at)
    teacher = transfer.group.teacher
    text = f"Записи ведомости {transfer.label} открыты для исправления, {_about(transfer)}"
    if teacher is not None:
        notify([teacher.user], text, reverse("correction", args=[correction.pk]), at=at)
    return correction


# --- the correction itself ----------------------------------------------------------------------------------------


@transaction.atomic
def transfer_correct(*, actor: Acting, transfer: MonthlyTransfer, at: datetime) -> MonthlyTransfer:
    """Seal the corrected month as the next version; the version before stays as it was (3.9, I-6).

    All open corrections of the transfer are done by it, and objections that they answer are settled.

    Args:
        actor: the host's coordinator or deputy director.
        transfer: the last version.
        at: the moment of the seal.

    Returns:
        The new version, on its way to the home school.

    Raises:
        RuleError: nothing is open or nothing has changed, or an objection waits for an answer.
        StaleError: the transfer was corrected by a newer one.
    """
    StudyGroup.objects.select_for_update().get(pk=transfer.group_id)
    transfer = lock_transfer(transfer.pk)
    _still_last(transfer)
    opened = list(
        Correction.objects.select_for_update(of=("self",))
        .filter(transfer=transfer, state=CorrectionState.APPROVED)
        .select_related("dispute")
    )
    if not opened:
        raise RuleError("Для исправления ничего не открыто: сначала одобрите запрос учителя или примите возражение.")
    if transfer.disputes.filter(state=DisputeState.OPEN).exists():
        raise RuleError("Сначала ответьте на остальные возражения школы.")
    package, found = _changed_package(transfer)
    if not found:
        raise RuleError("Открытые записи ещё не изменены: исправлять нечего.")
    package["correction"] = {
        "version": transfer.version + 1,
        "number": transfer.document.number,
        "date": transfer.document.registered_on,
        "sha256": transfer.sha256,
        "basis": "; ".join(dict.fromkeys(one.reason for one in opened)),
        "changes": as_rows(found),
    }
    new = put_into_the_register(actor=actor, package=package, group=transfer.group, corrects=transfer, at=at)
    move(transfer, TransferState.CORRECTED)
    record(
        Verb.TRANSFER_CORRECTED,
        actor=actor.user,
        organisation=transfer.host,
        target=transfer,
        at=at,
        changes={"by": new.pk},
    )
    for correction in opened:
        move(correction, CorrectionState.DONE, result=new)
        if correction.dispute is not None:
            move(correction.dispute, DisputeState.CORRECTED)
    _tell_families(new, found, at)
    return new


def _changed_package(transfer: MonthlyTransfer) -> tuple[dict[str, object], list[Change]]:
    """Return the month as the journal has it now, and what differs from the sealed one."""
    package = package_of(transfer.group, transfer.home, Month(transfer.year, transfer.month))
    return package, changes(json.loads(transfer.payload), json.loads(canonical(package)))


def _changed(transfer: MonthlyTransfer) -> list[Change]:
    return _changed_package(transfer)[1]


def _tell_families(transfer: MonthlyTransfer, found: list[Change], at: datetime) -> None:
    """Tell the representatives of each pupil whose record was corrected; the page shows both dates."""
    day = group_day(transfer.group, at)
    touched = Enrolment.objects.filter(pk__in={change.enrolment for change in found})
    people: list[User] = [user for one in touched for user in guardians_of(one.student_id, day)]
    text = f"Исправлена запись в журнале: {transfer.group.course}, {month_label(transfer.year, transfer.month)}"
    notify(people, text, _url(transfer), at=at)


def _still_last(transfer: MonthlyTransfer) -> None:
    if transfer.state == TransferState.CORRECTED:
        raise StaleError("Эту ведомость уже исправила новая. Откройте последнюю.")
    if transfer.state == TransferState.SEALED:
        raise RuleError("Ведомость ещё отправляется. Подождите доставки и повторите.")


def _due(group: StudyGroup, at: datetime) -> date:
    return add_working_days(group_day(group, at), settings.TRANSFER_ANSWER_DAYS)


def _about(transfer: MonthlyTransfer) -> str:
    return f"{transfer.group}, {month_label(transfer.year, transfer.month)}"


def _url(transfer: MonthlyTransfer) -> str:
    return reverse("transfer", args=[transfer.pk])


def _tell(school: Organisation, roles: tuple[Role, ...], transfer: MonthlyTransfer, text: str, at: datetime) -> None:
    notify(people_of(school, roles, transfer.group, at), text, _url(transfer), at=at)


def _lock(correction: Correction) -> Correction:
    """Return the correction with its row and its transfer's locked."""
    transfer = lock_transfer(correction.transfer_id)
    correction = (
        Correction.objects.select_for_update(of=("self",))
        .select_related("dispute", "requested_by")
        .get(pk=correction.pk)
    )
    correction.transfer = transfer
    return correction
