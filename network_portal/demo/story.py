"""The papers of the demonstration, made by the services that people use: agreements, lists, a journal, applications."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings

from council.enums import ItemKind, MeetingKind
from council.models import Council, CouncilMember
from council.services import About, item_add, meeting_answer, meeting_convene, meeting_plan
from courses.enums import CourseState, ProgrammeKind, StudyForm, Weekday, WorkType
from courses.models import NetworkCourse, Programme, StudyGroup, TimetableSlot
from enrollment.enums import Counts, LineDecision
from enrollment.models import Application, Enrolment, SchoolRequest
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
    group_open,
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
from gradebook.enums import LessonState
from gradebook.models import Lesson
from gradebook.services.journal import CellChange, WorkPlan, lesson_fill
from gradebook.services.lessons import lessons_plan
from network_portal.common import russian
from network_portal.common.dates import local_day, school_year
from network_portal.demo.accounts import PASSWORD
from network_portal.demo.base import Cast, moment
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, new_code
from network_portal.documents.selectors import current_version
from network_portal.documents.services import pdfs_later, signing_code_keep
from schools.acting import Acting
from schools.enums import DutyKind, FundingMode, Level, ResourceKind, Role, Side, TaughtKind
from schools.models import Agreement, Student
from schools.services import (
    agreement_agree,
    agreement_contacts,
    agreement_create,
    agreement_duty_done,
    agreement_publish,
    agreement_send,
    agreement_sign,
    agreement_suspend,
    disagreement_add,
)
from schools.services.week import DayHours, class_week_set, route_set
from schools.terms import AgreementTerms, ConditionTerms, DutyTerms, ResourceTerms

K = DutyKind
#: How many pupils of each school study in the group whose journal is kept.
STUDY = {"7": 9, "12": 4}
UNFILLED_DAYS = 7
#: What pupils study at, lesson after lesson; what one lesson adds to it; why pupils are away.
LEVELS = (4, 5, 3, 4, 4, 5, 3, 5, 4, 3, 4)
STRAY = (0, 1, 0, -1, 0, 0, -1)
AWAY = ("Н", "Б", "УП", "Б", "НП")
TOPICS = (
    "Кинематика: относительность движения",
    "Равноускоренное движение, графики",
    "Движение тела, брошенного под углом к горизонту",
    "Законы Ньютона в задачах с несколькими телами",
    "Силы трения и сопротивления",
    "Движение по окружности",
    "Закон сохранения импульса",
    "Работа и энергия",
    "Закон сохранения энергии",
    "Статика: условия равновесия",
    "Гидростатика",
    "Итоговое повторение: механика",
)


@pdfs_later()
def tell_story(cast: Cast, now: datetime) -> None:
    """Create all papers up to the moment `now`."""
    _published_agreement(cast)
    for home, host in (("12", "40"), ("7", "12")):
        _signed_agreement(cast, home, host)
    _suspended_agreement(cast)
    _disputed_agreement(cast, now)
    _agreement_to_sign(cast, now)
    group = _physics(cast)
    for key, size in STUDY.items():
        _enrol(cast, group, key, cast.students[key][:size])
    _organise(cast, group, "7")
    _open_group(cast, group)
    _keep_journal(cast, group, now)
    _weeks(cast, now)
    _new_courses(cast, now)
    _waiting_applications(cast, now)
    _first_meeting(cast, now)


# --- agreements -------------------------------------------------------------------------------------------------------


def _terms(cast: Cast) -> AgreementTerms:
    since, year = cast.season.since, cast.season.year
    return AgreementTerms(
        date_from=since + timedelta(days=7),
        date_to=date(year + 2, 8, 31),
        conditions=(
            ConditionTerms(
                programme="Курсы из каталога сети для 9–11 классов",
                teaches=Side.HOST,
                kind=TaughtKind.LESSON,
                level=Level.GENERAL,
                orientation="естественно-научная и гуманитарная",
                part="Программа курса полностью",
                hours=68,
                grade_from=8,
                grade_to=11,
                seats=40,
                year_from=year,
                year_to=year + 1,
            ),
        ),
        resources=(
            ResourceTerms(
                what="Учителя курсов", kind=ResourceKind.STAFF, party=Side.HOST, amount=Decimal(2), unit="ставки"
            ),
            ResourceTerms(
                what="Кабинеты и лаборатории",
                kind=ResourceKind.MATERIAL,
                party=Side.HOST,
                amount=Decimal(136),
                unit="часов в год",
            ),
            ResourceTerms(
                what="Учебники и задачники", kind=ResourceKind.METHOD, party=Side.HOME, amount=Decimal(40), unit="штук"
            ),
        ),
        duties=(
            DutyTerms(what="Вести занятия и журнал, передавать сведения раз в месяц", party=Side.HOST),
            DutyTerms(what="Назначить учителя-куратора приказом", party=Side.HOME, due=cast.season.lessons_from),
            DutyTerms(
                what="Провести встречу с родителями об итогах полугодия",
                party=Side.HOST,
                due=cast.season.today + timedelta(days=20),
            ),
        ),
        safety="До места занятий детей сопровождает назначенный приказом работник школы обучающихся.",
        issued_documents="Документ об образовании выдаёт школа обучающихся, справку об обучении – принимающая школа.",
        funding_mode=FundingMode.OWN,
        journal_readers=(Role.RESPONSIBLE, Role.CURATOR),
        scale="пятибалльная",
        weights="По положению принимающей школы о текущем контроле успеваемости.",
        correction_days=5,
        personal_data="Фамилия, имя, отчество, класс, отметки и посещаемость.",
        incident_hours=24,
    )


def _proof(signer: Acting, document: Document, at: datetime) -> Proof:
    """Return what the signer types; the letter with the code has just come."""
    code = new_code()
    version = current_version(document).sha256
    signing_code_keep(user=signer.user, version_sha256=version, code=code, at=at)
    return Proof(PASSWORD, code)


def _sent_agreement(cast: Cast, home: str, host: str, at: datetime) -> Agreement:
    deputy = cast.acting(f"deputy{home}", K.DEPUTY)
    agreement = agreement_create(actor=deputy, host=cast.schools[host], terms=_terms(cast), at=at)
    return agreement_send(actor=deputy, agreement=agreement, at=at)


def _agreed(cast: Cast, home: str, host: str, at: datetime) -> Agreement:
    agreement = _sent_agreement(cast, home, host, at)
    assert agreement.document is not None
    return agreement_agree(
        actor=cast.acting(f"deputy{host}", K.DEPUTY),
        agreement=agreement,
        version_sha256=current_version(agreement.document).sha256,
        at=at + timedelta(minutes=30),
    )


def _sign_agreement(cast: Cast, agreement: Agreement, school: str, at: datetime) -> None:
    assert agreement.document is not None
    agreement_sign(
        actor=cast.acting(f"director{school}", K.DIRECTOR),
        agreement=agreement,
        version_sha256=current_version(agreement.document).sha256,
        proof=_proof(cast.acting(f"director{school}", K.DIRECTOR), agreement.document, at),
        at=at,
    )


def _signed_agreement(cast: Cast, home: str, host: str) -> Agreement:
    day = cast.season.since + timedelta(days=3)
    agreement = _agreed(cast, home, host, moment(day, 10))
    _sign_agreement(cast, agreement, home, moment(day, 11))
    _sign_agreement(cast, agreement, host, moment(day, 15))
    agreement.refresh_from_db()
    return agreement


def _published_agreement(cast: Cast) -> None:
    """School No. 7 sends pupils to the gymnasium: signed, read by everyone, its first duty done."""
    agreement = _signed_agreement(cast, "7", "40")
    deputy, day = cast.acting("deputy7", K.DEPUTY), cast.season.since + timedelta(days=10)
    contacts = "Заместитель директора, каб. № 12, по рабочим дням с 9 до 16 часов"
    agreement_contacts(actor=deputy, agreement=agreement, contacts=contacts, at=moment(day, 9))
    agreement_publish(actor=deputy, agreement=agreement, appendix_ids=[], at=moment(day, 10))
    duty = agreement.duties.get(party=Side.HOME)
    agreement_duty_done(actor=deputy, duty=duty, on=day, at=moment(day, 11))


def _suspended_agreement(cast: Cast) -> None:
    """The gymnasium's pupils in lyceum No. 12: the lyceum is being repaired."""
    agreement = _signed_agreement(cast, "40", "12")
    at = moment(cast.season.since + timedelta(days=30), 12)
    director = cast.acting("director12", K.DIRECTOR)
    agreement_suspend(actor=director, agreement=agreement, reason="Ремонт корпуса до конца полугодия.", at=at)


def _agreement_to_sign(cast: Cast, now: datetime) -> None:
    """The gymnasium's pupils in school No. 7: signed by one director, waiting for the other."""
    agreement = _agreed(cast, "40", "7", now - timedelta(days=3))
    _sign_agreement(cast, agreement, "40", now - timedelta(days=2))


def _disputed_agreement(cast: Cast, now: datetime) -> None:
    """The lyceum's pupils in school No. 7: one clause is disputed."""
    agreement = _sent_agreement(cast, "12", "7", now - timedelta(days=5))
    disagreement_add(
        actor=cast.acting("deputy7", K.DEPUTY),
        agreement=agreement,
        clause="2.7",
        home_wording="До места занятий детей сопровождает работник школы обучающихся.",
        host_wording="До места занятий детей сопровождает работник школы обучающихся, обратно – родители.",
        at=now - timedelta(days=4),
    )


# --- the group whose journal is kept ----------------------------------------------------------------------------------


def _course(
    cast: Cast, host: str, title: str, subject: str, summary: str, grades: tuple[int, int], **fields: object
) -> NetworkCourse:
    programme = Programme.objects.create(
        host=cast.schools[host],
        title=title,
        subject=subject,
        kind=ProgrammeKind.LESSON,
        grade_from=grades[0],
        grade_to=grades[1],
        hours_total=68,
        hours_week=2,
        summary=summary,
    )
    return NetworkCourse.objects.create(
        programme=programme, network=cast.network, state=CourseState.PUBLISHED, **fields
    )


def _group(
    cast: Cast, course: NetworkCourse, name: str, teacher: str, capacity: int, days: tuple[Weekday, Weekday]
) -> StudyGroup:
    group = StudyGroup.objects.create(
        course=course, name=name, teacher=cast.duties[teacher, K.NETWORK_TEACHER], capacity=capacity
    )
    for weekday in days:
        TimetableSlot.objects.create(
            group=group, weekday=weekday, starts=time(15, 30), ends=time(16, 15), room=russian.nbsp("каб. № 31")
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
        proof=_proof(parent, paper, at),
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


def _enrol(cast: Cast, group: StudyGroup, key: str, students: list[Student]) -> None:
    """From the applications of one school's families to the order of the host."""
    season = cast.season
    deputy, director = cast.acting(f"deputy{key}", K.DEPUTY), cast.acting(f"director{key}", K.DIRECTOR)
    applied_on = season.lessons_from - timedelta(days=40)
    applications = [
        apply_for(cast, student, [group.course], moment(applied_on, 18, minute))
        for minute, student in enumerate(students)
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
        proof=_proof(director, request.document, listed_at + timedelta(hours=2)),
        at=listed_at + timedelta(hours=2),
    )
    mapping_set(
        actor=deputy,
        course=group.course,
        part=group.course.programme.subject,
        hours=group.course.programme.hours_total,
        counts=Counts.ELECTIVE,
        at=listed_at + timedelta(hours=2),
    )
    request = request_send(actor=deputy, request=request, at=listed_at + timedelta(hours=3))
    _answer(cast, request, group, listed_at + timedelta(days=2))


def _answer(cast: Cast, request: SchoolRequest, group: StudyGroup, at: datetime) -> None:
    deputy, director = cast.acting("deputy40", K.DEPUTY), cast.acting("director40", K.DIRECTOR)
    for line in request.lines.all():
        line_accept(actor=deputy, line=line, group=group, seen=LineDecision.PENDING, at=at)
    order = order_create(
        actor=deputy,
        request=request,
        group=group,
        date_from=cast.season.lessons_from,
        date_to=cast.season.lessons_to,
        at=at + timedelta(hours=1),
    )
    order_sign(
        actor=director,
        order=order,
        version_sha256=current_version(order.document).sha256,
        proof=_proof(director, order.document, at + timedelta(hours=4)),
        at=at + timedelta(hours=4),
    )


def _organise(cast: Cast, group: StudyGroup, key: str) -> None:
    """The home school's own order: responsible, curator, list; the curator has read it."""
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
    order = school_order_sign(
        actor=director,
        order=order,
        version_sha256=current_version(order.document).sha256,
        proof=_proof(director, order.document, at + timedelta(hours=1)),
        at=at + timedelta(hours=1),
    )
    order_acquaint(actor=cast.acting(f"curator{key}", K.CURATOR), document=order.document, at=at + timedelta(hours=2))


def _open_group(cast: Cast, group: StudyGroup) -> None:
    day = cast.season.lessons_from - timedelta(days=3)
    deputy = cast.acting("deputy40", K.DEPUTY)
    group = group_open(actor=deputy, group=group, on=day, at=moment(day, 12))
    lessons_plan(actor=deputy, group=group, at=moment(day, 12))


def _keep_journal(cast: Cast, group: StudyGroup, now: datetime) -> None:
    """Fill the month to seal, and what followed up to a week ago."""
    teacher = cast.acting("teacher40", K.NETWORK_TEACHER)
    members = list(Enrolment.objects.filter(group=group).order_by("student__sort_key"))
    last = now.date() - timedelta(days=UNFILLED_DAYS)
    lessons = Lesson.objects.filter(group=group, date__lte=last, state=LessonState.PLANNED)
    for number, lesson in enumerate(lessons):
        test = number % 6 == 5
        lesson_fill(
            actor=teacher,
            lesson=lesson,
            topic=TOPICS[number % len(TOPICS)],
            homework="" if test else f"Сборник задач, № {12 + 7 * number}–{15 + 7 * number}",
            works=[WorkPlan(WorkType.TEST if test else WorkType.ANSWER)],
            cells={
                member.pk: CellChange(value=_cell(number, place, test), seen="") for place, member in enumerate(members)
            },
            confirm=True,
            at=moment(lesson.date, 17),
        )


def _cell(lesson: int, place: int, test: bool) -> str:
    """A mark or an absence, always the same: about every third pupil is marked, one in twelve is away.

    Each pupil has a level of their own, and the marks stray around it: diaries differ as real ones do.
    """
    turn = (lesson * lesson * 5 + lesson * place * 3 + place * 7) % 13
    if turn == 4:
        return AWAY[(lesson + place) % len(AWAY)]
    if test or turn in (0, 3, 6, 9, 11):
        stray = STRAY[(lesson * 3 + place * 2 + lesson * place) % len(STRAY)]
        return str(min(5, max(2, LEVELS[place % len(LEVELS)] + stray)))
    return "ОП" if turn == 8 and place % 4 == 0 else ""


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
    window = {
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
