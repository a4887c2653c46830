"""What waits for a person in journals and transfers."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Min
from django.urls import reverse

from gradebook import access
from gradebook.enums import AWAITED, AttendanceCode, CorrectionState, DisputeState, IntakeState, PushState
from gradebook.models import Correction, TransferDispute, TransferPush
from gradebook.selectors.absences import absence_rows
from gradebook.selectors.card_tasks import card_tasks
from gradebook.selectors.certificates import certificate_tasks
from gradebook.selectors.lessons import own_lessons, unfilled
from gradebook.selectors.months import Month
from gradebook.selectors.received import received_rows, unanswered
from gradebook.selectors.replies import awaited
from gradebook.selectors.transfers import SealRow, due_day, months_back, seal_rows
from network_portal.common.dates import month_label
from network_portal.common.russian import plural
from network_portal.notices.selectors import Task
from schools.acting import Acting
from schools.enums import Role


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return what the acting person is to do with journals, transfers and report cards on the day `today`."""
    tasks = [*card_tasks(acting, today), *certificate_tasks(acting, today)]
    if acting.is_(Role.NETWORK_TEACHER):
        tasks += _lessons_to_fill(acting, today)
    if acting.is_(Role.CURATOR, Role.CLASS_TEACHER):
        tasks += _absences_to_refine(acting, today)
    if acting.is_(*access.SEALERS):
        tasks += _months_to_seal(acting, today)
        tasks += _objections(acting)
    if acting.is_(Role.DEPUTY):
        tasks += _requests(acting)
    if acting.is_(Role.COORDINATOR, Role.NETWORK_TEACHER):
        tasks += _open_corrections(acting)
    if acting.is_(Role.CURATOR, Role.RESPONSIBLE):
        tasks += _to_acknowledge(acting)
        tasks += _quarantined(acting)
        tasks += _packages_to_answer(acting)
        tasks += _not_come(acting, today)
    if acting.is_(Role.DIRECTOR, Role.COORDINATOR):
        tasks += _late_answers(acting, today)
    if acting.is_(Role.DIRECTOR):
        tasks += _not_come(acting, today)
        tasks += [
            task
            for task in (*_months_to_seal(acting, today), *_packages_to_answer(acting))
            if task.due and task.due < today
        ]
    if acting.is_(*access.SEALERS, *access.ENDPOINT_MANAGERS):
        tasks += _stopped_pushes(acting)
    return tasks


def _lessons_to_fill(acting: Acting, today: date) -> list[Task]:
    waiting = (
        unfilled(own_lessons(acting).filter(substitute=None), today)
        .order_by()
        .values("group", "group__name", "group__course__programme__title")
        .annotate(number=Count("pk"), first=Min("date"))
    )
    replaced = unfilled(own_lessons(acting).exclude(substitute=None), today)
    return [
        Task(
            title="Заполнить занятие, которое вы провели по замене",
            about=f"{lesson.group.course}, {lesson.group}",
            url=reverse("lesson", args=[lesson.pk]),
            action="Открыть занятие",
            due=lesson.date,
        )
        for lesson in replaced
    ] + [
        Task(
            title=f"Заполнить {row['number']} {plural(row['number'], 'занятие,занятия,занятий')} в журнале",
            about=f"{row['group__course__programme__title']}, {row['group__name']}",
            url=f"{reverse('journal', args=[row['group']])}?month={Month.of(row['first'])}",
            action="Открыть журнал",
            due=row["first"],
        )
        for row in waiting
    ]


def _absences_to_refine(acting: Acting, today: date) -> list[Task]:
    waiting = [row for row in absence_rows(acting, today) if row.open and row.absence.code == AttendanceCode.ABSENT]
    if not waiting:
        return []
    number = len(waiting)
    return [
        Task(
            title=f"Уточнить причины {number} {plural(number, 'пропуска,пропусков,пропусков')}",
            about="на занятиях в других школах",
            url=reverse("absence_list"),
            action="К пропускам",
            due=min(row.last for row in waiting),
        )
    ]


def _months_to_seal(acting: Acting, today: date) -> list[Task]:
    if acting.organisation_id is None:
        return []
    at = datetime.combine(today, time(12), ZoneInfo("Europe/Moscow"))
    by_month: dict[Month, list[SealRow]] = {}
    for row in seal_rows(acting.organisation_id, months_back(today), at=at):
        by_itself = row.group.course.network.auto_transfer and row.ready
        if row.transfer is None and not by_itself:
            by_month.setdefault(row.month, []).append(row)
    tasks = []
    for month, rows in by_month.items():
        ready = sum(row.ready for row in rows)
        about = f"Готовы {ready}, не готовы {len(rows) - ready}" if ready < len(rows) else f"Готовы {ready}"
        tasks.append(
            Task(
                title=f"Запечатать ведомости за {month_label(month.year, month.month)}",
                about=about,
                url=f"{reverse('transfer_list')}?month={month}",
                action="К ведомостям",
                due=min(due_day(row.group, month) for row in rows),
            )
        )
    return tasks


def _to_acknowledge(acting: Acting) -> list[Task]:
    came = (
        access.transfers_for(acting)
        .filter(home=acting.organisation_id, state__in=AWAITED)
        .select_related("document", "host", "group")
        .defer("payload")
        .order_by("delivered_at")
    )
    return [
        Task(
            title=f"Подтвердить получение ведомости {transfer.label}",
            about=f"{transfer.host}, {transfer.group}, {month_label(transfer.year, transfer.month)}",
            url=reverse("transfer", args=[transfer.pk]),
            action="Открыть ведомость",
            due=transfer.due_on,
        )
        for transfer in came
    ]


def _stopped_pushes(acting: Acting) -> list[Task]:
    stopped = (
        TransferPush.objects.filter(state=PushState.PARKED, transfer__in=access.transfers_for(acting))
        .select_related("transfer__document", "transfer__home")
        .defer("transfer__payload")
    )
    return [
        Task(
            title=f"Ведомость {push.transfer.label} не принята внешней системой",
            about=f"{push.transfer.home}: {push.reason}",
            url=reverse("transfer", args=[push.transfer_id]),
            action="Разобраться",
        )
        for push in stopped
        if access.may_push(acting, push.transfer)
    ]


def _objections(acting: Acting) -> list[Task]:
    waiting = (
        TransferDispute.objects.filter(state=DisputeState.OPEN, transfer__host=acting.organisation_id)
        .values(
            "transfer",
            "transfer__document__number",
            "transfer__version",
            "transfer__home__short_name",
            "transfer__group__name",
        )
        .annotate(number=Count("pk"), due=Min("due_on"))
        .order_by("due", "transfer")
    )
    return [
        Task(
            title=f"Ответить на возражения по ведомости №\u00a0{row['transfer__document__number']}"
            + (f"-К{row['transfer__version']}" if row["transfer__version"] else ""),
            about=f"{row['transfer__home__short_name']}, {row['transfer__group__name']}, строк: {row['number']}",
            url=reverse("transfer", args=[row["transfer"]]),
            action="Ответить",
            due=row["due"],
        )
        for row in waiting
    ]


def _corrections(acting: Acting, state: CorrectionState) -> list[Correction]:
    found = Correction.objects.filter(state=state, transfer__host=acting.organisation_id)
    if acting.is_(Role.NETWORK_TEACHER):
        found = found.filter(transfer__group__teacher__user=acting.user_id)
    return list(
        found.select_related("transfer__document", "transfer__home", "transfer__group")
        .defer("transfer__payload")
        .order_by("due_on", "pk")
    )


def _requests(acting: Acting) -> list[Task]:
    return [
        Task(
            title=f"Решить, исправлять ли ведомость {one.transfer.label}",
            about=f"{one.transfer.home}, {one.transfer.group}: {one.reason}",
            url=reverse("correction", args=[one.pk]),
            action="Рассмотреть",
            due=one.due_on,
        )
        for one in _corrections(acting, CorrectionState.REQUESTED)
    ]


def _open_corrections(acting: Acting) -> list[Task]:
    writes = acting.is_(Role.NETWORK_TEACHER)
    return [
        Task(
            title=f"{'Исправить записи' if writes else 'Запечатать исправление'} ведомости {one.transfer.label}",
            about=f"{one.transfer.home}, {one.transfer.group}: {one.reason}",
            url=reverse("correction", args=[one.pk]),
            action="Открыть",
            due=one.due_on,
        )
        for one in _corrections(acting, CorrectionState.APPROVED)
    ]


def _not_come(acting: Acting, today: date) -> list[Task]:
    """Transfers of past months that no host has sent in time."""
    return [
        Task(
            title=f"Не пришла ведомость за {month_label(month.year, month.month)}",
            about=f"{row.host}, {row.group}",
            url=f"{reverse('transfer_list')}?month={month}",
            action="К ведомостям",
            due=row.due,
        )
        for month in months_back(today)
        for row in received_rows(acting, month)
        if row.transfer is None and row.late(today)
    ]


def _late_answers(acting: Acting, today: date) -> list[Task]:
    """Transfers, sent or received, on which the home school's answer is overdue (3.9)."""
    if acting.organisation_id is None:
        return []
    return [
        Task(
            title=f"Не подтверждено получение ведомости {transfer.label}",
            about=f"{transfer.host} → {transfer.home}, {transfer.group}",
            url=reverse("transfer", args=[transfer.pk]),
            action="Открыть ведомость",
            due=transfer.due_on,
        )
        for transfer in unanswered(acting.organisation_id, today)
    ]


def _packages_to_answer(acting: Acting) -> list[Task]:
    """Packages of other portals on which the host waits for the school's word (3.9)."""
    if acting.organisation_id is None:
        return []
    return [
        Task(
            title=f"Подтвердить получение ведомости {one.intake.label} с другого портала",
            about=f"{one.intake.host}, {one.intake.group_name}",
            url=reverse("intake", args=[one.intake.pk]),
            action="Открыть ведомость",
            due=one.due,
        )
        for one in awaited(acting.organisation_id)
    ]


def _quarantined(acting: Acting) -> list[Task]:
    waiting = (
        access.intakes_for(acting)
        .filter(lines__student=None, state=IntakeState.PARTIAL)
        .annotate(waiting=Count("lines"))
        .select_related("host")
        .defer("raw")
        .order_by("pk")
    )
    return [
        Task(
            title=f"Указать, чьи строки в ведомости {intake.label} с другого портала",
            about=f"{intake.host}, {intake.group_name}, строк: {intake.waiting}",
            url=reverse("intake", args=[intake.pk]),
            action="Открыть ведомость",
        )
        for intake in waiting
    ]
