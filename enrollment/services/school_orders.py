"""Orders beside that of enrolment: T04 of the home school, and the orders of either school that change others (3.5).

A registered order is never edited: another one, «О внесении изменений», says what is different from now on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from courses.models import NetworkCourse, StudyGroup
from enrollment.documents import change_paper, organise_paper
from enrollment.enums import (
    HOME_REASONS,
    HOST_REASONS,
    EnrolmentState,
    ExitReason,
    HomeState,
    LeaveState,
    LineAct,
    OrderState,
    SchoolOrderKind,
    Verb,
)
from enrollment.models import (
    Acquaintance,
    Application,
    Enrolment,
    LeaveApplication,
    Order,
    SchoolOrder,
    SchoolOrderLine,
    SchoolRequest,
)
from enrollment.selectors.mapping import mappings_of
from enrollment.selectors.school_orders import to_direct
from enrollment.services._shared import (
    Named,
    ask_to_read,
    checked,
    lock_application,
    lock_request,
    move_home,
    tell_family,
    tell_managers,
)
from enrollment.services.leaving import enrolment_end
from enrollment.services.offers import offers_make
from network_portal.audit.services import record
from network_portal.common.dates import local_day, ru_date
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP, Case
from network_portal.common.states import move
from network_portal.documents.enums import Effect
from network_portal.documents.models import Document
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
from schools.models import Duty, Organisation, Student
from schools.selectors import agreement_in_force, staff_of

HOME_SLOT, HOST_SLOT = "home_director", "host_director"


@dataclass(frozen=True)
class Exit:
    """A pupil whom an order takes out of the group."""

    enrolment: Enrolment
    reason: ExitReason
    last_day: date
    words: str = ""


@transaction.atomic
def organise_order_create(
    *,
    actor: Acting,
    host: Organisation,
    year: int,
    responsible: Duty,
    curator: Duty,
    date_from: date,
    date_to: date,
    escort: str = "",
    at: datetime,
) -> SchoolOrder:
    """Draft the home school's order T04 for all its pupils whom `host` has enrolled in a school year (S0-5, S1-4.8a).

    Args:
        actor: a manager of the home school.
        host: the school that teaches.
        year: the school year.
        responsible: a duty of the own school; its holder answers for the network work.
        curator: a duty of the own school.
        date_from: the first day.
        date_to: the last day.
        escort: who goes with the children, in the accusative as it prints; empty when nobody does.
        at: the moment.

    Raises:
        RuleError: there is no agreement in force, nobody to send, a course has no part of the curriculum, somebody
            named is not of the own school, or the order is there already: then it is changed by another one.
    """
    home = actor.organisation
    assert home is not None
    Organisation.objects.select_for_update(no_key=True).get(pk=home.pk)
    on = local_day(at, _zone(home, host, at))
    agreement = agreement_in_force(home=home, host=host, on=on)
    if agreement is None:
        raise RuleError(f"Между {home.short_name} и {host.short_name} нет действующего договора.")
    if date_to < date_from:
        raise RuleError("Дата окончания раньше даты начала.", field="date_to")
    if not {responsible.organisation_id, curator.organisation_id} <= {home.pk}:
        raise RuleError("Ответственного и куратора назначают из сотрудников своей школы.")
    enrolments = list(to_direct(home.pk, host.pk, year))
    _not_in_a_draft(enrolments)
    order = SchoolOrder(
        kind=SchoolOrderKind.ORGANISE,
        school=home,
        home=home,
        host=host,
        agreement=agreement,
        year=year,
        responsible=responsible,
        curator=curator,
        date_from=date_from,
        date_to=date_to,
        escort=escort.strip(),
        created_at=at,
    )
    mappings = mappings_of(home.pk, {enrolment.course_id for enrolment in enrolments})
    order.document = document_draft(
        actor=actor.user,
        organisation=home,
        paper=organise_paper(order, enrolments, mappings),
        signers=[_director_of(home, HOME_SLOT)],
        at=at,
    )
    return _drafted(order, enrolments, [], actor=actor, on=on, at=at)


@transaction.atomic
def home_change_create(
    *,
    actor: Acting,
    order: SchoolOrder,
    added: Iterable[Enrolment] = (),
    exits: Iterable[Exit] = (),
    responsible: Duty | None = None,
    curator: Duty | None = None,
    date_to: date | None = None,
    escort: str = "",
    ground: str = "",
    at: datetime,
) -> SchoolOrder:
    """Draft the home school's order that changes its T04: pupils added or taken off, other people, another term.

    A family's wish to leave is executed by this order alone; the application must be there (lessons 8).

    Args:
        actor: a manager of the home school.
        order: the registered T04.
        added: pupils whom the host has enrolled since.
        exits: pupils who leave, each for a reason of the home school.
        responsible: another responsible person; None keeps the present one.
        curator: another curator.
        date_to: another last day.
        escort: another escort.
        ground: what the order rests on.
        at: the moment.

    Raises:
        RuleError: nothing changes, a pupil is in another draft, a wish has no application, or the reason is the host's.
        StaleError: a pupil is not in the group any more, or is on the list already.
    """
    order = _lock_order(order)
    if order.kind != SchoolOrderKind.ORGANISE or order.state != OrderState.REGISTERED:
        raise StaleError("Изменения вносят в зарегистрированный приказ об организации обучения.")
    leaving = list(exits)
    adding = list(added)
    _not_in_a_draft([*adding, *(one.enrolment for one in leaving)])
    for enrolment in adding:
        if enrolment.home_state != HomeState.PROPOSED or enrolment.state != EnrolmentState.ENROLLED:
            raise StaleError(f"{enrolment.student.short_name}: включить в список нельзя. Обновите страницу.")
        if (enrolment.home_id, enrolment.group.course.programme.host_id) != (order.home_id, order.host_id):
            raise StaleError("Этот обучающийся не относится к изменяемому приказу.")
    rows = [_exit_row(one, HOME_REASONS) for one in leaving]
    change = SchoolOrder(
        kind=SchoolOrderKind.HOME_CHANGE,
        school=order.home,
        home=order.home,
        host=order.host,
        agreement=order.agreement,
        year=order.year,
        amends=order,
        responsible=responsible,
        curator=curator,
        date_to=date_to,
        escort=escort.strip(),
        text=ground.strip() or _ground_of(rows),
        created_at=at,
    )
    change.document = document_draft(
        actor=actor.user,
        organisation=order.home,
        paper=change_paper(change, adding, rows),
        signers=[_director_of(order.home, HOME_SLOT)],
        replaces=order.document,
        effect=Effect.AMENDS,
        at=at,
    )
    on = local_day(at, order.agreement.network.time_zone)
    return _drafted(change, adding, rows, actor=actor, on=on, at=at)


@transaction.atomic
def host_change_create(
    *,
    actor: Acting,
    order: Order,
    exits: Iterable[Exit] = (),
    date_to: date | None = None,
    ground: str = "",
    at: datetime,
) -> SchoolOrder:
    """Draft the host's order that changes its order of enrolment: exclusion for a reason, or another last day.

    Args:
        actor: a manager of the host.
        order: the registered order of enrolment.
        exits: pupils enrolled by it, each with a reason of the host.
        date_to: another last day for everyone enrolled by it.
        ground: what the order rests on.
        at: the moment.

    Raises:
        RuleError: nothing changes, a pupil is in another draft, the reason is the home school's, «иное» has no words.
        StaleError: a pupil is not in the group any more.
    """
    request = lock_request(order.request)
    order = Order.objects.select_related("group__course__programme", "document").get(pk=order.pk)
    if order.state != OrderState.REGISTERED:
        raise StaleError("Изменения вносят в зарегистрированный приказ.")
    leaving = list(exits)
    _not_in_a_draft([one.enrolment for one in leaving])
    if any(one.enrolment.order_id != order.pk for one in leaving):
        raise StaleError("Этот обучающийся зачислен другим приказом.")
    if date_to is not None and not order.date_from <= date_to <= order.group.course.date_to:
        raise RuleError(f"Последний день: с {ru_date(order.date_from)} по {ru_date(order.group.course.date_to)}",
                        field="date_to")  # fmt: skip
    rows = [_exit_row(one, HOST_REASONS) for one in leaving]
    change = SchoolOrder(
        kind=SchoolOrderKind.HOST_CHANGE,
        school=request.host,
        home=request.home,
        host=request.host,
        agreement=request.agreement,
        year=request.year,
        amends_order=order,
        date_to=date_to,
        text=ground.strip() or _ground_of(rows),
        created_at=at,
    )
    change.document = document_draft(
        actor=actor.user,
        organisation=request.host,
        paper=change_paper(change, [], rows),
        signers=[_director_of(request.host, HOST_SLOT)],
        replaces=order.document,
        effect=Effect.AMENDS,
        at=at,
    )
    on = local_day(at, request.agreement.network.time_zone)
    return _drafted(change, [], rows, actor=actor, on=on, at=at)


@transaction.atomic
def correction_create(*, actor: Acting, enrolment: Enrolment, at: datetime) -> SchoolOrder:
    """Draft the order of the actor's school that names a pupil as he is now: name, class and group (3.5).

    The home school changes its T04, the host its order of enrolment.

    Args:
        actor: a manager of either school.
        enrolment: the pupil's place.
        at: the moment.

    Raises:
        RuleError: the pupil is in another draft, or the school has no order to change.
        StaleError: the pupil is not in the group any more.
    """
    _not_in_a_draft([enrolment])
    if enrolment.state != EnrolmentState.ENROLLED or enrolment.order is None:
        raise StaleError(f"{enrolment.student.short_name}: обучающийся больше не числится в группе. Обновите страницу.")
    request = lock_request(enrolment.order.request)
    at_home = actor.organisation_id == enrolment.home_id
    first = None
    if at_home:
        first = SchoolOrder.objects.filter(
            home=request.home,
            host=request.host,
            year=request.year,
            kind=SchoolOrderKind.ORGANISE,
            state=OrderState.REGISTERED,
        ).first()
        if first is None:
            raise RuleError("У школы ещё нет приказа об организации обучения: подготовьте его, он назовёт всех.")
    change = SchoolOrder(
        kind=SchoolOrderKind.HOME_CHANGE if at_home else SchoolOrderKind.HOST_CHANGE,
        school=request.home if at_home else request.host,
        home=request.home,
        host=request.host,
        agreement=request.agreement,
        year=request.year,
        amends=first,
        amends_order=None if at_home else enrolment.order,
        text="уточнение сведений об обучающемся",
        created_at=at,
    )
    amended = first.document if first else enrolment.order.document
    change.document = document_draft(
        actor=actor.user,
        organisation=change.school,
        paper=change_paper(change, [], [], [enrolment]),
        signers=[_director_of(change.school, HOME_SLOT if at_home else HOST_SLOT)],
        replaces=amended,
        effect=Effect.AMENDS,
        at=at,
    )
    on = local_day(at, request.agreement.network.time_zone)
    row = SchoolOrderLine(enrolment=enrolment, act=LineAct.CORRECT)
    return _drafted(change, [], [row], actor=actor, on=on, at=at)


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
    order = _lock_order(order)
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
    record(
        Verb.SCHOOL_ORDER_REGISTERED,
        actor=actor.user,
        organisation=actor.organisation,
        target=order,
        at=at,
        changes={"number": order.document.number},
    )
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
    order = _lock_order(order)
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
    record(
        Verb.SCHOOL_ORDER_CANCELLED,
        actor=actor.user,
        organisation=actor.organisation,
        target=order,
        at=at,
        changes={"reason": reason.strip()},
    )
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
    record(Verb.ACQUAINTED, actor=actor.user, organisation=actor.organisation, target=asked.document, at=at)
    return asked


# --- parts --------------------------------------------------------------------------------------------------------


def _zone(home: Organisation, host: Organisation, at: datetime) -> str:
    agreement = agreement_in_force(home=home, host=host, on=at.date())
    return agreement.network.time_zone if agreement else "Europe/Moscow"


def _director_of(school: Organisation, slot: str) -> SignerSlot:
    return SignerSlot(slot, f"директор {school.in_case(Case.GENITIVE)}")


def _slot(order: SchoolOrder) -> str:
    return HOST_SLOT if order.kind == SchoolOrderKind.HOST_CHANGE else HOME_SLOT


def _lock_order(order: SchoolOrder) -> SchoolOrder:
    return (
        SchoolOrder.objects.select_for_update(of=("self",))
        .select_related(
            "school", "home", "host", "agreement__network", "agreement__document", "document", "responsible__user",
            "curator__user", "amends__responsible__user", "amends__curator__user", "amends_order__group__teacher__user",
        )
        .get(pk=order.pk)
    )  # fmt: skip


def _not_in_a_draft(enrolments: Iterable[Enrolment]) -> None:
    drafted = SchoolOrderLine.objects.filter(
        order__state=OrderState.DRAFT, enrolment__in=[one.pk for one in enrolments]
    ).select_related("enrolment__student")
    if names := sorted({line.enrolment.student.short_name for line in drafted}):
        raise RuleError(
            f"{', '.join(names)}: уже есть проект приказа, он ждёт подписи директора. Подпишите его или верните."
        )


def _exit_row(one: Exit, reasons: tuple[ExitReason, ...]) -> SchoolOrderLine:
    enrolment, name = one.enrolment, one.enrolment.student.short_name
    if one.reason not in reasons:
        raise RuleError(
            "По заявлению семьи обучающегося отчисляет только его школа, а принимающая школа отчисляет только своим "
            "приказом с причиной из списка.",
            field="reason",
        )
    if enrolment.state != EnrolmentState.ENROLLED:
        raise StaleError(f"{name}: состояние уже «{enrolment.get_state_display()}». Обновите страницу.")
    if one.reason == ExitReason.OTHER and not one.words.strip():
        raise RuleError("Укажите причину отчисления словами.", field="words")
    leave = None
    if one.reason == ExitReason.WISH:
        leave = LeaveApplication.objects.filter(enrolment=enrolment, state=LeaveState.REGISTERED).first()
        if leave is None:
            raise RuleError(
                f"{name}: нет поданного заявления семьи об отчислении из группы. Без него приказ не издают."
            )
    return SchoolOrderLine(
        enrolment=enrolment,
        act=LineAct.REMOVE,
        reason=one.reason,
        words=one.words.strip(),
        last_day=one.last_day,
        leave=leave,
    )


def _ground_of(rows: list[SchoolOrderLine]) -> str:
    return ", ".join(dict.fromkeys(str(ExitReason(row.reason).label) for row in rows))


def _drafted(
    order: SchoolOrder, added: list[Enrolment], rows: list[SchoolOrderLine], *, actor: Acting, on: date, at: datetime
) -> SchoolOrder:
    checked(order).save()
    adding = [SchoolOrderLine(enrolment=enrolment, act=LineAct.ADD) for enrolment in added]
    for line in [*adding, *rows]:
        line.order = order
        checked(line).save()
    record(
        Verb.SCHOOL_ORDER_DRAFTED,
        actor=actor.user,
        organisation=actor.organisation,
        target=order,
        at=at,
        changes={"added": [one.enrolment_id for one in adding], "removed": [one.enrolment_id for one in rows]},
    )
    notify(
        staff_of(order.school, DutyKind.DIRECTOR, on=on),
        f"На подпись: приказ {order.get_kind_display()}.",
        reverse("school_order_sign", args=[order.pk]),
        at=at,
    )
    return order


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
