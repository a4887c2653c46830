"""What a family has chosen, and what stands against it in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from courses.enums import CourseState
from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import ApplicationState
from enrollment.models import Application, ApplicationChoice
from enrollment.selectors.applications.offered import (
    courses_offered,
    late_for,
    late_words,
    seats_left,
    window_end_words,
    with_seats,
)
from enrollment.selectors.conditions import evidence_for
from enrollment.selectors.week import Week, week_of
from network_portal.common.dates import local_day, ru_date
from network_portal.common.models import in_force
from network_portal.common.russian import NBSP, nbsp
from schools.agreements import Directions
from schools.models import Membership

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


def _not_taken(course: NetworkCourse, at: datetime) -> str:
    if course.state != CourseState.PUBLISHED:
        return "Принимающая школа сняла курс с набора. Выберите другой курс: остальное в заявлении сохранится."
    if at < course.applications_from:
        start = course.applications_from.astimezone(ZoneInfo(course.network.time_zone))
        return f"Приём заявлений на этот курс начнётся {ru_date(start.date())} в {start:%H:%M}."
    return f"Приём заявлений на этот курс закончился: заявления принимали {window_end_words(course)}."


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
