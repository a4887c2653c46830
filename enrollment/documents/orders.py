"""T05, the host's order of enrolment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enrollment.documents._parts import HOST_DEPUTY, RESPONSIBLE, dative_name, number_and_date
from enrollment.enums import LineDecision
from enrollment.models import Enrolment, Order
from enrollment.selectors.people import holder_of
from enrollment.selectors.requests import lines_of_request
from network_portal.common.errors import RuleError
from network_portal.common.russian import Case, initials_first
from network_portal.documents.kinds import field, paper
from schools.enums import DutyKind


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
    number, day = number_and_date(request.document)
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
        teacher=dative_name(group.teacher.user) if group.teacher else None,
        readers=tuple(dict.fromkeys(dative_name(reader) for reader in readers if reader)),
        notifier=dative_name(notifier) if notifier else "",
        director=initials_first(director.last_name, director.first_name, director.patronymic) if director else "",
    )
