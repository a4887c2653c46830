"""The host director's order that enrols the accepted pupils of a list in a group (3.5, S0-4p, T05)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from courses.models import StudyGroup
from enrollment.documents import HOST_DEPUTY, order_paper
from enrollment.enums import ApplicationState, EnrolmentState, OrderState, Verb
from enrollment.models import Application, Enrolment, Order, SchoolRequest
from enrollment.selectors.conditions import enrolment_conditions, evidence_for, failed
from enrollment.selectors.people import holder_of
from enrollment.selectors.seats import beyond_agreed
from enrollment.services._shared import (
    Named,
    ask_to_read,
    checked,
    legal_day,
    lock_application,
    lock_request,
    move_host,
    request_follows,
    tell_family,
    tell_managers,
)
from network_portal.common.dates import ru_date
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP, Case, plural
from network_portal.common.states import move
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.services import (
    SignerSlot,
    document_draft,
    document_refuse,
    document_register,
    document_sign,
)
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import DutyKind
from schools.selectors import staff_of
from schools.services.trail import note

SLOT = "host_director"


@transaction.atomic
def order_create(
    *,
    actor: Acting,
    request: SchoolRequest,
    group: StudyGroup,
    date_from: date,
    date_to: date,
    at: datetime,
) -> Order:
    """Draft the order for the booked places of a list in one group.

    Args:
        actor: the host's manager.
        request: the list.
        group: a group of the host.
        date_from: the first day of study; the course's by default on the page.
        date_to: the last day.
        at: the moment.

    Raises:
        RuleError: nobody is booked there, the dates leave the course's, or a condition of a pupil is not met.
    """
    request = lock_request(request)
    group = StudyGroup.objects.select_related("course__programme__host", "teacher__user").get(pk=group.pk)
    on = legal_day(request, at)
    if date_to < date_from:
        raise RuleError("Дата окончания раньше даты начала.", field="date_to")
    if not group.course.date_from <= date_from <= group.course.date_to:
        raise RuleError(_outside(group), field="date_from")
    if date_to > group.course.date_to:
        raise RuleError(_outside(group), field="date_to")
    if (group.enrol_from and date_from < group.enrol_from) or (group.enrol_to and date_from > group.enrol_to):
        raise RuleError(_not_enrolling(group), field="date_from")
    enrolments = list(
        Enrolment.objects.select_for_update(of=("self",))
        .filter(line__request=request, group=group, state=EnrolmentState.BOOKED, order=None)
        .select_related("student__school_class", "line__application__home", "course__programme")
    )
    if Order.objects.filter(request=request, group=group, state=OrderState.DRAFT).exists():
        raise StaleError("Проект приказа по этой заявке и группе уже есть. Откройте его.")
    order = Order(request=request, group=group, date_from=date_from, date_to=date_to, created_at=at)
    paper = order_paper(order, enrolments, on)
    _conditions_hold(enrolments, request, None, on)
    order.document = document_draft(
        actor=actor.user,
        organisation=request.host,
        paper=paper,
        signers=[SignerSlot(SLOT, f"директор {request.host.in_case(Case.GENITIVE)}")],
        at=at,
    )
    checked(order).save()
    for enrolment in enrolments:
        enrolment.order = order
        enrolment.save(update_fields=["order"])
    note(Verb.ORDER_DRAFTED, actor, order, at, enrolments=[enrolment.pk for enrolment in enrolments])
    notify(
        staff_of(request.host, DutyKind.DIRECTOR, on=on),
        f"На подпись: приказ о зачислении в группу {group.name}.",
        reverse("order_sign", args=[order.pk]),
        at=at,
    )
    return order


@transaction.atomic
def order_sign(
    *, actor: Acting, order: Order, version_sha256: str, proof: Proof | SignedElsewhere, at: datetime, ip: str = ""
) -> Order:
    """Sign the order as the host's director: it is registered and enrols the pupils (I-4).

    They stay in the home school (I-1).

    Raises:
        RuleError: a condition of a pupil is not met; on the field "password" or "code" when that is wrong.
        StaleError: it was signed or cancelled meanwhile, or has another version.
    """
    request = lock_request(order.request)
    applications = list(Application.objects.select_for_update().filter(lines__enrolment__order=order).order_by("pk"))
    order = (
        Order.objects.select_for_update(of=("self",))
        .select_related("group__course", "group__teacher__user", "document", "request__host")
        .get(pk=order.pk)
    )
    if order.state != OrderState.DRAFT:
        raise StaleError(f"Приказ уже в состоянии «{order.get_state_display()}». Ничего не изменено.")
    on = legal_day(request, at)
    document_sign(
        document=order.document,
        version_sha256=version_sha256,
        slot=SLOT,
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
    )
    order.document = document_register(document=order.document, on=on, at=at, actor=actor.user)
    move(order, OrderState.REGISTERED)
    enrolments = list(
        Enrolment.objects.select_for_update(of=("self",))
        .filter(order=order, state=EnrolmentState.BOOKED)
        .select_related("student__school_class", "course__programme__host", "line__application__home")
    )
    _conditions_hold(enrolments, request, order, on)
    for enrolment in enrolments:
        move_host(
            enrolment, EnrolmentState.ENROLLED, actor=actor, at=at, date_from=order.date_from, date_to=order.date_to
        )
        note(Verb.STUDENT_ENROLLED, actor, enrolment, at, order=order.pk)
    for application in applications:
        application = lock_application(application)
        move(application, ApplicationState.PLACED)
        tell_family(
            application,
            f"Приказ №{NBSP}{order.document.number}: ребёнок зачислен на курс «{order.group.course}» "
            f"с {ru_date(order.date_from)}",
            at=at,
        )
    note(Verb.ORDER_REGISTERED, actor, order, at, number=order.document.number)
    ask_to_read(order.document, _named_in(order, on), on=on, at=at, url=reverse("order", args=[order.pk]))
    request_follows(request, actor=actor, at=at)
    count = len(enrolments)
    text = (
        f"{request.host.short_name}: приказ №{NBSP}{order.document.number} о зачислении, "
        f"{count}{NBSP}{plural(count, 'обучающийся,обучающихся,обучающихся')}."
    )
    for organisation in (request.home, request.host):
        tell_managers(organisation, text, reverse("order", args=[order.pk]), on=on, at=at)
    return order


@transaction.atomic
def order_return(*, actor: Acting, order: Order, reason: str, version_sha256: str | None = None, at: datetime) -> Order:
    """Return a draft order instead of signing it: the draft ends, the places stay booked and wait for a new one.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: it was signed or cancelled meanwhile, or has another version.
    """
    request = lock_request(order.request)
    order = Order.objects.select_for_update(of=("self",)).select_related("group", "document").get(pk=order.pk)
    if order.state != OrderState.DRAFT:
        raise StaleError(f"Приказ уже в состоянии «{order.get_state_display()}». Ничего не изменено.")
    document_refuse(
        document=order.document,
        slot=SLOT,
        signer=actor.user,
        reason=reason,
        at=at,
        version_sha256=version_sha256,
    )
    move(order, OrderState.CANCELLED)
    for enrolment in Enrolment.objects.select_for_update().filter(order=order):
        enrolment.order = None
        enrolment.save(update_fields=["order"])
    note(Verb.ORDER_CANCELLED, actor, order, at, reason=reason.strip())
    tell_managers(
        request.host,
        f"Директор вернул приказ о зачислении в группу {order.group.name}: {reason.strip()}"[:300],
        reverse("request", args=[request.pk]),
        on=legal_day(request, at),
        at=at,
    )
    return order


def _named_in(order: Order, on: date) -> list[Named]:
    """Return whom the order of enrolment names: the network teacher, and who tells the home school."""
    host = order.request.host
    notifier = holder_of(host, HOST_DEPUTY, on)
    named = [Named(order.group.teacher.user, host, "сетевой учитель")] if order.group.teacher else []
    return [*named, Named(notifier, host, "уведомляет школу обучающихся")] if notifier else named


def _outside(group: StudyGroup) -> str:
    return (
        f"Даты выходят за срок курса: с {ru_date(group.course.date_from)} по {ru_date(group.course.date_to)} "
        "Выберите даты внутри этого срока."
    )


def _not_enrolling(group: StudyGroup) -> str:
    ends = [
        f"с {ru_date(group.enrol_from)}" if group.enrol_from else "",
        f"по {ru_date(group.enrol_to)}" if group.enrol_to else "",
    ]
    return f"В группу {group.name} зачисляют {' '.join(filter(None, ends))} Выберите день внутри этого срока."


def _conditions_hold(enrolments: list[Enrolment], request: SchoolRequest, order: Order | None, on: date) -> None:
    evidence = evidence_for([enrolment.line.application for enrolment in enrolments], on)
    against = [
        f"{enrolment.student.short_name}: {reasons}"
        for enrolment in enrolments
        if (
            reasons := failed(
                enrolment_conditions(
                    application=enrolment.line.application,
                    course=enrolment.course,
                    evidence=evidence,
                    request=request,
                    order=order,
                    enrolling=True,
                )
            )
        )
    ]
    beyond = beyond_agreed(
        home=request.home,
        host=request.host,
        wanted=[enrolment.course for enrolment in enrolments if enrolment.state == EnrolmentState.BOOKED],
        on=on,
        booked=False,
    )
    if beyond:
        raise RuleError(" ".join(["Зачислить нельзя.", *beyond]))
    if against:
        raise RuleError(
            " ".join(
                ["Зачислить нельзя.", *against, "Снимите бронь с этой строки отказом с причиной или дождитесь семьи."]
            )
        )
