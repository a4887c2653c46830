"""T07, the contract of three parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enrollment.documents._parts import RESPONSIBLE
from enrollment.documents.applications import asker_of
from enrollment.models import SchoolRequestLine
from enrollment.selectors.people import holder_of
from network_portal.common.russian import Case
from network_portal.documents.kinds import field, paper
from schools.enums import DutyKind


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
        guardian=asker_of(application, on).person.full_name,
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
