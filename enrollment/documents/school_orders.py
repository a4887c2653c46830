"""T04 and the orders that change it or T05."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from enrollment.documents._parts import dative_name, number_and_date
from enrollment.models import CourseMapping, Enrolment, SchoolOrder, SchoolOrderLine
from network_portal.common.dates import school_year_label
from network_portal.common.errors import RuleError
from network_portal.common.russian import Case
from network_portal.documents.kinds import field, paper


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
    number, day = number_and_date(order.agreement.document)
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
        class_teachers=tuple(sorted(dative_name(teacher) for teacher in teachers)),
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
    number, day = number_and_date(first.document)
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
