"""Applications, the list, its answer, the order."""

from __future__ import annotations

from playwright.sync_api import expect

from enrollment.models import Application
from network_portal.demo.base import Cast
from schools.models import Student
from tests.e2e.flow.story import HOME, HOST, SPARE, STRANGER, TITLE
from tests.e2e.people import Person

RETURNED, REFUSED = "Подтвердите согласие на лист ожидания.", "В группе не осталось мест."


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
