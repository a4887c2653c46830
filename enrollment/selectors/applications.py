"""What a family chooses from, what stands against an application, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from courses.enums import CourseState
from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import ApplicationState, EnrolmentState, LineDecision, Verb
from enrollment.models import Application, ApplicationChoice, Enrolment, SchoolRequestLine
from enrollment.selectors.conditions import evidence_for
from enrollment.selectors.week import Week, week_of
from network_portal.audit.models import AuditEntry
from network_portal.audit.selectors import history_of
from network_portal.common.dates import add_working_days, local_day, ru_date
from network_portal.common.models import in_force
from network_portal.common.russian import NBSP, nbsp
from network_portal.documents.kinds import parse
from network_portal.documents.selectors import current_version
from schools.agreements import Directions
from schools.models import Membership, SchoolClass, Student

#: The longest list of wishes.
MOST_CHOICES = 5
#: How many other courses the check proposes.
MOST_INSTEAD = 3
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
    return _fit_for(with_seats(NetworkCourse.objects.open_for_applications(at)), student, at)


def courses_late(student: Student, at: datetime) -> QuerySet[NetworkCourse]:
    """Return the courses whose window has closed before the moment `at`: an application for them is late (3.3)."""
    over = NetworkCourse.objects.published().filter(applications_until__lte=at, date_to__gte=at.date())
    return _fit_for(with_seats(over), student, at)


def _fit_for(courses: QuerySet[NetworkCourse], student: Student, at: datetime) -> QuerySet[NetworkCourse]:
    school_class = student.school_class
    grade = F("year") + (school_class.grade - school_class.year)
    networks = Membership.objects.filter(in_force(at.date()), organisation=student.home_school_id).values("network")
    return (
        courses.filter(network__in=networks, programme__grade_from__lte=grade, programme__grade_to__gte=grade)
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


def other_forms(application: Application, choice: ApplicationChoice, at: datetime) -> list[NetworkCourse]:
    """Return the courses of the same programme and year that have another form of study and may be chosen now."""
    chosen = application.choices.values("course")
    return list(
        courses_offered(application.student, at)
        .filter(programme=choice.course.programme_id, year=choice.course.year)
        .exclude(pk__in=chosen)
        .exclude(form=choice.course.form)
    )


@dataclass(frozen=True)
class Remark:
    """What the check says about one chosen course; `tone` bad stops the application."""

    tone: str
    text: str


@dataclass(frozen=True)
class CheckedChoice:
    """A chosen course with what the check says of it, and up to three others that fit when something is against it."""

    choice: ApplicationChoice
    remarks: list[Remark]
    instead: list[NetworkCourse] = field(default_factory=list)

    @property
    def tone(self) -> str:
        """Return the worst of the remarks: bad, warn or good."""
        tones = {remark.tone for remark in self.remarks}
        return next((tone for tone in ("bad", "warn") if tone in tones), "good")

    @property
    def words(self) -> str:
        return {"bad": "подать нельзя", "warn": "есть замечания", "good": "препятствий нет"}[self.tone]

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
    week = week_of(application.student, without=application)
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
        remarks += [Remark(finding.tone, finding.text) for finding in week.findings_for(course)]
        remarks += [Remark("warn", text) for text in _warnings(choice, at)]
        checked.append(CheckedChoice(choice, remarks or [Remark("good", "Препятствий нет.")]))
    if not any(one.blocked for one in checked):
        return checked
    spare = _spare(application, week, {choice.course_id for choice in choices} | occupied.keys(), agreements, at)
    return [replace(one, instead=_instead_of(one.choice.course, spare)) if one.blocked else one for one in checked]


def _spare(
    application: Application,
    week: Week,
    taken: set[int],
    agreements: Directions,
    at: datetime,
) -> list[NetworkCourse]:
    """Return the courses of the catalogue that the child could take instead: open, with seats, fitting the week."""
    return [
        course
        for course in courses_offered(application.student, at).exclude(pk__in=taken)
        if seats_left(course)
        and agreements.covers(
            home=application.home_id, host=course.programme.host_id, year=course.year, network=course.network_id
        )
        and week.fits(course)
    ]


def _instead_of(course: NetworkCourse, spare: list[NetworkCourse]) -> list[NetworkCourse]:
    """Return the nearest of `spare`: of the same programme, then of the same subject, then any."""

    def distance(other: NetworkCourse) -> int:
        if other.programme_id == course.programme_id:
            return 0
        return 1 if other.programme.subject == course.programme.subject else 2

    return sorted(spare, key=distance)[:MOST_INSTEAD]


def _obstacles(application: Application, choice: ApplicationChoice, at: datetime) -> list[str]:
    course, programme = choice.course, choice.course.programme
    words = []
    if programme.host_id == application.home_id:
        words.append("Это курс вашей школы: заявление о сетевом обучении для него не нужно.")
    if choice.registered_at is None and not course.takes_applications(at) and not late_for(course, at):
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


def late_for(course: NetworkCourse, at: datetime) -> bool:
    """Tell whether an application registered at the moment `at` is late: the window is over, the course is not."""
    last = local_day(at, course.network.time_zone) <= course.date_to
    return course.state == CourseState.PUBLISHED and at >= course.applications_until and last


def _not_taken(course: NetworkCourse, at: datetime) -> str:
    if course.state != CourseState.PUBLISHED:
        return "Принимающая школа сняла курс с набора. Выберите другой курс: остальное в заявлении сохранится."
    if at < course.applications_from:
        start = course.applications_from.astimezone(ZoneInfo(course.network.time_zone))
        return f"Приём заявлений на этот курс начнётся {ru_date(start.date())} в {start:%H:%M}."
    return f"Приём заявлений на этот курс закончился: заявления принимали {window_end_words(course)}."


def late_words(course: NetworkCourse) -> str:
    """Say what it means that an application is late."""
    return (
        f"Срок приёма прошёл: заявления принимали {window_end_words(course)}. Заявление зарегистрируют с пометкой "
        "«после срока»: его может принять только заместитель директора, указав причину, и в очереди оно встанет после "
        "поданных вовремя."
    )


def _warnings(choice: ApplicationChoice, at: datetime) -> list[str]:
    course = choice.course
    words = []
    if choice.late or (choice.registered_at is None and late_for(course, at)):
        words.append(late_words(course))
    if course.takes_applications(at) and course.applications_until - at < SOON:
        words.append(f"Срок близко: заявления принимают {window_end_words(course)}.")
    if seats_left(course) == 0:
        words.append("Свободных мест сейчас нет: ребёнок может попасть в лист ожидания.")
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


#: What a row of the school's queue prints, and no more.
QUEUE_ROW = (
    *("state", "registered_at", "document__number", "student__school_class__grade", "student__school_class__letter"),
    *(f"student__{name}" for name in ("last_name", "first_name", "patronymic")),
)


def queue_of(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Return applications in the order of registration, with what the rows of the queue print."""
    lean = applications.select_related(None).select_related("student__school_class", "document")
    return lean.only(*QUEUE_ROW).order_by("registered_at", "pk")


class Wish(NamedTuple):
    """A chosen course as lists name it."""

    title: str
    host: str


def wishes_of(applications: Iterable[Application]) -> dict[int, list[Wish]]:
    """Return the courses chosen in each application, in their order, by the application's id."""
    wishes: dict[int, list[Wish]] = {application.pk: [] for application in applications}
    found = ApplicationChoice.objects.filter(application__in=list(wishes)).order_by("rank")
    for pk, *wish in found.values_list(
        "application", "course__programme__title", "course__programme__host__short_name"
    ):
        wishes[pk].append(Wish(*wish))
    return wishes


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
