"""The papers of enrolment: T01, T02, T03, T04, T05, T07, T29, T30 and orders of changes.

Each holds only what its addressee needs (L-3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape

from enrollment.enums import LineDecision
from enrollment.models import (
    Application,
    CourseMapping,
    Enrolment,
    LeaveApplication,
    Order,
    SchoolOrder,
    SchoolOrderLine,
    SchoolRequest,
    SchoolRequestLine,
)
from enrollment.selectors.applications import choices_of
from enrollment.selectors.details import KeptDetails
from enrollment.selectors.people import holder_of
from enrollment.selectors.requests import lines_of_request, places_of
from network_portal.accounts.models import PersonName, User
from network_portal.common.dates import ru_day, school_year_label, years_before
from network_portal.common.errors import RuleError
from network_portal.common.russian import Case, initials_first, nbsp, plural
from network_portal.documents import rendering
from network_portal.documents.kinds import content_of, field, paper, parse
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from schools.enums import DutyKind, Kinship
from schools.guardians import OWN_WORD
from schools.models import GuardianLink, Organisation

RESPONSIBLE = (DutyKind.RESPONSIBLE, DutyKind.DEPUTY)
HOST_DEPUTY = (DutyKind.DEPUTY, DutyKind.RESPONSIBLE, DutyKind.COORDINATOR)


# --- T01 ----------------------------------------------------------------------------------------------------------


@paper(
    code="T01",
    title="Заявление об обучении в сетевой форме",
    template="documents/t01.html",
    signers={"guardian": "заявитель"},
)
@dataclass(frozen=True, kw_only=True)
class ApplicationPaper:
    """What a parent asks the home school for; it holds no consent (L-2)."""

    home: str = field("Школа (в родительном падеже)")
    director: str = field("Директор школы (в дательном падеже)")
    guardian_genitive: str = field("Заявитель (в родительном падеже)")
    guardian_gender: str = field("Пол заявителя", optional=True)
    kinship: str = field("Кем приходится ребёнку")
    phone: str | None = field("Телефон")
    email: str | None = field("Электронная почта")
    child_called: str = field("Кого просят обучать")
    child_genitive: str = field("Обучающийся (в родительном падеже)")
    child_gender: str = field("Пол обучающегося", optional=True)
    birth_date: date = field("Дата рождения")
    class_name: str = field("Класс")
    year: str = field("Учебный год")
    course: str = field("Курс")
    hours: int = field("Часов")
    host: str = field("Принимающая школа (в родительном падеже)")
    form: str = field("Форма занятий")
    alternatives: tuple[str, ...] = field("Запасные курсы", optional=True)
    waitlist: bool = field("Согласие на лист ожидания")
    late: tuple[str, ...] = field("Курсы, заявленные после срока", optional=True)


@dataclass(frozen=True)
class Asker:
    """Who applies for a child: a parent with an account, or the one named on paper."""

    person: PersonName
    kinship: Kinship
    basis: str
    phone: str
    email: str


def asker_of(application: Application, on: date) -> Asker:
    """Return who applies, as a representative of the child on the day `on`.

    Raises:
        RuleError: the link with the child is not in force.
    """
    if application.guardian is None:
        named = application.applicant
        return Asker(named, Kinship(named.kinship), named.basis_document, named.phone, "")
    guardian = application.guardian
    link = GuardianLink.objects.valid_for(guardian.pk, on).filter(student=application.student).first()
    if link is None:
        raise RuleError("Школа не подтвердила, что вы законный представитель этого ребёнка.")
    return Asker(guardian, Kinship(link.kinship), link.basis_document, guardian.phone, guardian.email)


def application_paper(application: Application, on: date) -> ApplicationPaper:
    """Build T01 from what the family has chosen.

    Raises:
        RuleError: nothing is chosen, or the link with the child is not in force.
    """
    student = application.student
    choices = choices_of(application)
    if not choices:
        raise RuleError("Выберите хотя бы один курс.")
    asker = asker_of(application, on)
    first = choices[0].course
    director = holder_of(application.home, [DutyKind.DIRECTOR], on)
    if asker.kinship == Kinship.GUARDIAN:
        called = student.by_gender("моего подопечного", "моей подопечной")
    else:
        called = student.by_gender("моего сына", "моей дочери")
    return ApplicationPaper(
        home=application.home.in_case(Case.GENITIVE),
        director=_dative_name(director) if director else "",
        guardian_genitive=asker.person.in_case(Case.GENITIVE),
        guardian_gender=asker.person.gender,
        kinship=str(asker.kinship.label),
        phone=asker.phone or None,
        email=asker.email or None,
        child_called=called,
        child_genitive=student.in_case(Case.GENITIVE),
        child_gender=student.gender,
        birth_date=student.birth_date,
        class_name=str(student.school_class),
        year=school_year_label(first.year),
        course=first.programme.title,
        hours=first.programme.hours_total,
        host=first.programme.host.in_case(Case.GENITIVE),
        form=first.get_form_display(),
        alternatives=tuple(
            f"«{choice.course.programme.title}» ({choice.course.programme.host.short_name}, "
            f"{choice.course.get_form_display()})"
            for choice in choices[1:]
        ),
        waitlist=application.waitlist_ok,
        late=tuple(f"«{choice.course.programme.title}»" for choice in choices if choice.late),
    )


# --- T02 ----------------------------------------------------------------------------------------------------------

#: What is done with the data, and how (L-2).
ACTIONS = (
    "сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, предоставление, "
    "блокирование, удаление, уничтожение; с использованием средств автоматизации и без них"
)
WITHDRAWAL = "кнопкой в личном кабинете портала или письменным обращением к оператору"
CONSENT_TEXT_VERSION = 1


@paper(
    code="T02",
    title="Согласие на обработку персональных данных обучающегося",
    template="documents/t02.html",
    keep_years=3,
    signers={"guardian": "законный представитель"},
)
@dataclass(frozen=True, kw_only=True)
class ConsentPaper:
    """One representative's consent to one operator for one purpose, with the items of L-2.

    `details` stands for addresses and identity documents, which the home school keeps encrypted; `details_sha256` binds
    the signature to them.
    """

    guardian: str = field("Законный представитель")
    guardian_short: str = field("Представитель с инициалами")
    kinship: str = field("Кем приходится ребёнку")
    child_genitive: str = field("Обучающийся (в родительном падеже)")
    child_birth_date: date = field("Дата рождения")
    authority: str = field("Документ, подтверждающий полномочия")
    details: str = field("Адреса и документы, удостоверяющие личность")
    details_sha256: str = field("Контрольная сумма сведений")
    operator: str = field("Оператор")
    operator_address: str = field("Адрес оператора")
    purpose: str = field("Цель")
    data: str = field("Перечень сведений")
    actions: str = field("Действия")
    recipient: str = field("Кому предоставляются сведения")
    processor: str | None = field("Кто обрабатывает по поручению оператора")
    date_from: date = field("Действует с")
    date_to: date = field("Действует по")
    withdrawal: str = field("Как отозвать")
    pupil_decides: bool = field("Обучающемуся исполнилось 14 лет")
    text_version: int = field("Версия текста")


def consent_paper(
    application: Application, *, operator: Organisation, purpose: str, details: str, details_sha256: str, on: date
) -> ConsentPaper:
    """Build T02 for one operator and one purpose.

    Args:
        application: names the child, the representative and the courses.
        operator: the home school, or a host chosen.
        purpose: what for.
        details: what the paper says instead of addresses and identity documents.
        details_sha256: what binds the signature to them.
        on: the day from which the consent is in force.

    Raises:
        RuleError: the link with the child is not in force.
    """
    student, home = application.student, application.home
    asker = asker_of(application, on)
    if operator.pk == home.pk:
        hosts = {choice.course.host.pk: choice.course.host for choice in choices_of(application)}
        data = "фамилия, имя, отчество, дата рождения, класс, курс, отметки и посещаемость на занятиях курса"
        recipient = "; ".join(f"{host.full_name}, {host.address}" for host in hosts.values())
    else:
        data = "фамилия, имя, отчество, дата рождения, класс и школа, отметки и посещаемость на занятиях курса"
        recipient = f"{home.full_name}, {home.address}"
    return ConsentPaper(
        guardian=asker.person.full_name,
        guardian_short=asker.person.short_name,
        kinship=str(asker.kinship.label),
        child_genitive=student.in_case(Case.GENITIVE),
        child_birth_date=student.birth_date,
        authority=asker.basis,
        details=details,
        details_sha256=details_sha256,
        operator=operator.full_name,
        operator_address=operator.address,
        purpose=purpose,
        data=data,
        actions=ACTIONS,
        recipient=recipient,
        processor=None,
        date_from=on,
        date_to=consent_until(application),
        withdrawal=WITHDRAWAL,
        pupil_decides=years_before(on, OWN_WORD) >= student.birth_date,
        text_version=CONSENT_TEXT_VERSION,
    )


def details_words(home: Organisation, details: KeptDetails) -> str:
    """Say on the registered paper where the addresses and documents are; the full copy prints them in its place."""
    return (
        "адреса и документы, удостоверяющие личность, хранятся в зашифрованном виде в "
        f"{home.in_case(Case.PREPOSITIONAL)} и напечатаны в экземпляре этой школы, контрольная сумма "
        f"{details.sha256[:16]}"
    )


def consent_until(application: Application) -> date:
    """Return the last day of the consents for an application: the end of its school year."""
    return date(application.year + 1, 8, 31)


def consent_full_pdf(document: Document, details: KeptDetails) -> bytes:
    """Return the full copy of a consent, with addresses and identity documents, for the family and the home school."""
    version = current_version(document)
    hidden = parse(version.content)["details"]
    html = rendering.page_of(document, version).replace(escape(nbsp(hidden)), escape(nbsp(details.words)))
    return rendering.render(html).content


#: Places that a family fills in by hand on a printed form.
BLANK = "адрес ____________________, паспорт серия ____ № ________, выдан ____________; документ ребёнка ____________"


def form_pdf(application: Application, needed: list[tuple[Organisation, str]], code: str, url: str, on: date) -> bytes:
    """Return the printed form: the application and its consents with the family's answers, to be signed by hand.

    Args:
        application: a draft with its code.
        needed: operators and purposes of the consents that are not in force.
        code: by it the school finds the draft.
        url: the address that the QR code holds.
        on: the day of printing.
    """
    consents = [
        consent_paper(application, operator=operator, purpose=purpose, details=BLANK, details_sha256="-", on=on)
        for operator, purpose in needed
    ]
    html = render_to_string(
        "documents/application_form.html",
        {
            "paper": parse(content_of(application_paper(application, on))),
            "consents": [parse(content_of(consent)) for consent in consents],
            "code": code,
            "qr": rendering.qr_code(url),
        },
    )
    return rendering.render(html).content


# --- T30 ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    title: str = field("Документ")
    addressee: str = field("Кому")
    sha256: str = field("Контрольная сумма")


@paper(
    code="T30",
    title="Лист подписания",
    template="documents/t30.html",
    signers={"guardian": "законный представитель"},
)
@dataclass(frozen=True, kw_only=True)
class SheetPaper:
    """Which papers a person signs by one act; each of them has its own signature under its own version (L-2, L-10)."""

    person: str = field("Кто подписывает")
    lines: tuple[SheetLine, ...] = field("Документы")


# --- T29 ----------------------------------------------------------------------------------------------------------


@paper(
    code="T29",
    title="Заявление об отчислении из сетевой группы",
    template="documents/t29.html",
    signers={"guardian": "законный представитель"},
)
@dataclass(frozen=True, kw_only=True)
class LeavePaper:
    """A family's wish that the pupil stop the course; the home school executes it."""

    home: str = field("Школа (в родительном падеже)")
    director: str = field("Директор школы (в дательном падеже)")
    guardian_genitive: str = field("Заявитель (в родительном падеже)")
    kinship: str = field("Кем приходится ребёнку")
    phone: str | None = field("Телефон")
    child_accusative: str = field("Обучающийся (в винительном падеже)")
    child_gender: str = field("Пол обучающегося", optional=True)
    class_name: str = field("Класс")
    course: str = field("Курс")
    group: str = field("Группа")
    host: str = field("Принимающая школа (в родительном падеже)")
    last_day: date = field("Последний день занятий")
    reason: str | None = field("Причина")


def leave_paper(leave: LeaveApplication, on: date) -> LeavePaper:
    """Build T29; RuleError when the link with the child is not in force."""
    enrolment = leave.enrolment
    application = enrolment.line.application
    asker = asker_of(application, on) if leave.guardian is None else _asker(leave, on)
    director = holder_of(enrolment.home, [DutyKind.DIRECTOR], on)
    return LeavePaper(
        home=enrolment.home.in_case(Case.GENITIVE),
        director=_dative_name(director) if director else "",
        guardian_genitive=asker.person.in_case(Case.GENITIVE),
        kinship=str(asker.kinship.label),
        phone=asker.phone or None,
        child_accusative=enrolment.student.in_case(Case.ACCUSATIVE),
        child_gender=enrolment.student.gender,
        class_name=str(enrolment.student.school_class),
        course=enrolment.course.programme.title,
        group=enrolment.group.name,
        host=enrolment.course.programme.host.in_case(Case.GENITIVE),
        last_day=leave.last_day,
        reason=leave.reason or None,
    )


def _asker(leave: LeaveApplication, on: date) -> Asker:
    assert leave.guardian is not None
    link = GuardianLink.objects.valid_for(leave.guardian.pk, on).filter(student=leave.enrolment.student).first()
    if link is None:
        raise RuleError("Школа не подтвердила, что вы законный представитель этого ребёнка.")
    return Asker(leave.guardian, Kinship(link.kinship), link.basis_document, leave.guardian.phone, leave.guardian.email)


# --- T03 ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RequestPaperLine:
    name: str = field("Фамилия, имя, отчество")
    birth_date: date = field("Дата рождения")
    class_name: str = field("Класс")
    course: str = field("Курс")
    form: str = field("Форма")
    place: int = field("Приоритет")
    application: str = field("Заявление")
    special: str = field("Особые условия")


@paper(
    code="T03",
    title="Заявка на обучение в сетевой форме",
    template="documents/t03.html",
    landscape=True,
    version=3,
    signers={"home_director": "директор школы обучающихся"},
)
@dataclass(frozen=True, kw_only=True)
class RequestPaper:
    """The home school's list for a host; the order of the family's wishes stays at home."""

    host: str = field("Принимающая школа (в родительном падеже)")
    host_director: str = field("Директор принимающей школы (в дательном падеже)")
    home: str = field("Школа обучающихся (в предложном падеже)")
    year: str = field("Учебный год")
    agreement_number: str | None = field("Номер договора")
    agreement_date: date = field("Дата договора")
    lines: tuple[RequestPaperLine, ...] = field("Список обучающихся")
    totals: tuple[str, ...] = field("Итоги по курсам")
    total: str = field("Всего")
    responsible: str = field("Ответственный за сетевое взаимодействие")
    responsible_phone: str | None = field("Телефон ответственного")
    curator: str | None = field("Учитель-куратор")
    curator_phone: str | None = field("Телефон куратора")
    answer_days: int = field("Рабочих дней на ответ")


def request_paper(request: SchoolRequest, on: date) -> RequestPaper:
    """Build T03 from the lines of a list.

    Raises:
        RuleError: the list is empty.
    """
    lines = [line for line in lines_of_request(request) if line.decision != LineDecision.WITHDRAWN]
    if not lines:
        raise RuleError("В списке нет ни одного обучающегося. Добавьте хотя бы одного.")
    places = places_of(lines)
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.course.programme.title] = counts.get(line.course.programme.title, 0) + 1
    host_director = holder_of(request.host, [DutyKind.DIRECTOR], on)
    responsible = holder_of(request.home, RESPONSIBLE, on)
    curator = holder_of(request.home, [DutyKind.CURATOR], on)
    number, day = _number_and_date(request.agreement.document)
    return RequestPaper(
        host=request.host.in_case(Case.GENITIVE),
        host_director=_dative_name(host_director) if host_director else "",
        home=request.home.in_case(Case.PREPOSITIONAL),
        year=school_year_label(request.year),
        agreement_number=number,
        agreement_date=day or request.agreement.date_from,
        lines=tuple(
            RequestPaperLine(
                name=line.application.student.full_name,
                birth_date=line.application.student.birth_date,
                class_name=str(line.application.student.school_class),
                course=line.course.programme.title,
                form=line.course.get_form_display(),
                place=places[line.pk],
                application=_application_mark(line.application),
                special="да" if line.special else "нет",
            )
            for line in lines
        ),
        totals=tuple(f"«{title}»: {count}" for title, count in sorted(counts.items())),
        total=f"{len(lines)} {plural(len(lines), 'обучающийся,обучающихся,обучающихся')}",
        responsible=responsible.full_name if responsible else "",
        responsible_phone=responsible.phone or None if responsible else None,
        curator=curator.full_name if curator else None,
        curator_phone=curator.phone or None if curator else None,
        answer_days=request.agreement.network.answer_days,
    )


def _application_mark(application: Application) -> str:
    number, day = _number_and_date(application.document)
    if number and day:
        return f"№ {number} от {ru_day(day)}"
    registered_at: datetime | None = application.registered_at
    return f"от {ru_day(registered_at)}"


def _number_and_date(document: Document | None) -> tuple[str | None, date | None]:
    if document is None or document.number is None:
        return None, None
    return str(document.number), document.registered_on


# --- T05 ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class OrderPaperLine:
    name: str = field("Фамилия, имя, отчество")
    class_name: str = field("Класс")
    home: str = field("Школа")
    form: str = field("Форма")


@paper(
    code="T05",
    title="Приказ о зачислении на обучение по курсу в сетевой форме",
    template="documents/t05.html",
    version=2,
    keep_years=50,
    signers={"host_director": "директор принимающей школы"},
    effective_to="date_to",
)
@dataclass(frozen=True, kw_only=True)
class OrderPaper:
    """The host's order; the pupils stay in the home school."""

    course: str = field("Курс")
    home: str = field("Школа обучающихся (в родительном падеже)")
    request_number: str | None = field("Номер заявки")
    request_date: date = field("Дата заявки")
    group: str = field("Группа")
    capacity: int = field("Вместимость группы")
    date_from: date = field("Зачислить с")
    date_to: date = field("По")
    lines: tuple[OrderPaperLine, ...] = field("Список зачисляемых")
    waitlist: tuple[str, ...] = field("Лист ожидания (в винительном падеже)", optional=True)
    teacher: str | None = field("Сетевой учитель (в дательном падеже)")
    readers: tuple[str, ...] = field("Кому открыт журнал (в дательном падеже)")
    notifier: str = field("Кто уведомляет школу (в дательном падеже)")
    director: str = field("Директор")


def order_paper(order: Order, enrolments: list[Enrolment], on: date) -> OrderPaper:
    """Build T05 for the booked places of one list in one group.

    Args:
        order: the order, which need not be saved yet.
        enrolments: those whom it enrols.
        on: the day on which the named people hold their duties.

    Raises:
        RuleError: there is nobody to enrol.
    """
    if not enrolments:
        raise RuleError("Зачислять некого: ни одно место в этой группе не забронировано.")
    request, group = order.request, order.group
    host, home = request.host, request.home
    director = holder_of(host, [DutyKind.DIRECTOR], on)
    notifier = holder_of(host, HOST_DEPUTY, on)
    readers = [holder_of(home, [DutyKind.CURATOR], on), holder_of(home, RESPONSIBLE, on)]
    waiting = [
        line.application.student.in_case(Case.ACCUSATIVE)
        for line in lines_of_request(request)
        if line.decision == LineDecision.WAITLISTED and line.course_id == group.course_id
    ]
    number, day = _number_and_date(request.document)
    return OrderPaper(
        course=group.course.programme.title,
        home=home.in_case(Case.GENITIVE),
        request_number=number,
        request_date=day or request.created_at.date(),
        group=group.name,
        capacity=group.capacity,
        date_from=order.date_from,
        date_to=order.date_to,
        lines=tuple(
            OrderPaperLine(
                name=enrolment.student.full_name,
                class_name=str(enrolment.student.school_class),
                home=home.short_name,
                form=group.course.get_form_display(),
            )
            for enrolment in enrolments
        ),
        waitlist=tuple(waiting),
        teacher=_dative_name(group.teacher.user) if group.teacher else None,
        readers=tuple(dict.fromkeys(_dative_name(reader) for reader in readers if reader)),
        notifier=_dative_name(notifier) if notifier else "",
        director=initials_first(director.last_name, director.first_name, director.patronymic) if director else "",
    )


# --- T04 and the orders that change it or T05 ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SchoolOrderCourse:
    title: str = field("Курс")
    hours: int = field("Часов")
    form: str = field("Форма")
    group: str = field("Группы")
    part: str = field("Часть учебного плана школы")
    part_hours: int = field("Часов по учебному плану")
    counts: str = field("Как засчитывается")


@dataclass(frozen=True, kw_only=True)
class SchoolOrderPupil:
    name: str = field("Фамилия, имя, отчество")
    class_name: str = field("Класс")
    course: str = field("Курс")
    group: str = field("Группа")


@paper(
    code="T04",
    title="Приказ об организации обучения в сетевой форме",
    template="documents/t04.html",
    keep_years=50,
    signers={"home_director": "директор школы обучающихся"},
    effective_to="date_to",
)
@dataclass(frozen=True, kw_only=True)
class OrganisePaper:
    """The home director's order: the responsible, the curator and the list of pupils (S0-5, S1-4.8a)."""

    agreement_number: str | None = field("Номер договора")
    agreement_date: date = field("Дата договора")
    host: str = field("Принимающая школа (в творительном падеже)")
    year: str = field("Учебный год")
    date_from: date = field("Обучение с")
    date_to: date = field("Обучение по")
    courses: tuple[SchoolOrderCourse, ...] = field("Курсы")
    responsible: str = field("Ответственный (в винительном падеже)")
    responsible_gender: str = field("Пол ответственного", optional=True)
    curator: str = field("Учитель-куратор (в винительном падеже)")
    curator_gender: str = field("Пол куратора", optional=True)
    escort: str | None = field("Сопровождающий")
    class_teachers: tuple[str, ...] = field("Классные руководители (в дательном падеже)", optional=True)
    lines: tuple[SchoolOrderPupil, ...] = field("Список обучающихся")


@dataclass(frozen=True, kw_only=True)
class ChangePaperExit:
    name: str = field("Фамилия, имя, отчество")
    class_name: str = field("Класс")
    course: str = field("Курс")
    last_day: date = field("Последний день занятий")
    reason: str = field("Причина")


@dataclass(frozen=True, kw_only=True)
class _ChangePaper:
    number: str | None = field("Номер изменяемого приказа")
    day: date = field("Дата изменяемого приказа")
    subject: str = field("О чём изменяемый приказ")
    ground: str = field("Основание")
    date_from: date | None = field("Обучение с")
    date_to: date | None = field("Обучение по")
    responsible: str | None = field("Ответственный (в винительном падеже)")
    curator: str | None = field("Учитель-куратор (в винительном падеже)")
    escort: str | None = field("Сопровождающий")
    added: tuple[SchoolOrderPupil, ...] = field("Кого включить", optional=True)
    exits: tuple[ChangePaperExit, ...] = field("Кого исключить", optional=True)
    corrected: tuple[SchoolOrderPupil, ...] = field("О ком уточнить сведения", optional=True, default=())


@paper(
    code="T04A",
    title="Приказ о внесении изменений в приказ об организации обучения",
    template="documents/t04a.html",
    keep_years=50,
    signers={"home_director": "директор школы обучающихся"},
)
@dataclass(frozen=True, kw_only=True)
class HomeChangePaper(_ChangePaper):
    """The home school's order that changes its T04 (3.5)."""


@paper(
    code="T05A",
    title="Приказ о внесении изменений в приказ о зачислении",
    template="documents/t05a.html",
    keep_years=50,
    signers={"host_director": "директор принимающей школы"},
)
@dataclass(frozen=True, kw_only=True)
class HostChangePaper(_ChangePaper):
    """The host's order that excludes pupils or changes the term of its T05 (3.5, lessons 8)."""

    home: str = field("Школа обучающихся (в родительном падеже)")


def organise_paper(
    order: SchoolOrder, enrolments: list[Enrolment], mappings: dict[int, CourseMapping]
) -> OrganisePaper:
    """Build T04 for pupils whom the host has enrolled.

    Args:
        order: the order, which need not be saved yet; it names the responsible and the curator.
        enrolments: the pupils.
        mappings: by course, the part of the school's own curriculum.

    Raises:
        RuleError: there is nobody to send, or nobody is named.
    """
    if not enrolments:
        raise RuleError("Направлять некого: нет обучающихся, зачисленных приказом принимающей школы.")
    if order.responsible is None or order.curator is None or order.date_from is None or order.date_to is None:
        raise RuleError("Назовите ответственного, учителя-куратора и сроки обучения.")
    number, day = _number_and_date(order.agreement.document)
    responsible, curator = order.responsible.user, order.curator.user
    groups: dict[int, list[str]] = {}
    courses = {}
    for enrolment in enrolments:
        courses[enrolment.course_id] = enrolment.course
        names = groups.setdefault(enrolment.course_id, [])
        if enrolment.group.name not in names:
            names.append(enrolment.group.name)
    unmapped = [course.programme.title for pk, course in courses.items() if pk not in mappings]
    if unmapped:
        raise RuleError(
            f"Курсы не сопоставлены с учебным планом школы: {', '.join(unmapped)}. "
            "Откройте раздел «Учебный план» и сопоставьте их."
        )
    teachers = {
        enrolment.student.school_class.class_teacher.user
        for enrolment in enrolments
        if enrolment.student.school_class.class_teacher
    }
    return OrganisePaper(
        agreement_number=number,
        agreement_date=day or order.agreement.date_from,
        host=order.host.in_case(Case.INSTRUMENTAL),
        year=school_year_label(order.year),
        date_from=order.date_from,
        date_to=order.date_to,
        courses=tuple(
            SchoolOrderCourse(
                title=course.programme.title,
                hours=course.programme.hours_total,
                form=course.get_form_display(),
                group=", ".join(sorted(groups[pk])),
                part=mappings[pk].part,
                part_hours=mappings[pk].hours,
                counts=mappings[pk].get_counts_display(),
            )
            for pk, course in sorted(courses.items(), key=lambda item: item[1].programme.title)
        ),
        responsible=responsible.in_case(Case.ACCUSATIVE),
        responsible_gender=responsible.gender,
        curator=curator.in_case(Case.ACCUSATIVE),
        curator_gender=curator.gender,
        escort=order.escort or None,
        class_teachers=tuple(sorted(_dative_name(teacher) for teacher in teachers)),
        lines=tuple(_pupil(enrolment) for enrolment in enrolments),
    )


def change_paper(
    order: SchoolOrder,
    added: Sequence[Enrolment],
    exits: Sequence[SchoolOrderLine],
    corrected: Sequence[Enrolment] = (),
) -> HomeChangePaper | HostChangePaper:
    """Build the order «О внесении изменений» of either school.

    Args:
        order: the order, which need not be saved yet; it names what it changes.
        added: whom the home school adds to its list.
        exits: rows that take pupils off, which need not be saved yet.
        corrected: whom the order names as they are now, after a change of name, class or group.

    Raises:
        RuleError: it changes nothing.
    """
    named = (order.date_from, order.date_to, order.responsible, order.curator, order.escort)
    if not added and not exits and not corrected and not any(named):
        raise RuleError("Приказ ничего не меняет. Отметьте обучающихся или укажите, что изменить.")
    first = order.amends or order.amends_order
    assert first is not None
    number, day = _number_and_date(first.document)
    values: dict[str, Any] = {
        "number": number,
        "day": day or first.created_at.date(),
        "ground": order.text or "изменение состава обучающихся",
        "date_from": order.date_from,
        "date_to": order.date_to,
        "responsible": order.responsible.user.in_case(Case.ACCUSATIVE) if order.responsible else None,
        "curator": order.curator.user.in_case(Case.ACCUSATIVE) if order.curator else None,
        "escort": order.escort or None,
        "added": tuple(_pupil(enrolment) for enrolment in added),
        "exits": tuple(
            ChangePaperExit(
                name=line.enrolment.student.full_name,
                class_name=str(line.enrolment.student.school_class),
                course=line.enrolment.course.programme.title,
                last_day=line.last_day,
                reason=f"{line.get_reason_display()}; {line.words}" if line.words else line.get_reason_display(),
            )
            for line in exits
            if line.last_day is not None
        ),
        "corrected": tuple(_pupil(enrolment) for enrolment in corrected),
    }
    if order.amends_order is not None:
        subject = f"О зачислении на обучение по курсу «{order.amends_order.group.course.programme.title}»"
        return HostChangePaper(subject=subject, home=order.home.in_case(Case.GENITIVE), **values)
    return HomeChangePaper(subject="Об организации обучения учащихся с помощью сетевого взаимодействия", **values)


def _pupil(enrolment: Enrolment) -> SchoolOrderPupil:
    return SchoolOrderPupil(
        name=enrolment.student.full_name,
        class_name=str(enrolment.student.school_class),
        course=enrolment.course.programme.title,
        group=enrolment.group.name,
    )


# --- T07 ----------------------------------------------------------------------------------------------------------


@paper(
    code="T07",
    title="Договор об обучении с применением дистанционных образовательных технологий",
    template="documents/t07.html",
    signers={
        "base_director": "директор базовой школы",
        "home_director": "директор школы обучающегося",
        "guardian": "законный представитель",
    },
    effective_to="date_to",
)
@dataclass(frozen=True, kw_only=True)
class ContractPaper:
    """The three-party contract: in force with the third signature (S3-(4))."""

    base: str = field("Базовая школа")
    base_director: str = field("Директор базовой школы (в родительном падеже)")
    home: str = field("Школа обучающегося")
    home_director: str = field("Директор школы обучающегося (в родительном падеже)")
    guardian: str = field("Законный представитель")
    child: str = field("Обучающийся (в родительном падеже)")
    class_name: str = field("Класс")
    course: str = field("Программа")
    hours: int = field("Часов")
    form: str = field("Форма занятий")
    date_from: date = field("С")
    date_to: date = field("По")
    coordinator: str = field("Координатор школы")
    notice_days: int = field("За сколько дней заявляют о расторжении")
    base_address: str = field("Адрес базовой школы")
    home_address: str = field("Адрес школы обучающегося")


def contract_paper(line: SchoolRequestLine, on: date) -> ContractPaper:
    """Build T07 for one accepted line of a list."""
    request, course, application = line.request, line.course, line.application
    base_director = holder_of(request.host, [DutyKind.DIRECTOR], on)
    home_director = holder_of(request.home, [DutyKind.DIRECTOR], on)
    coordinator = holder_of(request.home, [DutyKind.COORDINATOR, *RESPONSIBLE], on)
    return ContractPaper(
        base=request.host.full_name,
        base_director=base_director.in_case(Case.GENITIVE) if base_director else "",
        home=request.home.full_name,
        home_director=home_director.in_case(Case.GENITIVE) if home_director else "",
        guardian=application.asker.full_name,
        child=application.student.in_case(Case.GENITIVE),
        class_name=str(application.student.school_class),
        course=course.programme.title,
        hours=course.programme.hours_total,
        form=course.get_form_display(),
        date_from=course.date_from,
        date_to=course.date_to,
        coordinator=coordinator.full_name if coordinator else "",
        notice_days=10,
        base_address=request.host.address,
        home_address=request.home.address,
    )


def _dative_name(person: User) -> str:
    return person.in_case(Case.DATIVE, short=True)
