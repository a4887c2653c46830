"""School orders signed, returned and read; what a signed one changes."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import EnrolmentState, HomeState, LineAct, OrderState, SchoolOrderKind, Verb
from enrollment.models import Acquaintance, Application, Enrolment, SchoolOrder, SchoolOrderLine, SchoolRequest
from enrollment.services._shared import (
    Named,
    ask_to_read,
    lock_application,
    lock_request,
    move_home,
    tell_family,
    tell_managers,
)
from enrollment.services.leaving import enrolment_end
from enrollment.services.offers import offers_make
from network_portal.common.dates import local_day, ru_date
from network_portal.common.errors import StaleError
from network_portal.common.russian import NBSP
from network_portal.common.states import move
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.services import document_refuse, document_register, document_sign
from schools.acting import Acting
from schools.models import Student
from schools.services.trail import note

HOME_SLOT, HOST_SLOT = "home_director", "host_director"


@transaction.atomic
def school_order_sign(
    *,
    actor: Acting,
    order: SchoolOrder,
    version_sha256: str,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str = "",
) -> SchoolOrder:
    """Sign an order as the director of its school: it is registered and takes effect on each pupil it names.

    Both schools and the families are told in the same transaction; freed seats are offered to the waiting list.

    Raises:
        RuleError: on the field "password" or "code" when that is wrong; a sealed month stands against it.
        StaleError: the order was signed or returned meanwhile, or a pupil's place has changed since it was drafted.
    """
    requests = SchoolRequest.objects.filter(lines__enrolment__order_lines__order=order)
    if order.amends_order is not None:
        requests |= SchoolRequest.objects.filter(orders=order.amends_order)
    for request in requests.distinct().order_by("pk"):
        lock_request(request)
    order = lock_order(order)
    if order.state != OrderState.DRAFT:
        raise StaleError(f"Приказ уже в состоянии «{order.get_state_display()}». Ничего не изменено.")
    on = local_day(at, order.agreement.network.time_zone)
    document_sign(
        document=order.document,
        version_sha256=version_sha256,
        slot=_slot(order),
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
    )
    order.document = document_register(document=order.document, on=on, at=at, actor=actor.user)
    move(order, OrderState.REGISTERED)
    note(Verb.SCHOOL_ORDER_REGISTERED, actor, order, at, number=order.document.number)
    lines = _take_effect(order, actor=actor, at=at)
    url = reverse("school_order", args=[order.pk])
    ask_to_read(order.document, _named_in(order, lines, on), on=on, at=at, url=url)
    for school in (order.home, order.host):
        tell_managers(school, _told(order, lines), url, on=on, at=at)
    freed = NetworkCourse.objects.filter(
        pk__in={line.enrolment.course_id for line in lines if line.act == LineAct.REMOVE}
    )
    for course in freed.order_by("pk"):
        offers_make(actor=None, course=course, at=at)
    return order


@transaction.atomic
def school_order_return(
    *, actor: Acting, order: SchoolOrder, reason: str, version_sha256: str | None = None, at: datetime
) -> SchoolOrder:
    """Return a draft order instead of signing it: the draft ends, nothing changes for the pupils.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: it was signed or returned meanwhile, or has another version.
    """
    order = lock_order(order)
    if order.state != OrderState.DRAFT:
        raise StaleError(f"Приказ уже в состоянии «{order.get_state_display()}». Ничего не изменено.")
    document_refuse(
        document=order.document,
        slot=_slot(order),
        signer=actor.user,
        reason=reason,
        at=at,
        version_sha256=version_sha256,
    )
    move(order, OrderState.CANCELLED)
    note(Verb.SCHOOL_ORDER_CANCELLED, actor, order, at, reason=reason.strip())
    tell_managers(
        order.school,
        f"Директор вернул приказ {order.get_kind_display()}: {reason.strip()}"[:300],
        reverse("school_order", args=[order.pk]),
        on=local_day(at, order.agreement.network.time_zone),
        at=at,
    )
    return order


@transaction.atomic
def order_acquaint(*, actor: Acting, document: Document, at: datetime) -> Acquaintance:
    """Say that the acting person has read a registered order (3.5, T28).

    Raises:
        StaleError: the order does not name the person, or the word was given before.
    """
    asked = Acquaintance.objects.asked_of(actor).select_for_update().filter(document=document).first()
    if asked is None:
        raise StaleError("Вас в этом приказе нет, отметка об ознакомлении не нужна.")
    if asked.seen_at is not None:
        raise StaleError("Вы уже ознакомились с этим приказом.")
    asked.seen_at = at
    asked.save(update_fields=["seen_at"])
    note(Verb.ACQUAINTED, actor, asked.document, at)
    return asked


def _slot(order: SchoolOrder) -> str:
    return HOST_SLOT if order.kind == SchoolOrderKind.HOST_CHANGE else HOME_SLOT


def lock_order(order: SchoolOrder) -> SchoolOrder:
    """Return the locked order with what its services read."""
    return (
        SchoolOrder.objects.select_for_update(of=("self",))
        .select_related(
            "school", "home", "host", "agreement__network", "agreement__document", "document", "responsible__user",
            "curator__user", "amends__responsible__user", "amends__curator__user", "amends_order__group__teacher__user",
        )
        .get(pk=order.pk)
    )  # fmt: skip


def _take_effect(order: SchoolOrder, *, actor: Acting, at: datetime) -> list[SchoolOrderLine]:
    """Lock application, pupil, group, enrolment in this order and do with each pupil what the order says."""
    found = SchoolOrderLine.objects.filter(order=order)
    applications = Application.objects.filter(lines__enrolment__order_lines__order=order).distinct()
    for one in applications.order_by("pk"):
        lock_application(one)
    list(
        Student.objects.select_for_update(no_key=True).filter(pk__in=found.values("enrolment__student")).order_by("pk")
    )
    list(StudyGroup.objects.select_for_update().filter(pk__in=found.values("enrolment__group")).order_by("pk"))
    enrolments = {
        one.pk: one
        for one in Enrolment.objects.select_for_update(of=("self",))
        .filter(pk__in=found.values("enrolment"))
        .select_related("student__school_class__class_teacher__user", "group__course", "course__programme", "home")
        .order_by("pk")
    }
    lines = list(found.select_related("leave", "enrolment__line__application"))
    for line in lines:
        application = line.enrolment.line.application
        line.enrolment = enrolments[line.enrolment_id]
        if line.act == LineAct.ADD:
            _still(line, line.enrolment.home_state == HomeState.PROPOSED)
            move_home(line.enrolment, HomeState.DIRECTED, actor=actor, at=at)
            tell_family(
                application,
                f"Приказ №{NBSP}{order.document.number} школы: ребёнок направлен на курс «{line.enrolment.course}».",
                at=at,
            )
        elif line.act == LineAct.CORRECT:
            _still(line, True)
        else:
            _still(line, True)
            enrolment_end(actor=actor, line=line, by_home=order.school_id == order.home_id, at=at)
            tell_family(
                application,
                f"Приказ №{NBSP}{order.document.number}: ребёнок выбывает с курса «{line.enrolment.course}», "
                f"последний день {ru_date(line.last_day)} Причина: {line.get_reason_display()}.",
                at=at,
            )
    if order.kind == SchoolOrderKind.HOST_CHANGE and order.date_to is not None:
        staying = Enrolment.objects.select_for_update().filter(order=order.amends_order, state=EnrolmentState.ENROLLED)
        for enrolment in staying.order_by("pk"):
            enrolment.date_to = order.date_to
            enrolment.save(update_fields=["date_to"])
    return lines


def _still(line: SchoolOrderLine, home_agrees: bool) -> None:
    if line.enrolment.state != EnrolmentState.ENROLLED or not home_agrees:
        raise StaleError(
            f"{line.enrolment.student.short_name}: состояние уже «{line.enrolment.get_state_display()}», приказ "
            "устарел. Ничего не изменено: верните проект и составьте новый."
        )


def _named_in(order: SchoolOrder, lines: list[SchoolOrderLine], on: date) -> list[Named]:
    """Return whom the order names: responsible, curator and class teachers at home; the teacher at the host."""
    if order.kind == SchoolOrderKind.HOST_CHANGE:
        teacher = order.amends_order.group.teacher if order.amends_order else None
        return [Named(teacher.user, order.host, "сетевой учитель")] if teacher else []
    first = order.amends or order
    named = [
        Named(duty.user, order.home, capacity)
        for duty, capacity in (
            (order.responsible or first.responsible, "ответственный за сетевое взаимодействие"),
            (order.curator or first.curator, "учитель-куратор"),
        )
        if duty is not None
    ]
    for line in lines:
        teacher = line.enrolment.student.school_class.class_teacher
        if teacher is not None and teacher.organisation_id == order.home_id:
            named.append(Named(teacher.user, order.home, "классный руководитель"))
    return named


def _told(order: SchoolOrder, lines: list[SchoolOrderLine]) -> str:
    count = sum(line.act == LineAct.REMOVE for line in lines)
    words = f", выбывает обучающихся: {count}" if count else ""
    return f"{order.school.short_name}: приказ №{NBSP}{order.document.number} {order.get_kind_display()}{words}."
