"""T01, the parent's application with its blank form, and T29, the wish to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enrollment.documents._parts import dative_name
from enrollment.models import Application, LeaveApplication
from enrollment.selectors.applications import choices_of
from enrollment.selectors.people import holder_of
from network_portal.accounts.models import PersonName
from network_portal.common.dates import school_year_label
from network_portal.common.errors import RuleError
from network_portal.common.russian import Case
from network_portal.documents.kinds import field, paper
from schools.enums import DutyKind, Kinship
from schools.guardians import of_age
from schools.models import GuardianLink


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
    """Who applies: a parent with an account, the one named on paper, or the pupil who is of age."""

    person: PersonName
    kinship: Kinship
    basis: str
    phone: str
    email: str


def asker_of(application: Application, on: date) -> Asker:
    """Return who applies: a representative of the child on the day `on`, or the pupil who is of age then.

    Raises:
        RuleError: the link with the child is not in force.
    """
    named = getattr(application, "applicant", None)
    if of_age(application.student, on):
        basis = named.basis_document if named else "документ, удостоверяющий личность, предъявлен в школе"
        return Asker(application.student, Kinship.SELF, basis, named.phone if named else "", "")
    if application.guardian is None:
        assert named is not None
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
    if asker.kinship == Kinship.SELF:
        called = "меня,"
    elif asker.kinship == Kinship.GUARDIAN:
        called = student.by_gender("моего подопечного", "моей подопечной")
    else:
        called = student.by_gender("моего сына", "моей дочери")
    return ApplicationPaper(
        home=application.home.in_case(Case.GENITIVE),
        director=dative_name(director) if director else "",
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
        director=dative_name(director) if director else "",
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
