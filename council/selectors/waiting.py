"""What waits for whom: meetings, answers, minutes, opinions, decisions to carry out, quarters without a meeting."""

from __future__ import annotations

from datetime import date, timedelta

from django.urls import reverse

from council import access
from council.enums import ExecutionState, MeetingState, ProposalState
from council.models import Answer, Council, CouncilMember, Execution, Meeting, Remark
from council.selectors.calendar import june_of, quarters
from council.selectors.decisions import overdue
from network_portal.common.dates import add_working_days, school_year
from network_portal.common.russian import plural
from network_portal.documents.selectors import next_slot
from network_portal.notices.selectors import Task
from schools.acting import Acting
from schools.enums import Role

#: From how many days before its end a quarter without a meeting waits for the chair and the secretary.
WARNED = timedelta(days=14)


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return what waits for a member or the secretary of a council, or for a school that it asks."""
    if acting.is_(*access.SPEAKERS):
        return _opinions(acting)
    if not acting.is_(Role.COUNCIL_MEMBER, Role.COUNCIL_SECRETARY):
        return []
    council = Council.objects.visible_to(acting).select_related("network", "chair__duty").first()
    if council is None:
        return []
    meetings = access.meetings_for(acting).exclude(
        state__in=[MeetingState.NOT_HELD, MeetingState.CLOSED, MeetingState.CANCELLED]
    )
    seat = CouncilMember.objects.get(council=council, duty=acting.duty)
    tasks = [_task(meeting, acting, seat, today) for meeting in meetings.order_by("planned_at", "pk")]
    found = [task for task in tasks if task is not None] + _executions(seat)
    if access.may_plan(acting, council):
        found += _of_the_calendar(council, today) + _proposals(acting)
    if access.is_chair(acting, council):
        found += _of_the_chair(council, today)
    return found


def _task(meeting: Meeting, acting: Acting, seat: CouncilMember, today: date) -> Task | None:
    url = reverse("meeting", args=[meeting.pk])
    keeps = access.keeps_record(acting)
    about = f"{meeting.get_kind_display()} заседание {meeting.day:%d.%m.%Y}, {meeting.place}"
    if meeting.state == MeetingState.PLANNED:
        notice = meeting.day - timedelta(days=meeting.council.notice_days)
        planner = access.may_plan(acting, meeting.council)
        return Task("Созвать заседание совета", about, url, "К повестке", due=notice) if planner else None
    if meeting.state == MeetingState.CONVENED and meeting.day > today:
        answered = not seat.voting or Answer.objects.filter(meeting=meeting, member=seat).exists()
        if answered:
            return Task("Заседание совета", about, url, "Открыть повестку", due=meeting.day)
        return Task("Ответить, придёте ли на заседание", about, url, "Ответить", due=meeting.day)
    if meeting.state in (MeetingState.CONVENED, MeetingState.RUNNING):
        if keeps:
            return Task("Провести заседание совета", about, url, "К заседанию", due=meeting.day)
        return (
            Task("Заседание совета сегодня", about, url, "К заседанию", due=meeting.day)
            if meeting.day == today
            else None
        )
    until = add_working_days(meeting.day, meeting.council.sign_days)
    if meeting.state == MeetingState.ENDED:
        return Task("Составить протокол заседания", about, url, "К протоколу", due=until) if keeps else None
    if meeting.state == MeetingState.REVIEW:
        return _review(meeting, seat, about, url, keeps=keeps, today=today)
    slot = access.slot_of(acting, meeting)
    place = next_slot(meeting.document) if slot and meeting.document else None
    if place is not None and place.key == slot:
        return Task("Подписать протокол заседания", about, url, "Подписать", due=until)
    return None


def _review(meeting: Meeting, seat: CouncilMember, about: str, url: str, *, keeps: bool, today: date) -> Task | None:
    until = meeting.review_until
    if keeps:
        return Task("Передать протокол на подпись", about, url, "К протоколу", due=until)
    said = Remark.objects.filter(meeting=meeting, member=seat).exists()
    if said or until is None or today > until or not meeting.presences.filter(member=seat).exists():
        return None
    return Task("Прочесть проект протокола", about, url, "Прочесть", due=until)


def _executions(seat: CouncilMember) -> list[Task]:
    rows = Execution.objects.filter(decision__responsible=seat, state=ExecutionState.CONTROL)
    return [
        Task(
            "Исполнить решение совета",
            row.decision.item.title,
            reverse("decision", args=[row.decision_id]),
            "Отчитаться",
            due=row.due,
        )
        for row in rows.select_related("decision__item").order_by("due", "pk")
    ]


def _of_the_calendar(council: Council, today: date) -> list[Task]:
    """Return the quarters that near their end without a meeting, and what 20 June asks for (C-06, C-12)."""
    found = []
    for quarter in quarters(council, school_year(today), today):
        near = quarter.deadline - WARNED <= today <= quarter.deadline
        if near and quarter.missing and quarter.planned is None:
            found.append(
                Task(
                    "Провести заседание в четверти",
                    f"{quarter.words}: совет ещё не собирался",
                    reverse("meeting_list"),
                    "Назначить",
                    due=quarter.deadline,
                )
            )
    june = june_of(council, school_year(today))
    if june.missing and june.deadline - WARNED <= today <= june.deadline:
        about = f"Не рассмотрены: {', '.join(june.missing)}"
        found.append(
            Task("Решить о новом учебном годе", about, reverse("meeting_list"), "К повестке", due=june.deadline)
        )
    return found


def _proposals(acting: Acting) -> list[Task]:
    waiting = access.proposals_for(acting).filter(state=ProposalState.PROPOSED)
    return [
        Task("Ответить на предложение в повестку", one.title, reverse("proposal_list"), "Ответить") for one in waiting
    ]


def _of_the_chair(council: Council, today: date) -> list[Task]:
    late = overdue(council, today)
    if not late:
        return []
    words = f"Просрочено {len(late)} {plural(len(late), 'решение,решения,решений')}"
    url = reverse("decision_list") + "?state=overdue"
    return [Task("Проверить исполнение решений", words, url, "К решениям", due=late[0].due)]


def _opinions(acting: Acting) -> list[Task]:
    waiting = access.opinions_for(acting).filter(
        stance="", item__state="open", item__meeting__state__in=[MeetingState.PLANNED, MeetingState.CONVENED]
    )
    return [
        Task(
            "Высказать мнение школы",
            one.item.title,
            reverse("opinion", args=[one.pk]),
            "Ответить",
            due=one.item.meeting.day,
        )
        for one in waiting
    ]
