"""School orders drafted: T04 that organises, the orders that change it or T05, the correction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

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
from enrollment.models import Enrolment, LeaveApplication, Order, SchoolOrder, SchoolOrderLine
from enrollment.selectors.mapping import mappings_of
from enrollment.selectors.school_orders import to_direct
from enrollment.services._shared import checked, lock_request
from enrollment.services.school_orders.signing import HOME_SLOT, HOST_SLOT, lock_order
from network_portal.common.dates import local_day, ru_date
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import Case
from network_portal.documents.enums import Effect
from network_portal.documents.services import SignerSlot, document_draft
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import Duty, Organisation
from schools.selectors import agreement_in_force, staff_of
from schools.services.trail import note


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
    order = lock_order(order)
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


def _zone(home: Organisation, host: Organisation, at: datetime) -> str:
    agreement = agreement_in_force(home=home, host=host, on=at.date())
    return agreement.network.time_zone if agreement else "Europe/Moscow"


def _director_of(school: Organisation, slot: str) -> SignerSlot:
    return SignerSlot(slot, f"директор {school.in_case(Case.GENITIVE)}")


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
    note(
        Verb.SCHOOL_ORDER_DRAFTED,
        actor,
        order,
        at,
        added=[one.enrolment_id for one in adding],
        removed=[one.enrolment_id for one in rows],
    )
    notify(
        staff_of(order.school, DutyKind.DIRECTOR, on=on),
        f"На подпись: приказ {order.get_kind_display()}.",
        reverse("school_order_sign", args=[order.pk]),
        at=at,
    )
    return order
