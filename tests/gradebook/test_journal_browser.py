"""The grid in a real browser: typed by keyboard, saved in the background, kept when the network is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from gradebook.enums import AttendanceCode
from gradebook.models import Attendance, Mark
from gradebook.services.transfers import transfer_deliver
from schools.acting import Acting
from schools.enums import DutyKind, Role
from tests.factories.gradebook import DECEMBER, MarkFactory, Scene, month_of_marks, scene, seal
from tests.factories.schools import GuardianLinkFactory, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[[Acting, str], Page]


@pytest.fixture
def opened(live_server: Any, page: Page, settings: Any) -> Open:
    """Return a function that opens a page as somebody; requests to other hosts and console errors fail the test."""

    def open_page(who: Acting, path: str) -> Page:
        cookie = sign_in(Client(), who).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + path)
        return page

    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return open_page


def journal(place: Scene) -> str:
    return f"{reverse('journal', args=[place.group.pk])}?month=2026-11"


def marks(place: Scene) -> dict[tuple[int, int], int]:
    return {
        (place.own.index(mark.enrolment), place.lessons.index(mark.lesson)): mark.value
        for mark in Mark.objects.select_related("enrolment", "lesson")
    }


def test_forty_marks_are_typed_by_keyboard_and_read_back(opened: Open) -> None:
    place = scene(own=10, others=0, lessons=4)
    page = opened(place.teacher, journal(place))
    page.locator("td.w").first.click()
    typed = {}
    for lesson in range(4):
        for pupil in range(10):
            value = 2 + (lesson + pupil) % 4
            typed[pupil, lesson] = value
            page.keyboard.press(str(value))
            page.keyboard.press("Enter")
    expect(page.locator("[data-state]")).to_have_text("Все изменения сохранены.")
    expect(page.locator("td.w.saved")).to_have_count(40)
    assert marks(place) == typed
    page.reload()
    shown = [row.locator("td.w").all_inner_texts() for row in page.locator("tbody tr").all()]
    assert shown == [[str(typed[pupil, lesson]) for lesson in range(4)] for pupil in range(10)]


def test_letters_are_known_by_the_place_of_the_key(opened: Open) -> None:
    place = scene(own=4, others=0)
    page = opened(place.teacher, journal(place))
    page.locator("td.w").first.click()
    for key in ("y", ",", "e", "н"):
        page.keyboard.press(key) if key != "н" else page.keyboard.insert_text("н")
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator("td.w.saved")).to_have_count(4)
    codes = list(Attendance.objects.order_by("enrolment").values_list("code", flat=True))
    assert codes == [AttendanceCode.ABSENT, AttendanceCode.ILL, AttendanceCode.EXCUSED, AttendanceCode.ABSENT]


def test_cell_is_cleared_refused_and_taken_back(opened: Open) -> None:
    place = scene(own=1, others=0)
    MarkFactory(lesson=place.lessons[0], enrolment=place.own[0], value=4)
    page = opened(place.teacher, journal(place))
    first = page.locator("td.w").first
    first.click()
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    expect(first).to_have_class("w failed")
    expect(page.locator("[data-state]")).to_contain_text("Отметки «7» нет")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".cell-input")).to_have_value("4")
    page.keyboard.press("Delete")
    expect(page.locator("[data-state]")).to_have_text("Все изменения сохранены.")
    assert marks(place) == {}
    expect(page.locator("[data-mean]")).to_have_text("–")


def test_two_teachers_on_one_cell_the_second_chooses(opened: Open) -> None:
    place = scene(own=2, others=0)
    page = opened(place.teacher, journal(place))
    for enrolment in place.own:
        MarkFactory(lesson=place.lessons[0], enrolment=enrolment, value=3)
    page.locator("td.w").first.click()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Сейчас там: 3. Вы ввели: 5.")
    page.get_by_role("button", name="Записать: 5").click()
    expect(page.locator("[data-state]")).to_have_text("Все изменения сохранены.")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Оставить: 3").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert marks(place) == {(0, 0): 5, (1, 0): 3}


def test_typed_values_stay_while_the_network_is_gone(opened: Open) -> None:
    place = scene(own=2, others=0)
    page = opened(place.teacher, journal(place))
    page.context.set_offline(True)
    page.locator("td.w").first.click()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(page.locator("td.w.failed")).to_have_count(2)
    expect(page.locator("[data-state]")).to_contain_text("Не сохранено ячеек: 2. Нет связи с порталом.")
    page.context.set_offline(False)
    expect(page.locator("td.w.saved")).to_have_count(2, timeout=15000)
    assert marks(place) == {(0, 0): 5, (1, 0): 4}


def test_pages_have_no_faults_for_assistive_technology(opened: Open) -> None:
    place = scene()
    month_of_marks(place)
    coordinator, curator = place.coordinator, place.staff(place.home, DutyKind.CURATOR)
    parent = Acting(GuardianLinkFactory(student=place.own[0].student).user, Role.PARENT)
    seal(place, place.other)
    transfer = seal(place)
    transfer_deliver(transfer_id=transfer.pk, at=DECEMBER)
    month = "?month=2026-11"
    faults = {}
    for who, path in (
        (place.teacher, journal(place)),
        (place.teacher, reverse("lesson", args=[place.lessons[0].pk])),
        (place.teacher, reverse("lesson_today")),
        (curator, reverse("journal_list")),
        (curator, journal(place)),
        (curator, reverse("transfer", args=[transfer.pk])),
        (coordinator, reverse("transfer_list") + month),
        (parent, reverse("diary")),
    ):
        found = Axe().run(opened(who, path)).response["violations"]
        faults[path] = [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in found]
    assert {path: found for path, found in faults.items() if found} == {}


def test_curator_reads_and_types_nothing(opened: Open) -> None:
    place = scene()
    page = opened(place.staff(place.home, DutyKind.CURATOR), journal(place))
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".cell-input")).to_have_count(0)
