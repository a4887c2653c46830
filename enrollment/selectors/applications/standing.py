"""Where an application stands, what happened to it, what comes next and who does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from enrollment.enums import ApplicationState, EnrolmentState, LineDecision, Verb
from enrollment.models import Application, ApplicationChoice, Enrolment, SchoolRequestLine
from network_portal.audit.models import AuditEntry
from network_portal.audit.selectors import history_of
from network_portal.common.dates import add_working_days, local_day, ru_date
from network_portal.common.russian import NBSP, nbsp
from network_portal.documents.kinds import parse
from network_portal.documents.selectors import current_version

TONES = {
    ApplicationState.DRAFT: "neutral",
    ApplicationState.REGISTERED: "info",
    ApplicationState.RETURNED: "warn",
    ApplicationState.ACCEPTED: "info",
    ApplicationState.REFUSED: "bad",
    ApplicationState.LISTED: "info",
    ApplicationState.PLACED: "good",
    ApplicationState.WAITLISTED: "warn",
    ApplicationState.NOT_PLACED: "bad",
    ApplicationState.WITHDRAWN: "neutral",
}


def lines_of(application: Application) -> list[SchoolRequestLine]:
    """Return the lines of lists in which the application stood, the latest last."""
    return list(
        SchoolRequestLine.objects.filter(application=application)
        .select_related(
            "request__host",
            "course__programme",
            "enrolment__order__document",
            "enrolment__group",
            "enrolment__course__programme",
            "enrolment__state_by",
            "enrolment__home_by",
        )
        .order_by("pk")
    )


def application_steps(application: Application, lines: list[SchoolRequestLine]) -> list[dict[str, Any]]:
    """Return the line of steps: подано, принято школой, направлено, зачислен."""
    line = lines[-1] if lines else None
    sent_at = line.request.sent_at if line else None
    enrolment = getattr(line, "enrolment", None) if line else None
    order = enrolment.order if enrolment else None
    placed = application.state == ApplicationState.PLACED
    accepted = bool(line) or application.state in (ApplicationState.ACCEPTED, ApplicationState.LISTED)
    steps = [
        {"label": "Подано", "done": application.registered_at is not None, "date": application.registered_at},
        {"label": "Принято школой", "done": accepted, "date": application.decided_at if accepted else None},
        {"label": "Направлено", "done": sent_at is not None, "date": sent_at},
        {
            "label": application.student.by_gender("Зачислен", "Зачислена"),
            "done": placed,
            "date": order.document.registered_on if placed and order else None,
        },
    ]
    stopped = application.state in (
        ApplicationState.REFUSED,
        ApplicationState.WITHDRAWN,
        ApplicationState.NOT_PLACED,
        ApplicationState.RETURNED,
    )
    now_seen = False
    for step in steps:
        if step.pop("done"):
            step["state"] = "done"
        elif now_seen:
            step["state"] = "todo"
        else:
            now_seen = True
            step["state"] = "failed" if stopped else "now"
            known = stopped or application.state == ApplicationState.WAITLISTED
            step["note"] = application.get_state_display() if known else "ожидается"
    return steps


def whats_next(application: Application, lines: list[SchoolRequestLine]) -> str:
    """Say what comes next and who does it."""
    home = application.home.short_name
    line = lines[-1] if lines else None
    host = line.request.host.short_name if line else ""
    state = application.state
    if state == ApplicationState.DRAFT:
        return "Заявление не подано. Проверьте и подпишите его."
    if state == ApplicationState.REGISTERED:
        return f"Заявление рассмотрит заместитель директора {home}, ответ до {ru_date(decide_by(application))}"
    if state == ApplicationState.RETURNED:
        return "Исправьте заявление и подпишите его снова."
    if state == ApplicationState.ACCEPTED:
        return f"{home} включит ребёнка в заявку, директор подпишет её, и школа направит её в принимающую школу."
    if state == ApplicationState.LISTED and line:
        if line.decision == LineDecision.ACCEPTED:
            return f"Место забронировано. Директор {host} подпишет приказ о зачислении."
        if line.request.sent_at and line.request.answer_due:
            return f"{host} ответит до {ru_date(line.request.answer_due)}"
        return f"Заявку в {host} подпишет директор {home}, после этого её направят."
    if state == ApplicationState.WAITLISTED:
        return f"Ребёнок в листе ожидания. Если место освободится, {host} сообщит вам."
    if state == ApplicationState.NOT_PLACED:
        rest = remaining_choice(application, lines)
        if rest:
            return f"{home} включит ребёнка в заявку на следующий курс из вашего списка: «{rest.course}»."
        return "Других курсов в заявлении нет. Можно подать новое заявление."
    if state == ApplicationState.PLACED:
        return f"Ребёнок остаётся в {home} и посещает курс в {host}."
    return "По этому заявлению больше ничего не делают. Можно подать новое."


def decide_by(application: Application) -> date:
    """Return until when the home school decides on a registered application: working days set by the network."""
    choice = application.choices.select_related("course__network").order_by("rank").first()
    assert application.registered_at is not None
    if choice is None:
        return local_day(application.registered_at, settings.TIME_ZONE)
    network = choice.course.network
    return add_working_days(local_day(application.registered_at, network.time_zone), network.application_days)


@dataclass(frozen=True)
class Event:
    """Something that happened to an application, in words."""

    at: datetime
    words: str


def events_of(application: Application, lines: Iterable[SchoolRequestLine]) -> list[Event]:
    """Return what happened to an application up to now: the acts upon it, the lists, the answers, the order."""
    events = [
        Event(entry.at, f"{entry.sentence}: {reason}" if (reason := entry.changes.get("reason")) else entry.sentence)
        for entry in school_history(application)
    ]
    for line in lines:
        if line.request.sent_at:
            events.append(Event(line.request.sent_at, f"Школа направила заявку: {line.request.host.short_name}"))
        if line.decided_at and line.decision != LineDecision.PENDING:
            why = f", {line.reason}" if line.reason else ""
            answer = f"{line.request.host.short_name}, «{line.course}»: {line.get_decision_display()}{why}"
            events.append(Event(line.decided_at, answer))
    return sorted(events, key=lambda event: event.at)


#: What a parent reads whom an adult pupil lets read.
ALONE = "Читать. Обучающемуся исполнилось 18 лет: заявления и согласия он подаёт сам, на бумаге, в своей школе."


def what_may_do(application: Application) -> str:
    """Say to the family what it can do now."""
    return {
        ApplicationState.DRAFT: "Закончите и подпишите заявление или отзовите его.",
        ApplicationState.REGISTERED: "Пока школа не решила, заявление можно отозвать.",
        ApplicationState.RETURNED: "Исправьте заявление и подпишите снова: прежние курсы сохранят место в очереди.",
        ApplicationState.REFUSED: "Можно подать новое заявление на другой курс. Если вы не согласны с отказом, "
        "обратитесь к директору своей школы.",
        ApplicationState.NOT_PLACED: "Можно подать новое заявление на другой курс.",
        ApplicationState.PLACED: "Прекратить обучение можно заявлением об отчислении из группы.",
        ApplicationState.WITHDRAWN: "Можно подать новое заявление.",
    }.get(ApplicationState(application.state), "До зачисления заявление можно отозвать.")


def remaining_choice(application: Application, lines: Iterable[SchoolRequestLine]) -> ApplicationChoice | None:
    """Return the first choice in order that no host has refused, or None."""
    refused = {line.course_id for line in lines if line.decision == LineDecision.REFUSED}
    return next((choice for choice in application.choices.all() if choice.course_id not in refused), None)


def places_to_leave(lines: Iterable[SchoolRequestLine]) -> list[Enrolment]:
    """Return the places given by order that the family may ask to leave."""
    places = [getattr(line, "enrolment", None) for line in lines]
    return [place for place in places if place and place.state == EnrolmentState.ENROLLED]


def school_history(application: Application) -> QuerySet[AuditEntry]:
    """Return the acts upon an application without those of the family on its draft."""
    return history_of(application).exclude(verb__in=[Verb.APPLICATION_DRAFTED, Verb.APPLICATION_PREPARED])


def queue_place(application: Application) -> tuple[int, int] | None:
    """Return the place of a waiting application among the own school's for the same course, and how many there are.

    None when the application does not wait. The queue counts by the moment of registration (3.3).
    """
    if application.state not in (ApplicationState.REGISTERED, ApplicationState.ACCEPTED, ApplicationState.LISTED):
        return None
    first = application.choices.order_by("rank").first()
    if first is None:
        return None
    waiting = Application.objects.filter(
        choices__course=first.course_id,
        choices__rank=1,
        home=application.home_id,
        state__in=[ApplicationState.REGISTERED, ApplicationState.ACCEPTED, ApplicationState.LISTED],
    )
    ahead = waiting.filter(registered_at__lt=application.registered_at).count()
    return ahead + 1, waiting.count()


def paper_facts(application: Application) -> list[tuple[str, str]]:
    """Return what the paper prepared for signing says, in the words of the page."""
    assert application.prepared is not None
    paper = parse(current_version(application.prepared).content)
    facts = [
        ("Кому", f"Директору {paper['home']}, {paper['director']}"),
        ("От кого", f"{application.asker.full_name} ({paper['kinship']})"),
        ("Телефон", paper["phone"]),
        ("Электронная почта", paper["email"]),
        ("Ребёнок", f"{application.student.full_name}, {ru_date(paper['birth_date'])} рождения"),
        ("Класс", paper["class_name"]),
        ("Учебный год", paper["year"]),
        ("Курс", f"«{paper['course']}», {paper['hours']}{NBSP}ч."),
        ("На базе", paper["host"]),
        ("Форма занятий", paper["form"]),
    ]
    facts += [(f"Запасной курс {place}", title) for place, title in enumerate(paper["alternatives"], start=1)]
    facts.append(("Лист ожидания", "согласны" if paper["waitlist"] else "не согласны"))
    return [(term, nbsp(value)) for term, value in facts if value]
