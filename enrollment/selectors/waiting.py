"""What of enrolment waits for a person: rows of the home page, derived from states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.urls import reverse

from courses.enums import GroupState
from courses.models import StudyGroup
from enrollment.access import (
    ALLOCATORS,
    MANAGERS,
    allocations_for,
    applications_for,
    calls_for,
    offers_for,
    orders_for,
    requests_for,
)
from enrollment.enums import AllocationState, ApplicationState, EnrolmentState, OrderState, RequestState
from enrollment.models import Enrolment, SchoolRequest, SeatOffer
from enrollment.selectors.allocation import approval_of, to_answer
from enrollment.selectors.groups import opening_of
from enrollment.selectors.requests import hosts_to_ask
from network_portal.common.dates import school_year_label
from network_portal.common.russian import NBSP, plural
from network_portal.notices.selectors import Task
from schools.acting import Acting
from schools.enums import Role
from schools.models import SCHOOL_STAFF


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return what waits for the acting person on the day `today`."""
    tasks: list[Task] = []
    if acting.is_(Role.PARENT):
        tasks += _parent(acting, today)
        tasks += _offers(acting)
    if acting.is_(*SCHOOL_STAFF):
        tasks += _applications(acting)
    if acting.is_(*MANAGERS):
        tasks += _calls(acting)
        tasks += _lists_of_home(acting, today)
        tasks += _lists_of_host(acting)
    if acting.is_(Role.DIRECTOR):
        tasks += _signatures(acting)
    if acting.is_(Role.DIRECTOR, *ALLOCATORS):
        tasks += _allocations(acting)
    if acting.is_(Role.DEPUTY, Role.COORDINATOR):
        tasks += _groups_to_open(acting, today)
    return tasks


def _parent(acting: Acting, today: date) -> Iterator[Task]:
    own = applications_for(acting).filter(guardian=acting.user_id)
    for application in own.filter(state=ApplicationState.RETURNED):
        yield Task(
            "Исправить заявление",
            f"{application.student.short_name}: {application.reason}",
            reverse("application", args=[application.pk]),
            "Исправить",
        )
    drafts = own.filter(state=ApplicationState.DRAFT).prefetch_related("choices__course__network")
    for application in drafts:
        ends = [_last_day(choice.course.applications_until, choice.course.network.time_zone)
                for choice in application.choices.all()]  # fmt: skip
        open_ends = [day for day in ends if day >= today]
        yield Task(
            "Закончить и подписать заявление",
            application.student.short_name,
            reverse("application_courses", args=[application.pk]),
            "Продолжить",
            min(open_ends, default=None),
        )


def _last_day(until: datetime, zone: str) -> date:
    """Return the last day of a window whose end `until` does not belong to it."""
    local = until.astimezone(ZoneInfo(zone))
    return local.date() - timedelta(days=local.time() == time.min)


def _applications(acting: Acting) -> Iterator[Task]:
    waiting = applications_for(acting).filter(state=ApplicationState.REGISTERED)
    if acting.is_(Role.DIRECTOR):
        return
    for application in waiting[:20]:
        yield Task(
            "Рассмотреть заявление",
            f"{application.student.short_name}, {application.student.school_class}",
            reverse("application", args=[application.pk]),
            "Рассмотреть",
        )


def _calls(acting: Acting) -> Iterator[Task]:
    """Families without an account get nothing by themselves: somebody calls them."""
    for call in calls_for(acting).filter(told_at=None)[:20]:
        yield Task(
            "Сообщить семье",
            f"{call.application.student.short_name}: {call.text}",
            reverse("application", args=[call.application_id]),
            "Сообщить",
        )


def _lists_of_home(acting: Acting, today: date) -> Iterator[Task]:
    assert acting.organisation_id is not None
    for row in hosts_to_ask(acting.organisation_id, today):
        yield Task(
            "Включить в список принятые заявления",
            f"{row.host.short_name}: {row.waiting}{NBSP}{plural(row.waiting, 'заявление,заявления,заявлений')}",
            reverse("request", args=[row.draft.pk]) if row.draft else reverse("request_create"),
            "Составить список",
        )
    signed = requests_for(acting).filter(home=acting.organisation_id, state=RequestState.SIGNED)
    for request in signed:
        yield Task(
            "Направить подписанную заявку",
            request.host.short_name,
            reverse("request", args=[request.pk]),
            "Направить",
        )


def _lists_of_host(acting: Acting) -> Iterator[Task]:
    received = requests_for(acting).filter(host=acting.organisation_id)
    for request in received.filter(state=RequestState.SENT):
        yield Task(
            "Ответить на заявку школы",
            request.home.short_name,
            reverse("request", args=[request.pk]),
            "Рассмотреть",
            request.answer_due,
        )
    uncovered = Enrolment.objects.filter(state=EnrolmentState.BOOKED, order=None).values("line__request")
    for request in received.filter(state__in=[RequestState.ANSWERED, RequestState.CLOSED], pk__in=uncovered):
        yield Task(
            "Подготовить приказ о зачислении",
            f"по заявке {request.home.short_name}",
            reverse("request", args=[request.pk]),
            "Подготовить",
        )


def _signatures(acting: Acting) -> Iterator[Task]:
    lists = SchoolRequest.objects.filter(home=acting.organisation_id, state=RequestState.SIGNING)
    for request in lists.select_related("host"):
        yield Task(
            "Подписать заявку школы",
            f"в {request.host.short_name}",
            reverse("request_sign", args=[request.pk]),
            "Подписать",
        )
    orders = orders_for(acting).filter(request__host=acting.organisation_id, state=OrderState.DRAFT)
    for order in orders:
        yield Task(
            "Подписать приказ о зачислении",
            f"группа {order.group.name}, {order.request.home.short_name}",
            reverse("order_sign", args=[order.pk]),
            "Подписать",
        )


def _groups_to_open(acting: Acting, today: date) -> Iterator[Task]:
    forming = (
        StudyGroup.objects.visible_to(acting)
        .filter(state=GroupState.FORMING)
        .select_related("course__programme", "teacher")
        .annotate(enrolled=Count("enrolments", filter=Q(enrolments__state=EnrolmentState.ENROLLED)))
        .filter(enrolled__gt=0)
    )
    for group in forming:
        if opening_of(group, today).ready:
            yield Task(
                "Открыть группу",
                f"{group.name}, {group.course}",
                reverse("group", args=[group.pk]),
                "Открыть",
            )


def _offers(acting: Acting) -> Iterator[Task]:
    for offer in offers_for(acting).filter(pk__in=SeatOffer.objects.open()):
        assert offer.expires_at is not None
        ends = offer.expires_at.astimezone(ZoneInfo(offer.line.request.agreement.network.time_zone))
        yield Task(
            "Ответить о свободном месте",
            f"{offer.line.application.student.short_name}: {offer.line.course}, до {ends:%H:%M}",
            reverse("application", args=[offer.line.application_id]),
            "Ответить",
            ends.date(),
        )


def _allocations(acting: Acting) -> Iterator[Task]:
    runs = allocations_for(acting)
    for run in runs.filter(state=AllocationState.DRAFT):
        approval = approval_of(run, acting)
        if approval.may_confirm or approval.may_record:
            yield Task(
                "Подтвердить распределение" if approval.may_confirm else "Записать решение о распределении",
                f"{run.network.name}, {school_year_label(run.year)}",
                reverse("allocation", args=[run.pk]),
                "Прочитать",
            )
    if not acting.is_(*ALLOCATORS):
        return
    for run in runs.filter(state=AllocationState.APPROVED):
        count = to_answer(run, acting.organisation_id).count()
        if count:
            yield Task(
                "Ответить по распределению",
                f"{count}{NBSP}{plural(count, 'строка,строки,строк')} заявок",
                reverse("allocation", args=[run.pk]),
                "Ответить",
            )
