"""The group is opened, the month is taught and read at home."""

from __future__ import annotations

from playwright.sync_api import expect

from courses.models import StudyGroup
from schools.models import Student
from tests.e2e.flow.story import GROUP, STRANGER, TITLE, Days
from tests.e2e.people import Person


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
