"""The papers of the demonstration, made by the services that people use: lists, orders, applications, the council."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings

from council.enums import ItemKind, MeetingKind
from council.models import Council, CouncilMember
from council.services import About, item_add, meeting_answer, meeting_convene, meeting_plan
from courses.enums import CourseState, ProgrammeKind, StudyForm, Weekday
from courses.models import NetworkCourse, Programme, StudyGroup, TimetableSlot
from courses.selectors import lesson_days
from enrollment.enums import Counts, LineDecision
from enrollment.models import Acquaintance, Application, SchoolRequest
from enrollment.selectors.consents import consents_needed
from enrollment.selectors.details import Details
from enrollment.selectors.guardians import words_missing
from enrollment.services import (
    application_accept,
    application_choose,
    application_prepare,
    application_return,
    application_start,
    application_submit,
    consents_mark,
    family_details_keep,
    line_accept,
    mapping_set,
    order_acquaint,
    order_create,
    order_sign,
    organise_order_create,
    request_add,
    request_create,
    request_send,
    request_sign,
    request_submit,
    school_order_sign,
    sheet_prepare,
)
from enrollment.services.guardians import pupil_word_register
from network_portal.common import russian
from network_portal.common.dates import local_day, month_range, school_year
from network_portal.demo.agreements import (
    agreement_to_sign,
    disputed_agreement,
    signed_agreement,
    suspended_agreement,
)
from network_portal.demo.base import Cast, moment, proof
from network_portal.demo.journals import A_MONTH, ALL_YEAR, course_settle, journal_keep, journal_open
from network_portal.documents.selectors import current_version
from network_portal.documents.services import pdfs_later
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import Student
from schools.services.week import DayHours, class_week_set, route_set

K = DutyKind
#: How many pupils of each school study in the group whose journal is kept.
STUDY = {"7": 8, "12": 4}
#: How many of school No. 7 studied in the course that is over already.
SHORT_STUDY, SHORT_LESSONS = 3, 8
UNFILLED_DAYS = 7


@pdfs_later()
def tell_story(cast: Cast, now: datetime) -> None:
    """Create all papers up to the moment `now`."""
    for home, host in (("7", "40"), ("12", "40"), ("7", "12")):
        signed_agreement(cast, home, host)
    suspended_agreement(cast)
    disputed_agreement(cast, now)
    agreement_to_sign(cast, now)
    physics, mathematics = _physics(cast), _mathematics(cast)
    _enrol(cast, "7", [(physics, STUDY["7"]), (mathematics, SHORT_STUDY)])
    _enrol(cast, "12", [(physics, STUDY["12"])])
    for key in STUDY:
        _organise(cast, physics, key)
    _read_orders(cast)
    for group in (physics, mathematics):
        journal_open(cast, group)
    journal_keep(cast, physics, ALL_YEAR, now.date() - timedelta(days=UNFILLED_DAYS))
    journal_keep(cast, mathematics, A_MONTH, mathematics.course.date_to)
    course_settle(cast, mathematics)
    _weeks(cast, now)
    _new_courses(cast, now)
    _waiting_applications(cast, now)
    _first_meeting(cast, now)


# --- the groups whose journals are kept -----------------------------------------------------------------------------


def _course(
    cast: Cast,
    host: str,
    title: str,
    subject: str,
    summary: str,
    grades: tuple[int, int],
    *,
    hours: tuple[int, int] = (68, 2),
    **fields: object,
) -> NetworkCourse:
    """Publish a course; `hours` are those of the programme and of a week."""
    programme = Programme.objects.create(
        host=cast.schools[host],
        title=title,
        subject=subject,
        kind=ProgrammeKind.LESSON,
        grade_from=grades[0],
        grade_to=grades[1],
        hours_total=hours[0],
        hours_week=hours[1],
        summary=summary,
    )
    return NetworkCourse.objects.create(
        programme=programme, network=cast.network, state=CourseState.PUBLISHED, **fields
    )


def _group(
    cast: Cast,
    course: NetworkCourse,
    name: str,
    teacher: str,
    capacity: int,
    days: Sequence[Weekday],
    ends: time = time(16, 15),
) -> StudyGroup:
    group = StudyGroup.objects.create(
        course=course, name=name, teacher=cast.duties[teacher, K.NETWORK_TEACHER], capacity=capacity
    )
    for weekday in days:
        TimetableSlot.objects.create(
            group=group, weekday=weekday, starts=time(15, 30), ends=ends, room=russian.nbsp("каб. № 31")
        )
    return group


def _physics(cast: Cast) -> StudyGroup:
    season = cast.season
    course = _course(
        cast,
        "40",
        "Физика: решение задач повышенной сложности",
        "Физика",
        "Механика и термодинамика в задачах олимпиадного уровня; подготовка к поступлению в инженерные вузы.",
        (10, 11),
        year=season.year,
        form=StudyForm.ONSITE,
        date_from=season.lessons_from,
        date_to=season.lessons_to,
        seats=20,
        min_size=6,
        applications_from=moment(season.since, 9),
        applications_until=moment(season.lessons_from - timedelta(days=20), 0),
    )
    return _group(cast, course, "ФЗ-1", "teacher40", 20, (Weekday.TUESDAY, Weekday.THURSDAY))


def _mathematics(cast: Cast) -> StudyGroup:
    """A course of eight lessons in the month to seal: it was over before the end of that month."""
    season = cast.season
    _, month_ends = month_range(*season.sealed_month)
    course = _course(
        cast,
        "40",
        "Математика: интенсив по олимпиадным задачам",
        "Математика",
        "Восемь занятий за месяц: приёмы, которых нет в учебнике, и разбор решений участников.",
        (10, 11),
        hours=(2 * SHORT_LESSONS, 6),
        year=season.year,
        form=StudyForm.ONSITE,
        date_from=season.lessons_from,
        date_to=month_ends,
        seats=10,
        min_size=SHORT_STUDY,
        applications_from=moment(season.since, 9),
        applications_until=moment(season.lessons_from - timedelta(days=20), 0),
    )
    days = (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY)
    group = _group(cast, course, "МТ-1", "teacher40", 10, days, ends=time(17, 0))
    lessons = lesson_days(group, date_from=course.date_from, date_to=month_ends)
    course.date_to = lessons[SHORT_LESSONS - 1][0]
    course.save(update_fields=["date_to"])
    return group


def apply_for(cast: Cast, student: Student, courses: list[NetworkCourse], at: datetime) -> Application:
    """A parent applies: consents, choices in order, the signature."""
    parent = cast.parent_of(student)
    application = application_start(actor=parent, student=student, at=at)
    for course in courses:
        application_choose(actor=parent, application=application, course_id=course.pk, at=at)
    family_details_keep(actor=parent, application=application, details=_details(student, at), at=at)
    application = application_prepare(actor=parent, application=application, at=at)
    operators = [need.operator.pk for need in consents_needed(application, at.date())]
    consents_mark(actor=parent, application=application, operator_ids=operators, at=at)
    paper = sheet_prepare(actor=parent, application=application, with_application=True, at=at)
    assert paper is not None
    application = application_submit(
        actor=parent,
        application=application,
        version_sha256=current_version(paper).sha256,
        proof=proof(parent, paper, at),
        at=at,
    )
    if words_missing(student):
        deputy = next(
            cast.acting(f"deputy{key}", K.DEPUTY)
            for key, school in cast.schools.items()
            if school.pk == student.home_school_id
        )
        pupil_word_register(
            actor=deputy,
            application=application,
            paper="подтверждение к согласию, подписано лично",
            signed_on=local_day(at, settings.TIME_ZONE),
            at=at,
        )
    return application


def _details(student: Student, at: datetime) -> Details:
    """Invented addresses and numbers; no such documents exist."""
    return Details(
        address=f"г. Заречный, ул. Садовая, д. {student.pk % 60 + 1}, кв. {student.pk % 90 + 1}",
        document="паспорт",
        number=f"0000 {student.pk:06}",
        issued_on=date(at.year - 9, 4, 12),
        issuer="отделением по г. Заречному",
        child_document="свидетельство о рождении",
        child_number=f"I-АА № {student.pk:06}",
        child_issued_on=student.birth_date + timedelta(days=14),
        child_issuer="отделом ЗАГС г. Заречного",
    )


def _enrol(cast: Cast, key: str, wishes: Sequence[tuple[StudyGroup, int]]) -> None:
    """From the applications of the first families of one school, for each group so many, to the orders of the host."""
    season = cast.season
    deputy, director = cast.acting(f"deputy{key}", K.DEPUTY), cast.acting(f"director{key}", K.DIRECTOR)
    applied_on = season.lessons_from - timedelta(days=40)
    applications = [
        apply_for(cast, student, [group.course], moment(applied_on, 18 + turn, minute))
        for turn, (group, count) in enumerate(wishes)
        for minute, student in enumerate(cast.students[key][:count])
    ]
    listed_at = moment(applied_on + timedelta(days=10), 12)
    for application in applications:
        application_accept(actor=deputy, application=application, at=listed_at)
    request = request_create(actor=deputy, host=cast.schools["40"], year=season.year, on=listed_at.date(), at=listed_at)
    request_add(actor=deputy, request=request, application_ids=[one.pk for one in applications], at=listed_at)
    request = request_submit(actor=deputy, request=request, at=listed_at)
    assert request.document is not None
    request = request_sign(
        actor=director,
        request=request,
        version_sha256=current_version(request.document).sha256,
        proof=proof(director, request.document, listed_at + timedelta(hours=2)),
        at=listed_at + timedelta(hours=2),
    )
    for group, _ in wishes:
        mapping_set(
            actor=deputy,
            course=group.course,
            part=group.course.programme.subject,
            hours=group.course.programme.hours_total,
            counts=Counts.ELECTIVE,
            at=listed_at + timedelta(hours=2),
        )
    request = request_send(actor=deputy, request=request, at=listed_at + timedelta(hours=3))
    for group, _ in wishes:
        _answer(cast, request, group, listed_at + timedelta(days=2))


def _answer(cast: Cast, request: SchoolRequest, group: StudyGroup, at: datetime) -> None:
    deputy, director = cast.acting("deputy40", K.DEPUTY), cast.acting("director40", K.DIRECTOR)
    for line in request.lines.filter(course=group.course_id):
        line_accept(actor=deputy, line=line, group=group, seen=LineDecision.PENDING, at=at)
    order = order_create(
        actor=deputy,
        request=request,
        group=group,
        date_from=group.course.date_from,
        date_to=group.course.date_to,
        at=at + timedelta(hours=1),
    )
    order_sign(
        actor=director,
        order=order,
        version_sha256=current_version(order.document).sha256,
        proof=proof(director, order.document, at + timedelta(hours=4)),
        at=at + timedelta(hours=4),
    )


def _organise(cast: Cast, group: StudyGroup, key: str) -> None:
    """The home school's own order: responsible, curator, list."""
    at = moment(cast.season.lessons_from - timedelta(days=5), 12)
    deputy, director = cast.acting(f"deputy{key}", K.DEPUTY), cast.acting(f"director{key}", K.DIRECTOR)
    order = organise_order_create(
        actor=deputy,
        host=group.course.programme.host,
        year=group.course.year,
        responsible=cast.duties[f"deputy{key}", K.DEPUTY],
        curator=cast.duties[f"curator{key}", K.CURATOR],
        date_from=cast.season.lessons_from,
        date_to=cast.season.lessons_to,
        at=at,
    )
    school_order_sign(
        actor=director,
        order=order,
        version_sha256=current_version(order.document).sha256,
        proof=proof(director, order.document, at + timedelta(hours=1)),
        at=at + timedelta(hours=1),
    )


def _read_orders(cast: Cast) -> None:
    """Everyone whom an order names has read it on the next day."""
    offices = {(duty.user_id, duty.organisation_id): duty for duty in reversed(cast.duties.values())}
    for asked in Acquaintance.objects.filter(seen_at=None).select_related("document"):
        duty = offices[asked.user_id, asked.organisation_id]
        registered = asked.document.registered_on
        assert registered is not None
        order_acquaint(
            actor=Acting(duty.user, Role(duty.kind), duty),
            document=asked.document,
            at=moment(registered + timedelta(days=1), 10),
        )


# --- what waits now ---------------------------------------------------------------------------------------------------


def _weeks(cast: Cast, now: datetime) -> None:
    """When the classes of school No. 7 have lessons, and how far the other schools are."""
    deputy = cast.acting("deputy7", K.DEPUTY)
    at = now - timedelta(days=20)
    for school_class in {student.school_class for student in cast.students["7"]}:
        days = {number: DayHours(time(8, 30), time(14, 25), 7 if number < 5 else 6) for number in range(1, 6)}
        class_week_set(actor=deputy, school_class=school_class, days=days, at=at)
    for key, minutes in (("40", 20), ("12", 35)):
        route_set(actor=deputy, other=cast.schools[key], minutes=minutes, at=at)


def _new_courses(cast: Cast, now: datetime) -> None:
    season = cast.season
    window: dict[str, Any] = {
        "year": school_year(season.new_courses_from),
        "date_from": season.new_courses_from,
        "date_to": season.new_courses_from + timedelta(days=120),
        "seats": 10,
        "min_size": 4,
        "applications_from": now - timedelta(days=14),
        "applications_until": moment(season.today + timedelta(days=15), 0),
    }
    chemistry = _course(
        cast,
        "40",
        "Химия: исследовательский практикум",
        "Химия",
        "Опыты, которых нет в школьном кабинете: титрование, спектры, кинетика. Каждый выполняет своё исследование.",
        (9, 11),
        form=StudyForm.ONSITE,
        **window,
    )
    _group(cast, chemistry, "ХМ-1", "teacher40", 10, (Weekday.MONDAY, Weekday.WEDNESDAY))
    english = _course(
        cast,
        "12",
        "Английский язык: академическое письмо",
        "Английский язык",
        "Эссе, аннотации и доклады на английском языке для тех, кто участвует в конференциях.",
        (9, 11),
        form=StudyForm.DISTANCE,
        **window,
    )
    _group(cast, english, "АЯ-1", "teacher12", 10, (Weekday.FRIDAY, Weekday.SATURDAY))
    _course(
        cast,
        "7",
        "Инженерная графика",
        "Технология",
        "Чертёж от руки и в редакторе, трёхмерные модели, печать собственного проекта.",
        (8, 11),
        form=StudyForm.ONSITE,
        **window,
    )


def _waiting_applications(cast: Cast, now: datetime) -> None:
    """Families of school No. 7 apply for chemistry: most wait, one is accepted, one was returned."""
    courses = {course.programme.subject: course for course in NetworkCourse.objects.select_related("programme")}
    chemistry, english = courses["Химия"], courses["Английский язык"]
    deputy = cast.acting("deputy7", K.DEPUTY)
    for place, student in enumerate(cast.students["7"][12:18]):
        at = now - timedelta(days=4) + timedelta(hours=place)
        choices = [chemistry, english] if place % 2 == 0 else [chemistry]
        application = apply_for(cast, student, choices, at)
        if place == 0:
            application_accept(actor=deputy, application=application, at=at + timedelta(days=1))
        elif place == 1:
            application_return(
                actor=deputy,
                application=application,
                reason="Добавьте запасной курс: на химию заявлений больше, чем мест.",
                at=at + timedelta(days=1),
            )


def _first_meeting(cast: Cast, now: datetime) -> None:
    """The first meeting of the council, today, with the election of the chair on its agenda."""
    secretary: Acting = cast.acting("secretary", K.COUNCIL_SECRETARY)
    council = Council.objects.get(network=cast.network)
    meeting = meeting_plan(
        actor=secretary,
        council=council,
        kind=MeetingKind.FIRST,
        planned_at=now + timedelta(hours=1) if (now + timedelta(hours=1)).date() == now.date() else now,
        place=russian.nbsp("МАОУ гимназия № 40, актовый зал"),
        at=now - timedelta(days=6),
    )
    candidate = CouncilMember.objects.get(duty=cast.duties["director40", K.COUNCIL_MEMBER])
    item_add(
        actor=secretary,
        meeting=meeting,
        title="О председателе координационного совета",
        speaker="Громова И. П.",
        proposal="Избрать председателем координационного совета Орлова В. Н.",
        kind=ItemKind.CHAIR,
        about=About(candidate=candidate),
        at=now - timedelta(days=6),
    )
    item_add(
        actor=secretary,
        meeting=meeting,
        title="О сетевых группах второго полугодия",
        speaker="Костина Е. Ю.",
        proposal="Согласовать открытие групп по химии и английскому языку при наличии заявлений.",
        at=now - timedelta(days=6),
    )
    meeting_convene(actor=secretary, meeting=meeting, at=now - timedelta(days=6))
    for login in ("director7", "deputy7", "deputy40", "director12", "class12"):
        answering = cast.acting(login, K.COUNCIL_MEMBER)
        meeting_answer(actor=answering, meeting=meeting, coming=True, at=now - timedelta(days=4))
    away = cast.acting("class40b", K.COUNCIL_MEMBER)
    meeting_answer(actor=away, meeting=meeting, coming=False, reason="командировка", at=now - timedelta(days=4))
