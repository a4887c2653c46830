"""What a family chooses from, what stands against an application, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from courses.models import NetworkCourse, StudyGroup, TimetableSlot
from enrollment.enums import ApplicationState, LineDecision, Verb
from enrollment.models import Application, ApplicationChoice, Consent, Enrolment, SchoolRequestLine
from enrollment.selectors.conditions import evidence_for
from network_portal.audit.models import AuditEntry
from network_portal.audit.selectors import history_of
from network_portal.common.dates import local_day, ru_date
from network_portal.common.models import in_force
from network_portal.common.russian import NBSP, genitive, nbsp
from network_portal.documents.kinds import parse
from network_portal.documents.selectors import current_version
from schools.models import Membership, Organisation, SchoolClass, Student

#: The longest list of wishes.
MOST_CHOICES = 5
SOON = timedelta(days=3)
#: An application in one of these occupies its courses: a second one for them is refused.
ACTIVE = (
    ApplicationState.REGISTERED,
    ApplicationState.RETURNED,
    ApplicationState.ACCEPTED,
    ApplicationState.LISTED,
    ApplicationState.WAITLISTED,
    ApplicationState.PLACED,
)
CONSENT_PURPOSE = "организация обучения по курсам в сетевой форме, учёт посещаемости и успеваемости"


# --- courses to choose from ---------------------------------------------------------------------------------------


def with_seats(courses: QuerySet[NetworkCourse]) -> QuerySet[NetworkCourse]:
    """Return `courses` with the number `taken` of seats held in their groups."""
    held = (
        StudyGroup.objects.filter(course=OuterRef("pk"))
        .order_by()
        .values("course")
        .annotate(held=Sum("seats_taken"))
        .values("held")
    )
    return courses.annotate(taken=Coalesce(Subquery(held, output_field=IntegerField()), Value(0)))


def courses_offered(student: Student, at: datetime) -> QuerySet[NetworkCourse]:
    """Return the courses that a pupil may apply for at the moment `at`.

    Published, with an open window, of another school in a network of the home school, and fit for the class in which
    the pupil will be in the course's year.
    """
    school_class = student.school_class
    grade = F("year") + (school_class.grade - school_class.year)
    networks = Membership.objects.filter(in_force(at.date()), organisation=student.home_school_id).values("network")
    return (
        with_seats(NetworkCourse.objects.open_for_applications(at))
        .filter(network__in=networks, programme__grade_from__lte=grade, programme__grade_to__gte=grade)
        .exclude(programme__host=student.home_school_id)
        .select_related("programme__host", "network")
        .prefetch_related(Prefetch("groups", StudyGroup.objects.order_by("name").prefetch_related("slots")))
    )


def seats_left(course: Any) -> int:
    """Return how many seats of a course that has `taken` are free."""
    free: int = course.seats - course.taken
    return max(free, 0)


def window_end_words(course: NetworkCourse) -> str:
    """Say until when applications are taken: «по 28 августа 2026 г. включительно», or the day with the hour."""
    until = course.applications_until.astimezone(ZoneInfo(course.network.time_zone))
    if until.time() == time.min:
        return f"по {ru_date(until.date() - timedelta(days=1))} включительно"
    return f"до {until:%H:%M} {ru_date(until.date())}"


# --- what was chosen ----------------------------------------------------------------------------------------------


def choices_of(application: Application) -> list[ApplicationChoice]:
    """Return the chosen courses in order, with seats and groups."""
    courses = (
        with_seats(NetworkCourse.objects.all())
        .select_related("programme__host", "network")
        .prefetch_related(Prefetch("groups", StudyGroup.objects.order_by("name").prefetch_related("slots")))
    )
    return list(application.choices.order_by("rank").prefetch_related(Prefetch("course", courses)))


@dataclass(frozen=True)
class Remark:
    """What the check says about one chosen course; `tone` bad stops the application."""

    tone: str
    text: str


@dataclass(frozen=True)
class CheckedChoice:
    choice: ApplicationChoice
    remarks: list[Remark]

    @property
    def blocked(self) -> bool:
        return any(remark.tone == "bad" for remark in self.remarks)


def check_choices(application: Application, at: datetime) -> list[CheckedChoice]:
    """Say in words what stands against each chosen course at the moment `at`."""
    choices = choices_of(application)
    if not choices:
        return []
    on = local_day(at, choices[0].course.network.time_zone)
    agreements = evidence_for([application], on).agreements
    networks = set(
        Membership.objects.filter(in_force(on), organisation=application.home_id).values_list("network_id", flat=True)
    )
    occupied = _occupied(application)
    busy = _busy(application)
    checked = []
    for choice in choices:
        course = choice.course
        remarks = [Remark("bad", text) for text in _obstacles(application, choice, at)]
        if course.network_id not in networks:
            remarks.append(Remark("bad", f"{application.home.short_name} не входит в сеть, в которой идёт этот курс."))
        elif not agreements.covers(
            home=application.home_id, host=course.programme.host_id, network=course.network_id, year=course.year
        ):
            remarks.append(
                Remark(
                    "bad",
                    f"Между {application.home.short_name} и {course.programme.host.short_name} нет действующего "
                    "договора. Спросите ответственного за сетевое взаимодействие в своей школе, когда он появится.",
                )
            )
        if words := occupied.get(course.pk):
            remarks.append(Remark("bad", words))
        remarks += [Remark("warn", text) for text in _warnings(choice, choices, busy, at)]
        checked.append(CheckedChoice(choice, remarks or [Remark("good", "Препятствий нет.")]))
    return checked


def _obstacles(application: Application, choice: ApplicationChoice, at: datetime) -> list[str]:
    course, programme = choice.course, choice.course.programme
    words = []
    if programme.host_id == application.home_id:
        words.append("Это курс вашей школы: заявление о сетевом обучении для него не нужно.")
    if choice.registered_at is None and not course.takes_applications(at):
        words.append(_not_taken(course, at))
    school_class = application.student.school_class
    grade = school_class.grade + course.year - school_class.year
    if not programme.grade_from <= grade <= programme.grade_to:
        words.append(
            nbsp(
                f"Курс для {programme.grade_from}–{programme.grade_to} классов, "
                f"а ребёнок в {course.year}/{course.year + 1} учебном году учится в {grade} классе."
            )
        )
    return words


def _not_taken(course: NetworkCourse, at: datetime) -> str:
    if at >= course.applications_until:
        return f"Приём заявлений на этот курс закончился: заявления принимали {window_end_words(course)}."
    if at < course.applications_from:
        start = course.applications_from.astimezone(ZoneInfo(course.network.time_zone))
        return f"Приём заявлений на этот курс начнётся {ru_date(start.date())} в {start:%H:%M}."
    return "Принимающая школа сняла курс с набора. Выберите другой курс."


def _warnings(
    choice: ApplicationChoice,
    choices: list[ApplicationChoice],
    busy: list[tuple[str, NetworkCourse]],
    at: datetime,
) -> list[str]:
    course = choice.course
    words = []
    if course.takes_applications(at) and course.applications_until - at < SOON:
        words.append(f"Срок близко: заявления принимают {window_end_words(course)}.")
    if seats_left(course) == 0:
        words.append("Свободных мест сейчас нет: ребёнок может попасть в лист ожидания.")
    for other in choices:
        if other.rank < choice.rank and clash(course, other.course):
            words.append(
                f"Занятия совпадают по времени с курсом «{other.course}» из этого заявления: "
                "одновременно посещать оба не получится."
            )
    for what, other_course in busy:
        if other_course.pk != course.pk and clash(course, other_course):
            words.append(f"Занятия совпадают по времени с курсом «{other_course}», {what}.")
    return words


def _occupied(application: Application) -> dict[int, str]:
    """Return for each course that another application or an enrolment of the child takes up what stands there."""
    words: dict[int, str] = {}
    others = (
        ApplicationChoice.objects.filter(application__student=application.student_id, application__state__in=ACTIVE)
        .exclude(application=application.pk)
        .select_related("application__document")
    )
    for choice in others:
        document = choice.application.document
        number = f" №{NBSP}{document.number}" if document else ""
        words[choice.course_id] = (
            f"На этот курс уже подано заявление{number}, его состояние: "
            f"{choice.application.get_state_display()}. Второе подавать не нужно."
        )
    return words


def _busy(application: Application) -> list[tuple[str, NetworkCourse]]:
    """Return what the child already attends, for the check of the timetable."""
    enrolments = (
        Enrolment.objects.filter(student=application.student_id)
        .holding_seats()
        .prefetch_related(
            Prefetch(
                "course",
                NetworkCourse.objects.select_related("programme").prefetch_related("groups__slots"),
            )
        )
    )
    return [("на который ребёнок уже зачислен", enrolment.course) for enrolment in enrolments]


def clash(first: NetworkCourse, second: NetworkCourse) -> bool:
    """Tell whether no group of one course can be attended beside any group of the other.

    Lessons that only touch do not clash (6.11); a course without a timetable clashes with nothing.
    """
    if first.date_to < second.date_from or second.date_to < first.date_from:
        return False
    weeks = [[list(group.slots.all()) for group in course.groups.all()] for course in (first, second)]
    mine, others = ([slots for slots in groups if slots] for groups in weeks)
    return bool(mine and others) and all(_overlap(a, b) for a in mine for b in others)


def _overlap(first: list[TimetableSlot], second: list[TimetableSlot]) -> bool:
    return any(a.weekday == b.weekday and a.starts < b.ends and b.starts < a.ends for a in first for b in second)


# --- consents -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConsentNeeded:
    """A consent that the application needs: one operator, one purpose; `given` is the one in force."""

    operator: Organisation
    purpose: str
    text: str
    given: Consent | None


def consents_needed(application: Application) -> list[ConsentNeeded]:
    """Return the consents for the home school and for each host chosen (L-2)."""
    hosts = [choice.course.programme.host for choice in choices_of(application)]
    operators = list({operator.pk: operator for operator in (application.home, *hosts)}.values())
    given = {
        consent.operator_id: consent
        for consent in Consent.objects.in_force().filter(student=application.student_id, operator__in=operators)
    }
    return [
        ConsentNeeded(operator, CONSENT_PURPOSE, consent_text(application, operator), given.get(operator.pk))
        for operator in operators
    ]


def consent_text(application: Application, operator: Organisation) -> str:
    """Return the words of the consent that is kept with it (L-2)."""
    student = application.student
    if operator.pk == application.home_id:
        data = "фамилия, имя, отчество, дата рождения, класс, курс, отметки и посещаемость на занятиях курса"
        passes = "предоставление принимающей школе, которая ведёт выбранный курс, фамилии, имени, отчества и класса"
    else:
        data = "фамилия, имя, отчество, дата рождения, класс и школа, отметки и посещаемость на занятиях курса"
        passes = f"предоставление отметок и посещаемости школе, где числится ребёнок: {application.home.short_name}"
    return nbsp(
        f"Я, {application.guardian.full_name}, законный представитель {genitive(student)}, даю согласие оператору: "
        f"{operator.full_name}, {operator.address}. Цель: {CONSENT_PURPOSE}. Перечень сведений: {data}. Действия: "
        f"сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, {passes}, "
        "блокирование, удаление, уничтожение; с использованием средств автоматизации и без них. Согласие действует до "
        "окончания обучения по курсу либо до отзыва. Отозвать его можно в портале или письмом оператору. "
        "Отзыв не отменяет хранения документов, которое закон предписывает независимо от согласия. Согласие на "
        "публикацию сведений здесь не даётся."
    )


# --- where an application stands ----------------------------------------------------------------------------------

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
        return f"Заявление рассмотрит заместитель директора {home}."
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


def remaining_choice(application: Application, lines: Iterable[SchoolRequestLine]) -> ApplicationChoice | None:
    """Return the first choice in order that no host has refused, or None."""
    refused = {line.course_id for line in lines if line.decision == LineDecision.REFUSED}
    return next((choice for choice in application.choices.all() if choice.course_id not in refused), None)


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


# --- lists of applications ----------------------------------------------------------------------------------------

#: The tabs of the home school's list: key, label, states.
TABS: tuple[tuple[str, str, tuple[ApplicationState, ...]], ...] = (
    ("new", "Ждут решения", (ApplicationState.REGISTERED,)),
    ("accepted", "Приняты", (ApplicationState.ACCEPTED,)),
    ("listed", "В списках", (ApplicationState.LISTED,)),
    ("waitlisted", "Лист ожидания", (ApplicationState.WAITLISTED,)),
    ("placed", "Зачислены", (ApplicationState.PLACED,)),
    ("not_placed", "Не зачислены", (ApplicationState.NOT_PLACED,)),
    ("returned", "Возвращены", (ApplicationState.RETURNED,)),
    ("closed", "Отказано, отозвано", (ApplicationState.REFUSED, ApplicationState.WITHDRAWN)),
)


def counts_by_tab(applications: QuerySet[Application]) -> dict[str, int]:
    """Return how many of `applications` stand in each tab, in one query."""
    return applications.order_by().aggregate(
        **{key: Count("pk", filter=Q(state__in=states), distinct=True) for key, _, states in TABS}
    )


def with_choices(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Return applications with their wishes loaded in order."""
    choices = ApplicationChoice.objects.order_by("rank").select_related("course__programme__host")
    return applications.prefetch_related(Prefetch("choices", choices))


def courses_applied_for(applications: QuerySet[Application]) -> QuerySet[NetworkCourse]:
    """Return the courses that any of `applications` names, for the filter."""
    named = ApplicationChoice.objects.filter(application__in=applications.values("pk"))
    return (
        NetworkCourse.objects.filter(pk__in=named.values("course"))
        .select_related("programme")
        .order_by("programme__title", "pk")
    )


def classes_of(applications: QuerySet[Application]) -> QuerySet[SchoolClass]:
    """Return the classes of the pupils of `applications`, for the filter."""
    return SchoolClass.objects.filter(pk__in=applications.values("student__school_class"))


def paper_facts(application: Application) -> list[tuple[str, str]]:
    """Return what the paper prepared for signing says, in the words of the page."""
    assert application.prepared is not None
    paper = parse(current_version(application.prepared).content)
    facts = [
        ("Кому", f"Директору {paper['home']}, {paper['director']}"),
        ("От кого", f"{application.guardian.full_name} ({paper['kinship']})"),
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
