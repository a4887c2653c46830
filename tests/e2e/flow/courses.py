"""The agreement of the two schools, the course, its group."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from playwright.sync_api import expect

from courses.models import NetworkCourse, StudyGroup
from network_portal.common.dates import school_year_label
from network_portal.demo.base import Cast
from schools.models import Agreement, Student
from tests.e2e.flow.story import GROUP, HOME, HOST, SPARE, TITLE, Days
from tests.e2e.people import Person
from tests.factories.courses import NetworkCourseFactory
from tests.factories.enrollment import EnrolmentFactory
from tests.factories.schools import AgreementFactory


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
