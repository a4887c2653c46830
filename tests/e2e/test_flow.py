"""The whole way of a course, from the agreement of two schools to the receipt of the marks, as nine people walk it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import holidays
import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from courses.models import AcademicYear, Holiday, NetworkCourse, StudyGroup
from enrollment.models import Application
from gradebook.enums import PushState, TransferState
from gradebook.models import Lesson, MonthlyTransfer, PushEndpoint, TransferPush
from gradebook.selectors.months import Month
from network_portal.common.dates import month_label, month_name, school_year, school_year_label
from network_portal.demo.base import Cast
from network_portal.demo.story import apply_for
from network_portal.outbox import services as outbox
from schools.models import Agreement, Student
from tests.e2e.people import PHONE, Person, Visit
from tests.factories.courses import NetworkCourseFactory
from tests.factories.enrollment import EnrolmentFactory
from tests.factories.schools import AgreementFactory
from tests.services import Receiver, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE, GROUP = "Физика: решение задач", "ФЗ-1"
SPARE = "Английский язык: академическое письмо"
HOME, HOST, STRANGER = "МАОУ СОШ № 7", "МАОУ гимназия № 40", "МАОУ лицей № 12"
TUESDAY, THURSDAY = 2, 4
RETURNED, REFUSED = "Подтвердите согласие на лист ожидания.", "В группе не осталось мест."


@dataclass(frozen=True)
class Days:
    """The days of the story; on any day of the year the last month is over and has lessons."""

    today: date

    @property
    def year(self) -> int:
        return school_year(self.today)

    @property
    def month(self) -> Month:
        return Month.of(self.today).shifted(-1)

    @property
    def first(self) -> date:
        """In September lessons began in the middle of August: earlier the year may not begin."""
        return max(self.month.days[0], date(self.year, 8, 15))

    @property
    def last(self) -> date:
        return min(self.today + timedelta(days=60), date(self.year + 1, 8, 31))

    @property
    def day_off(self) -> date:
        """School holidays, of one day, on the second Tuesday."""
        tuesday = self.first + timedelta(days=(1 - self.first.weekday()) % 7)
        return tuesday + timedelta(days=7)

    def lessons(self, last: date) -> list[date]:
        """Return the days of lessons up to `last`, counted without the portal."""
        free = {self.day_off, *holidays.country_holidays("RU", years=[self.year, self.year + 1])}
        days = (self.first + timedelta(days=number) for number in range((last - self.first).days + 1))
        return [day for day in days if day.isoweekday() in (TUESDAY, THURSDAY) and day not in free]


@pytest.fixture
def days(cast: Cast) -> Days:
    """Give the host a calendar that covers the story, whatever the day."""
    story = Days(cast.season.today)
    host = cast.schools["40"]
    AcademicYear.objects.filter(organisation=host, year=story.year).delete()
    calendar = AcademicYear.objects.create(
        organisation=host, year=story.year, date_from=date(story.year, 8, 15), date_to=date(story.year + 1, 8, 31)
    )
    Holiday.objects.create(academic_year=calendar, title="Каникулы", date_from=story.day_off, date_to=story.day_off)
    return story


def test_course_from_the_agreement_to_the_transfer_of_marks(
    cast: Cast, days: Days, worker: None, receiver: Receiver, visit: Visit
) -> None:
    child, second, third = cast.students["7"][:3]
    stranger = cast.students["12"][0]
    deputy, director = visit("deputy7"), visit("director7")
    host_deputy, host_director = visit("deputy40"), visit("director40")
    guest = visit()

    sign_agreement(cast, days, deputy, host_deputy, director, host_director, guest)
    publish_course(cast, days, host_deputy, guest)
    group = make_group(cast, host_deputy)
    spare_course(cast, days)
    enrol_stranger(cast, days, group, stranger)

    parent = visit("parent1", PHONE)
    apply_and_correct(parent, deputy, child)
    for student in (second, third):
        apply_for(cast, student, [group.course], timezone.now())
    for student in (child, second, third):
        deputy.take(f"Рассмотреть заявление {student.short_name}")
        if student == child:  # fourteen or older: the word of the pupil is a paper
            pupil_confirms(deputy)
        deputy.press("Принять заявление")
        deputy.sees("Заявление принято, семья уведомлена.")
    send_list(deputy, director, [child, second, third])
    answer_list(host_deputy, child, second, third)
    order(host_deputy, host_director, child, second)
    stays_in_the_home_school(cast, parent, child)

    open_group(host_deputy, group)
    wait_for(lambda: Lesson.objects.filter(group=group).exists())
    laid_out = list(Lesson.objects.filter(group=group).order_by("date").values_list("date", flat=True))
    assert laid_out == days.lessons(days.last)

    teacher = visit("teacher40")
    fill_month(teacher, days, child, stranger)
    curator = visit("curator7")
    read_at_home(curator, parent, child, stranger)

    set_endpoint(visit("responsible7"), receiver)
    transfer = seal(visit("coordinator40"), days)
    arrives(transfer, receiver, stranger)
    acknowledge(curator, transfer, child, stranger)
    refuse_edit(teacher, days, transfer, child, stranger)


# --- the agreement and the course ---------------------------------------------------------------------------------


def sign_agreement(
    cast: Cast, days: Days, deputy: Person, host_deputy: Person, director: Person, host_director: Person, guest: Person
) -> None:
    draft_agreement(cast, deputy, days.first, days.today + timedelta(days=400), days.year)
    deputy.press("Направить на согласование", sure=True)
    host_deputy.take("Согласовать договор")
    host_deputy.press("Согласовать договор", sure=True)
    for signer in (director, host_director):
        signer.take("Подписать договор")
        signer.sign()
        signer.sees("Документ подписан.")
    number = Agreement.objects.get().document.number
    deputy.menu("Договоры")
    deputy.sees(f"№ {number} от", "действует")
    guest.open("/public/agreements/")
    guest.sees(HOME, HOST, f"№ {number} от", "Обучение по курсам из каталога сети")


def draft_agreement(cast: Cast, deputy: Person, first: date, last: date, year: int) -> None:
    """Draft an agreement of school No. 7 with the gymnasium on the page of its terms."""
    deputy.menu("Договоры")
    deputy.follow("Составить договор")
    conditions, resources, duties = (deputy.main.locator(f"#{name}") for name in ("conditions", "resources", "duties"))
    deputy.fill(
        {"Вторая школа": {str(cast.schools["40"])}, "Действует с": first, "Действует по": last},
    )
    deputy.fill(
        {
            "Кто кого обучает": {"вторая школа обучает, мы направляем"},
            "Программа или часть программы": "Обучение по курсам из каталога сети для 9–11 классов",
            "Вид": {"урочная"},
            "Уровень": {"основное и среднее общее образование"},
            "Направленность": "естественно-научная",
            "Что преподаёт обучающая сторона": "Программа курса полностью",
            "Часов": 68,
            "Мест в год": 30,
            "С класса": 8,
            "По класс": 11,
            "С учебного года": {school_year_label(year)},
            "По учебный год": {school_year_label(year + 1)},
        },
        conditions,
    )
    deputy.fill(
        {
            "Ресурс": "Кабинет физики",
            "Чей": {"вторая школа"},
            "Вид": {"материально-технические"},
            "Объём": 68,
            "Единица": "часов",
        },
        resources,
    )
    deputy.fill({"Обязанность": "Вести занятия и журнал", "Чья": {"вторая школа"}}, duties)
    deputy.fill(
        {
            "Веса работ": "Положение об оценивании",
            "Финансовое обеспечение": {"каждая сторона за счёт своих средств"},
            "Охрана жизни и здоровья": "До места занятий детей сопровождает работник школы обучающихся",
            "Выдаваемые документы": "Справка об обучении",
        }
    )
    deputy.press("Составить проект")


def publish_course(cast: Cast, days: Days, deputy: Person, guest: Person) -> None:
    deputy.menu("Курсы")
    deputy.follow("Составить курс")
    now = timezone.localtime()
    deputy.fill(
        {
            "Название": TITLE,
            "Предмет": "Физика",
            "Вид": {"урочная"},
            "С класса": 9,
            "По класс": 11,
            "Часов всего": 68,
            "Часов в неделю": 2,
            "О чём курс": "Механика и термодинамика в задачах олимпиадного уровня.",
            "Учебный год": {school_year_label(days.year)},
            "Форма занятий": {"очно, в принимающей школе"},
            "Занятия с": days.first,
            "Занятия по": days.last,
            "Мест": 2,
            "Наименьшая наполняемость": 2,
            "Приём заявлений с": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}",
            "Приём заявлений до": f"{now + timedelta(days=7):%Y-%m-%dT%H:%M}",
        }
    )
    deputy.press("Составить курс")
    guest.open("/catalogue/")
    guest.sees_not(TITLE)
    deputy.press("Опубликовать в каталоге", sure=True)
    guest.open("/catalogue/")
    guest.follow(TITLE)
    guest.sees("гимназия № 40", "Физика", "уточняется")


def make_group(cast: Cast, deputy: Person) -> StudyGroup:
    deputy.follow("Создать группу")
    deputy.fill({"Название": GROUP, "Вместимость": 2})
    deputy.press("Создать группу")
    deputy.menu("Группы")
    deputy.follow(GROUP)
    deputy.sees(
        "В группе ещё нет зачисленных.",
        "Сетевой учитель не назначен.",
        "В расписании группы нет ни одного занятия.",
        "Зачислено 0 из 2.",
    )
    expect(deputy.main.get_by_role("button", name="Открыть группу")).to_have_count(0)
    deputy.follow("Изменить")
    deputy.fill({"Сетевой учитель": {cast.users["teacher40"].full_name}})
    deputy.press("Сохранить группу")
    deputy.follow("Расписание", deputy.main)
    for weekday in ("вторник", "четверг"):
        deputy.fill(
            {"День недели": {weekday}, "Начало": "15:30", "Окончание": "16:15", "Кабинет или ссылка": "каб. 31"}
        )
        deputy.press("Внести занятие")
    deputy.sees("15:30–16:15")
    return StudyGroup.objects.select_related("course").get()


def spare_course(cast: Cast, days: Days) -> NetworkCourse:
    """A course of the third school, for those who wish for a second one."""
    AgreementFactory(network=cast.network, home=cast.schools["7"], host=cast.schools["12"])
    return NetworkCourseFactory(
        network=cast.network,
        programme__host=cast.schools["12"],
        programme__title=SPARE,
        year=days.year,
        date_from=days.first,
        date_to=days.last,
    )


def enrol_stranger(cast: Cast, days: Days, group: StudyGroup, student: Student) -> None:
    """A pupil of the third school is in the same group: nobody at home No. 7 may learn of it."""
    AgreementFactory(network=cast.network, home=cast.schools["12"], host=cast.schools["40"])
    EnrolmentFactory(
        group=StudyGroup.objects.get(pk=group.pk), student=student, date_from=days.first, date_to=days.last
    )


# --- applications, the list, the order ----------------------------------------------------------------------------


def apply_and_correct(parent: Person, deputy: Person, child: Student) -> None:
    parent.menu("Курсы")
    parent.follow(TITLE)
    parent.follow("Подать заявление")
    expect(parent.main.get_by_role("radio")).to_be_checked()
    parent.press("Дальше: выбрать курсы")
    parent.row(SPARE).get_by_role("button").click()
    wishes = parent.main.locator(".wish")
    expect(wishes).to_have_count(2)
    expect(wishes.nth(1)).to_contain_text(f"Запасной 1 {SPARE}")
    sign_application(parent, (HOME, HOST, STRANGER), waits="Нет, не ждать")

    deputy.take(f"Рассмотреть заявление {child.short_name}")
    returning = deputy.main.locator("details", has_text="Вернуть на исправление")
    returning.locator("summary").click()
    deputy.fill({"Причина": RETURNED}, returning)
    deputy.press("Вернуть заявление", returning)

    parent.take("Исправить заявление")
    parent.sees(RETURNED)
    parent.follow("Исправить и подписать")
    sign_application(parent, (), waits="Да, ждать, пока место освободится")
    printed = parent.paper("Заявление (PDF)")
    assert SPARE in printed


def sign_application(parent: Person, consents: tuple[str, ...], *, waits: str) -> None:
    """From the chosen courses to the signature, one question a page; back and forth loses nothing."""
    parent.follow("Дальше: форма занятий")
    parent.sees("Шаг 3 из 7: форма занятий")
    parent.follow("Дальше: лист ожидания")
    parent.main.get_by_label(waits).check()
    parent.press("Дальше: проверка")
    parent.follow("Назад")
    expect(parent.main.get_by_label(waits)).to_be_checked()
    parent.press("Дальше: проверка")
    parent.sees("Препятствий нет.")
    parent.press("Дальше: согласия")
    if consents:
        parent.fill(
            {
                "Ваш адрес": "г. Заречный, ул. Садовая, д. 3, кв. 14",
                "Серия и номер": "0000 123456",
                "Когда выдан": "2016-04-12",
                "Кем выдан": "отделением по г. Заречному",
                "Серия и номер документа ребёнка": "I-АА 123456",
                "Когда выдан документ ребёнка": "2012-06-01",
                "Кем выдан документ ребёнка": "отделом ЗАГС",
            }
        )
        parent.press("Дальше: прочитать согласия")
        boxes = parent.main.get_by_role("checkbox")
        expect(boxes).to_have_count(len(consents))
        for box in boxes.all():
            expect(box).not_to_be_checked()
        parent.fill({f"Даю согласие: {school}": True for school in consents})
    parent.press("Дальше: подписание")
    parent.sign()
    parent.sees("Заявление подписано и зарегистрировано.")


def pupil_confirms(deputy: Person) -> None:
    deputy.follow("Согласие семьи")
    deputy.fill({"Что подписал обучающийся": "подтверждение, принято лично"})
    deputy.press("Зарегистрировать подтверждение")
    deputy.follow("К заявлению")


def send_list(deputy: Person, director: Person, students: list[Student]) -> None:
    deputy.take("Включить в список принятые заявления")
    deputy.press("Составить список")
    for student in students:
        deputy.row(student.full_name).get_by_role("checkbox").check()
    deputy.press("Добавить отмеченных в список")
    deputy.press("На подпись директору")
    director.take("Подписать заявку школы")
    director.sees(*(student.full_name for student in students))
    director.sign()
    deputy.take("Сопоставить курс с учебным планом")
    deputy.fill({"курс по выбору": True})
    deputy.press("Сохранить")
    deputy.take("Направить подписанную заявку")
    deputy.press("Направить в принимающую школу")


def answer_list(deputy: Person, accepted: Student, waiting: Student, refused: Student) -> None:
    deputy.take("Ответить на заявку школы")
    deputy.press("Принять", deputy.row(accepted.full_name))
    expect(deputy.row(waiting.full_name)).to_contain_text("в группах курса мест нет")
    deputy.press("В лист ожидания", deputy.row(waiting.full_name))
    refusing = deputy.row(refused.full_name).locator("details")
    refusing.locator("summary").click()
    deputy.fill({"Причина (её увидят школа и семья)": REFUSED}, refusing)
    deputy.press("Отказать", refusing)
    for student, words in ((accepted, "принят"), (waiting, "лист ожидания"), (refused, REFUSED)):
        expect(deputy.row(student.full_name)).to_contain_text(words)


def order(deputy: Person, director: Person, enrolled: Student, waiting: Student) -> None:
    deputy.follow("Подготовить приказ")
    deputy.press("Составить приказ и передать на подпись")
    director.take("Подписать приказ о зачислении")
    director.sees(enrolled.full_name)
    director.sees_not(waiting.full_name)
    director.sign()
    director.sees("Приказ подписан и зарегистрирован, обучающиеся зачислены.")
    number = director.heading.inner_text().split("№")[1].split()[0]
    printed = director.paper("Приказ (PDF)")
    assert f"№ {number}" in printed
    assert f"без их отчисления из {HOME}" in printed
    assert enrolled.last_name in printed


def stays_in_the_home_school(cast: Cast, parent: Person, child: Student) -> None:
    child.refresh_from_db()
    assert child.home_school == cast.schools["7"]
    number = Application.objects.get(student=child).document.number
    parent.menu("Заявления")
    parent.follow(f"{child.short_name}, № {number}")
    parent.sees("зачислен", f"Ребёнок остаётся в {HOME} и посещает курс в {HOST}.")


# --- lessons ------------------------------------------------------------------------------------------------------


def open_group(deputy: Person, group: StudyGroup) -> None:
    deputy.take("Открыть группу")
    deputy.press("Открыть группу", sure=True)
    deputy.sees(f"Группа {GROUP} открыта.")


def fill_month(teacher: Person, days: Days, child: Student, stranger: Student) -> None:
    """Each lesson on its page, then the marks by keyboard in the grid."""
    number = len(days.lessons(days.month.days[1]))
    teacher.take("Заполнить")
    heads = teacher.main.locator("th.j-day a")
    expect(heads).to_have_count(number)
    for place, address in enumerate(heads.evaluate_all("links => links.map((link) => link.pathname)")):
        teacher.open(address)
        teacher.fill({"Тема": f"Законы Ньютона, часть {place + 1}", "Домашнее задание": f"Задача № {place + 1}"})
        if place == 0:
            teacher.row(stranger.short_name).get_by_text("Н", exact=True).click()
        teacher.press("Сохранить и отметить посещаемость")
        teacher.sees("посещаемость отмечена")
    teacher.follow("К журналу")
    marks = ["5432"[place % 4] for place in range(number)]
    keyboard = teacher.page.keyboard
    teacher.page.locator("td.w").first.click()
    for mark in marks:
        keyboard.press(mark)
        keyboard.press("ArrowRight")
    teacher.row(stranger.last_name).locator("td.w").nth(1).click()
    keyboard.press("y")  # «н», by its place on the keyboard
    keyboard.press("Enter")
    expect(teacher.page.locator("[data-state]")).to_have_text("Все изменения сохранены.")
    teacher.open(teacher.page.url)
    shown = [row.locator("td.w").all_inner_texts() for row in teacher.main.locator("tbody tr").all()]
    assert shown == [marks, ["Н", "Н", *[""] * (number - 2)]]


def read_at_home(curator: Person, parent: Person, child: Student, stranger: Student) -> None:
    curator.menu("Журналы")
    curator.follow(TITLE)
    curator.page.get_by_label("Месяц", exact=True)
    curator.follow("Предыдущий месяц")
    curator.sees(child.last_name, "5")
    unknown_at_home(curator, stranger)
    expect(curator.page.locator("td.w, .cell-input")).to_have_count(0)
    parent.menu("Дневник")
    parent.follow("По курсам")
    unknown_at_home(parent, stranger)
    parent.follow(TITLE, parent.main)
    parent.sees(child.full_name, "Законы Ньютона, часть 1", "Задача № 1", "5")
    unknown_at_home(parent, stranger)


def unknown_at_home(person: Person, stranger: Student) -> None:
    html = person.page.content()
    assert [word for word in (stranger.last_name, STRANGER, STRANGER.replace(" ", "\u00a0")) if word in html] == []


# --- the transfer -------------------------------------------------------------------------------------------------


def set_endpoint(responsible: Person, receiver: Receiver) -> None:
    responsible.menu("Ведомости")
    responsible.follow("Внешние системы")
    responsible.fill({"Адрес": receiver.url})
    responsible.press("Сохранить адрес")
    key = responsible.main.locator("code.hash").inner_text()
    receiver.take_key(key)
    responsible.open(reverse("push_endpoint"))
    responsible.sees_not(key)
    assert key not in PushEndpoint.objects.get().secret


def seal(coordinator: Person, days: Days) -> MonthlyTransfer:
    coordinator.take(f"Запечатать ведомости за {month_label(days.month.year, days.month.month)}")
    coordinator.press("Запечатать", coordinator.row(HOME), sure=True)
    coordinator.sees("запечатана и отправляется")
    return MonthlyTransfer.objects.select_related("document").get()


def arrives(transfer: MonthlyTransfer, receiver: Receiver, stranger: Student) -> None:
    wait_for(lambda: TransferPush.objects.filter(state=PushState.DELIVERED).exists())
    wait_for(lambda: MonthlyTransfer.objects.filter(state=TransferState.DELIVERED).exists())
    assert [(entry["valid"], entry["new"]) for entry in receiver.log] == [(True, True)]
    body = receiver.log[0]["body"]
    sealed = body.split('"data": ', 1)[1][:-1]
    assert sealed == transfer.payload
    assert hashlib.sha256(sealed.encode()).hexdigest() == json.loads(body)["sha256"] == transfer.sha256
    assert stranger.last_name not in body


def acknowledge(curator: Person, transfer: MonthlyTransfer, child: Student, stranger: Student) -> None:
    curator.take(f"Подтвердить получение ведомости № {transfer.document.number}")
    curator.sees(child.full_name, transfer.sha256)
    unknown_at_home(curator, stranger)
    data = curator.fetch(reverse("transfer_json", args=[transfer.pk]))
    assert hashlib.sha256(data).hexdigest() == transfer.sha256
    printed = curator.paper("Документ")
    assert child.last_name in printed
    assert stranger.last_name not in printed
    curator.press("Подтвердить получение")
    curator.sees("Получение ведомости подтверждено.")
    transfer.refresh_from_db()
    assert transfer.state == TransferState.ACKNOWLEDGED


def refuse_edit(teacher: Person, days: Days, transfer: MonthlyTransfer, child: Student, stranger: Student) -> None:
    """The teacher's page is from before the seal: the portal refuses and names the paper."""
    words = f"ведомостью № {transfer.document.number}"
    row = teacher.row(child.last_name)
    with teacher.expecting(400, 409):
        row.locator("td.w").first.click()
        teacher.page.keyboard.press("2")
        teacher.page.keyboard.press("Enter")
        expect(teacher.page.locator("[data-state]")).to_contain_text(words)
    teacher.open(teacher.page.url)
    expect(row.locator("td.w")).to_have_count(0)
    expect(row.locator("td").first).to_have_text("5")
    teacher.sees(f"{month_name(days.month.month)} закрыт {words}")
    expect(teacher.row(stranger.last_name).locator("td.w").first).to_be_visible()


def wait_for(done: Callable[[], Any]) -> None:
    """Wait for the worker; whatever the broker did not take is announced again, as the schedule does."""

    def swept() -> bool:
        outbox.sweep(at=timezone.now())
        return bool(done())

    wait_until(swept, 60)
