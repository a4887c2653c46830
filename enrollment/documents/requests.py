"""T03, the home school's list for a host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string

from enrollment.documents._parts import RESPONSIBLE, dative_name, number_and_date
from enrollment.enums import LineDecision
from enrollment.models import Application, SchoolRequest
from enrollment.selectors.people import holder_of
from enrollment.selectors.requests import lines_of_request, places_of
from network_portal.common.dates import ru_day, school_year_label
from network_portal.common.errors import RuleError
from network_portal.common.russian import Case, plural
from network_portal.documents import rendering
from network_portal.documents.kinds import field, paper
from schools.enums import DutyKind


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
    number, day = number_and_date(request.agreement.document)
    return RequestPaper(
        host=request.host.in_case(Case.GENITIVE),
        host_director=dative_name(host_director) if host_director else "",
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


def answer_pdf(request: SchoolRequest, rows: Iterable[Any], counts: Iterable[Any], now: datetime) -> bytes:
    """Return what the host has answered to the list, for printing beside T03; it is no paper of a register.

    Args:
        request: an answered list, with both schools and its paper.
        rows: its lines as its page shows them.
        counts: how many lines have which answer, in words.
        now: the moment of printing.
    """
    number, day = number_and_date(request.document)
    home = request.home.in_case(Case.GENITIVE)
    html = render_to_string(
        "documents/request_answer.html",
        {"request_": request, "rows": rows, "counts": counts, "home": home, "number": number, "date": day, "now": now},
    )
    return rendering.render(html).content


def _application_mark(application: Application) -> str:
    number, day = number_and_date(application.document)
    if number and day:
        return f"№ {number} от {ru_day(day)}"
    registered_at: datetime | None = application.registered_at
    return f"от {ru_day(registered_at)}"
