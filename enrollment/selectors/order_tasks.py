"""What of orders, exits and contracts waits for a person: rows of the home page, derived from states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from enrollment.access import MANAGERS, contract_slot, contracts_for, requests_for, school_orders_for
from enrollment.enums import ContractState, OrderState, RequestState
from enrollment.selectors.leaving import leaves_to_execute, reviews_of
from enrollment.selectors.mapping import unmapped_courses
from enrollment.selectors.requests import contracts_of
from enrollment.selectors.school_orders import hosts_to_order, page_of, unread_of
from network_portal.common.dates import school_year_label
from network_portal.documents.selectors import next_slot
from network_portal.notices.selectors import Task
from schools.acting import Acting, acting_choices
from schools.enums import Role


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return what waits for the acting person on the day `today`."""
    tasks: list[Task] = []
    if acting.organisation_id is not None:
        tasks += _to_read(acting)
    if acting.is_(*MANAGERS):
        tasks += _of_home(acting, today)
        tasks += _contracts_to_draft(acting)
    if acting.is_(Role.DIRECTOR):
        tasks += _to_sign(acting)
    if acting.is_(Role.DIRECTOR, Role.PARENT):
        tasks += _contracts_to_sign(acting)
    return tasks


def _to_read(acting: Acting) -> Iterator[Task]:
    """A person with several duties at a school is asked once, in the first of them."""
    unread = list(unread_of(acting))
    if not unread:
        return
    choices = acting_choices(acting.user, acting.on)
    own = next((one for one in choices if one.organisation_id == acting.organisation_id), acting)
    if own.key != acting.key:
        return
    for asked in unread:
        page = page_of(acting, asked.document)
        if page is not None:
            yield Task(
                "Ознакомиться с приказом",
                f"№\u00a0{asked.document.number}, {asked.capacity}",
                reverse(page[0], args=[page[1]]),
                "Прочитать",
                asked.due,
            )


def _of_home(acting: Acting, today: date) -> Iterator[Task]:
    lists = requests_for(acting).filter(home=acting.organisation_id)
    for request in lists.filter(state__in=[RequestState.DRAFT, RequestState.SIGNING, RequestState.SIGNED]):
        for course in unmapped_courses(request):
            yield Task(
                "Сопоставить курс с учебным планом",
                f"{course.programme.title}, список в {request.host.short_name}",
                reverse("mapping", args=[course.pk]),
                "Сопоставить",
            )
    for request in lists.filter(state=RequestState.SENT, answer_due__lt=today):
        yield Task(
            "Принимающая школа не ответила в срок",
            request.host.short_name,
            reverse("request", args=[request.pk]),
            "Открыть заявку",
            request.answer_due,
        )
    for row in hosts_to_order(acting.organisation_id or 0):
        if row.draft is not None or (row.main is not None and row.main.state != OrderState.REGISTERED):
            continue
        url = (
            reverse("school_order_change", args=[row.main.pk])
            if row.main
            else reverse("school_order_create", args=[row.host.pk, row.year])
        )
        yield Task(
            "Подготовить приказ об организации обучения" if row.main is None else "Внести зачисленных в приказ",
            f"{row.host.short_name}, {school_year_label(row.year)}",
            url,
            "Подготовить",
        )
    for leave in leaves_to_execute(acting):
        yield Task(
            "Исполнить заявление о выходе из группы",
            f"{leave.enrolment.student.short_name}, {leave.enrolment.course}",
            reverse("leaving_list"),
            "Подготовить приказ",
            leave.last_day,
        )
    for enrolment in reviews_of(acting):
        yield Task(
            "Решить вопрос о зачислении",
            f"{enrolment.student.short_name}: {enrolment.get_review_display()}",
            reverse("leaving_list"),
            "Решить",
            enrolment.review_due,
        )


def _to_sign(acting: Acting) -> Iterator[Task]:
    for order in school_orders_for(acting).filter(school=acting.organisation_id, state=OrderState.DRAFT):
        other = order.host if order.school_id == order.home_id else order.home
        yield Task(
            f"Подписать приказ {order.get_kind_display()}",
            other.short_name,
            reverse("school_order_sign", args=[order.pk]),
            "Подписать",
        )


def _contracts_to_draft(acting: Acting) -> Iterator[Task]:
    received = requests_for(acting).filter(
        host=acting.organisation_id,
        agreement__network__tripartite=True,
        state__in=[RequestState.SENT, RequestState.ANSWERED],
    )
    for request in received:
        if any(contract is None for _, contract in contracts_of(request)):
            yield Task(
                "Составить трёхсторонние договоры",
                request.home.short_name,
                reverse("request", args=[request.pk]),
                "Составить",
            )


def _contracts_to_sign(acting: Acting) -> Iterator[Task]:
    for contract in contracts_for(acting).filter(state=ContractState.SIGNING):
        slot = next_slot(contract.document)
        if slot is not None and slot.key == contract_slot(acting, contract):
            yield Task(
                "Подписать трёхсторонний договор",
                f"{contract.line.application.student.short_name}, {contract.line.course}",
                reverse("contract_sign", args=[contract.pk]),
                "Подписать",
            )
