"""The grid and the roll call in a real browser: typed by keyboard, pasted, taken back, kept without a network."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import HttpResponse
from django.urls import reverse
from playwright.sync_api import Page, expect

from gradebook.models import CellComment, Lesson
from gradebook.selectors.entries import entries_of
from gradebook.services.transfers import transfer_deliver
from schools.acting import Acting
from schools.enums import DutyKind, Role
from tests.factories.gradebook import DECEMBER, MarkFactory, Scene, month_of_marks, scene, seal
from tests.factories.schools import GuardianLinkFactory
from tests.gradebook.acts import Open
from tests.services import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVED = "Все изменения сохранены."


def journal(place: Scene, month: str = "2026-11") -> str:
    return f"{reverse('journal', args=[place.group.pk])}?month={month}"


def values(place: Scene) -> dict[tuple[int, int], str]:
    """What the database holds, by the number of the own pupil and of the lesson."""
    pupils, lessons = [one.pk for one in place.own], [one.pk for one in place.lessons]
    found = entries_of(lessons, pupils)
    return {(pupils.index(pupil), lessons.index(lesson)): cell.text for (lesson, pupil), cell in found.items()}


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const how = {clipboardData: data, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        text,
    )


def state(page: Page) -> Any:
    return expect(page.locator("[data-state]"))


def test_forty_marks_are_typed_in_one_go_then_pasted_over_and_taken_back(opened: Open) -> None:
    """Keyboard only: typed, read back after a reload, letters by place, paste with a result per cell, undo."""
    place = scene(own=10, others=0, lessons=4)
    page = opened(place.teacher, journal(place))
    page.locator("td.w").first.click()
    typed = {(pupil, lesson): str(2 + (lesson + pupil) % 4) for lesson in range(4) for pupil in range(10)}
    for lesson in range(4):
        for pupil in range(10):
            page.keyboard.press(typed[pupil, lesson])
            page.keyboard.press("Enter")
    expect(page.locator("td.w.saved")).to_have_count(40)
    state(page).to_have_text(SAVED)
    assert values(place) == typed
    page.reload()
    shown = [row.locator("td.w").all_inner_texts() for row in page.locator("tbody tr").all()]
    assert shown == [[typed[pupil, lesson] for lesson in range(4)] for pupil in range(10)]

    page.locator("td.w").first.click()
    page.keyboard.press("End")
    for key in ("y", ",", "e"):  # a keyboard left in Latin: letters are known by their place
        page.keyboard.press(key)
        page.keyboard.press("ArrowDown")
    page.keyboard.type("4/5 jg10")
    page.keyboard.press("Home")
    state(page).to_have_text(SAVED)
    assert [values(place)[pupil, 3] for pupil in range(4)] == ["Н", "Б", "УП", "4/5 ОП10"]

    page.locator("td.w").first.click()
    paste(page, "5\n\n7\nH\n" + "4\n" * 10)
    expect(page.locator("[data-pasted]")).to_contain_text("Вставлено ячеек: 9.")
    expect(page.locator("[data-pasted] li")).to_have_count(4)
    expect(page.locator("td.w.failed")).to_have_count(2)
    state(page).to_contain_text("Не принято записей: 2.")
    assert [values(place)[pupil, 0] for pupil in range(10)] == ["5", "3", "4", "5", *"444444"]
    page.keyboard.press("Control+z")
    state(page).to_have_text(SAVED)
    assert [values(place)[pupil, 0] for pupil in range(10)] == [typed[pupil, 0] for pupil in range(10)]
    paste(page, "\n".join(["\t".join("5" * 100)] * 100))
    expect(page.locator("[data-pasted]")).to_contain_text("В буфере ячеек: 10000")
    page.keyboard.press("Control+z")
    state(page).to_have_text(SAVED)
    assert values(place)[3, 3] == typed[3, 3]  # one step further back


def test_cell_is_refused_cleared_given_a_reason_and_a_comment_and_everyone_is_present(opened: Open) -> None:
    place = scene(own=2, others=1, lessons=2)
    long_ago = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    MarkFactory(lesson=place.lessons[0], enrolment=place.own[0], value=4, given_at=long_ago)
    Lesson.objects.update(attendance_confirmed_at=None)
    page = opened(place.teacher, journal(place))
    first = page.locator("tbody tr").nth(1).locator("td.w").first
    first.click()
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    expect(first).to_have_class("w failed")
    state(page).to_contain_text("Отметки «7» нет")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".cell-input")).to_have_value("4")
    page.keyboard.press("Delete")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("укажите причину")
    page.keyboard.type("ошибка при вводе")
    page.keyboard.press("Enter")
    state(page).to_have_text(SAVED)
    expect(page.locator("[data-mean]").nth(1)).to_have_text("–")
    assert values(place) == {}
    page.keyboard.press("+")
    expect(page.locator("thead .j-done")).to_have_count(1)
    assert Lesson.objects.exclude(attendance_confirmed_at=None).get() == place.lessons[0]
    page.keyboard.press(".")
    panel = page.locator("[data-panel]")
    expect(panel).to_contain_text("ошибка при вводе")
    page.keyboard.type("Пересдать до пятницы")
    page.keyboard.press("Enter")
    expect(panel).to_be_hidden()
    state(page).to_have_text(SAVED)
    expect(page.locator("td[data-comment]")).to_have_attribute("title", "Пересдать до пятницы")
    page.keyboard.press(".")
    expect(panel.locator("li").first).to_contain_text("пусто → Пересдать до пятницы")
    page.keyboard.type("не то")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert CellComment.objects.get().text == "Пересдать до пятницы"
    page.keyboard.press("?")
    expect(page.locator("[data-keys]")).not_to_have_attribute("open", "")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Все присутствуют: 03.11").click()
    expect(page.locator("thead .j-done")).to_have_count(2)
    seal(place, place.other)
    page.reload()
    expect(page.locator("td.j-sealed")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("МАОУ лицей № 12: ноябрь закрыт ведомостью №\u00a01")
    page.locator("tbody tr").nth(1).locator("td.w").last.click()
    page.keyboard.press("ArrowUp")  # a closed cell is read, not written
    page.keyboard.type("5")
    expect(page.locator("td.j-sealed:focus")).to_have_attribute("aria-label", re.compile("закрыто$"))
    state(page).not_to_contain_text("Сохраняется")


def test_two_teachers_on_one_cell_the_second_chooses(opened: Open, page: Page) -> None:
    """On a computer whose clock is years ahead: the server alone tells the time."""
    place = scene(own=2, others=0)
    page.clock.set_fixed_time(datetime(2031, 5, 1, tzinfo=UTC))
    page = opened(place.teacher, journal(place))
    for enrolment in place.own:
        MarkFactory(lesson=place.lessons[0], enrolment=enrolment, value=3)
    page.locator("td.w").first.click()
    page.keyboard.type("5\n4\n", delay=200)  # the question about the first waits for the end of the second
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Сейчас там: 3. Вы ввели: 5.")
    page.get_by_role("button", name="Записать: 5").click()
    expect(question).to_contain_text("Сейчас там: 3. Вы ввели: 4.")
    page.get_by_role("button", name="Оставить: 3").click()
    state(page).to_have_text(SAVED)
    expect(question).to_have_count(0)
    assert values(place) == {(0, 0): "5", (1, 0): "3"}


def test_typed_values_outlive_a_lost_network_a_reload_and_the_session(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut three times: the page sends by itself, one that was closed meanwhile does, one that was loaded anew does."""
    place = scene(own=3, others=0)
    who = place.teacher
    page = opened(who, journal(place))
    page.context.set_offline(True)
    page.locator("td.w").first.click()
    for value in ("5", "4"):
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    expect(page.locator("td.w.waiting")).to_have_count(2)
    state(page).to_contain_text("Не отправлено записей: 2. Нет связи с порталом.")
    page.context.set_offline(False)
    expect(page.locator("td.w.saved")).to_have_count(2)
    assert values(place) == {(0, 0): "5", (1, 0): "4"}

    page.context.set_offline(True)
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator("td.w.waiting")).to_have_count(1)
    page.goto("about:blank")
    page.context.set_offline(False)
    opened(who, journal(place, "2026-12"))  # another month of the same journal sends it, if the closed page has not
    wait_until(lambda: values(place) == {(0, 0): "5", (1, 0): "4", (2, 0): "3"}, 10)

    page = opened(who, journal(place))
    page.context.set_offline(True)
    page.locator("td.w").first.click()
    for key in ("Delete", "2", ".", "Пересдать", "Enter"):
        page.keyboard.type(key) if key == "Пересдать" else page.keyboard.press(key)
    expect(page.locator("td.w.waiting.unsent[data-comment]")).to_have_count(1)
    with monkeypatch.context() as patch:
        patch.setattr("gradebook.views.cells._answers", lambda *args, **kwargs: HttpResponse(status=503))
        page.context.set_offline(False)
        page.reload()
        expect(page.locator("td.w.waiting.unsent .cell-text")).to_have_text("2 ждёт отправки")
        state(page).to_contain_text("Не отправлено записей: 2. Портал не смог сохранить записи.")
        assert values(place)[0, 0] == "5"
    page.evaluate("dispatchEvent(new Event('online'))")
    state(page).to_have_text(SAVED)
    assert (values(place)[0, 0], CellComment.objects.get().text) == ("2", "Пересдать")

    page.context.clear_cookies()
    page.locator("tbody tr").nth(0).locator("td.w").nth(1).click()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    state(page).to_contain_text("Вы вышли из портала.")
    opened(who, journal(place))
    expect(page.locator("td.w.saved")).to_have_count(1)
    assert values(place)[0, 1] == "5"


def test_roll_call_is_tapped_on_a_phone_also_without_a_network(opened: Open, page: Page) -> None:
    place = scene(own=3, others=0, held=False)
    page.set_viewport_size({"width": 390, "height": 844})
    page = opened(place.teacher, reverse("lesson_roll", args=[place.lessons[0].pk]))
    pupils = page.locator(".tap-pupil")
    pupils.nth(0).get_by_role("button", name="отсутствовал").click()
    pupils.nth(1).get_by_role("button", name="5", exact=True).click()
    state(page).to_have_text(SAVED)
    page.context.set_offline(True)
    pupils.nth(1).get_by_role("button", name="опоздание").click()
    pupils.nth(1).get_by_role("button", name="10 мин").click()
    page.get_by_role("button", name="Остальные присутствуют").click()
    pupils.nth(2).get_by_role("button", name="Комментарий").click()
    page.get_by_label("Комментарий", exact=True).fill("Помогал с опытом")
    page.get_by_role("button", name="Записать").click()
    expect(pupils.nth(2)).to_contain_text("«Помогал с опытом» (ждёт отправки)")
    state(page).to_contain_text("Не отправлено записей: 3.")
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Посещаемость отмечена")).to_be_disabled()
    state(page).to_have_text(SAVED)
    assert values(place) == {(0, 0): "Н", (1, 0): "5 ОП10"}
    assert CellComment.objects.get().enrolment == place.own[2]
    expect(pupils.nth(2).get_by_role("button", name="«Помогал с опытом»: ")).to_be_visible()
    assert Lesson.objects.get(pk=place.lessons[0].pk).attendance_confirmed_at
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    sizes = pupils.nth(2).locator("button:visible").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(sizes) >= 44


#: What a person sees who has come to the last cell of the last row: [what holds, for each].
CORNER = """
    () => {
        const [box, corner] = [".journal-box", "thead th"].map((one) => document.querySelector(one));
        const at = (node) => node.getBoundingClientRect();
        const near = (one, other) => Math.abs(one - other) <= 2;
        const cell = at(document.activeElement.closest("td"));
        const middle = (of) => document.elementFromPoint((of.left + of.right) / 2, (of.top + of.bottom) / 2);
        return {
            scrolled: box.scrollLeft > 0 && box.scrollTop > 0,
            dates: [...document.querySelectorAll("thead th")].every((head) => near(at(head).top, at(box).top)),
            names: [...document.querySelectorAll("tbody th")].every((name) => near(at(name).left, at(box).left)),
            covered: !corner.contains(middle(at(corner))),
            hidden: cell.left < at(corner).right - 1 || cell.top < at(corner).bottom - 1
                || cell.right > at(box).right + 1 || cell.bottom > at(box).bottom + 1,
            wide: document.documentElement.scrollWidth > innerWidth,
        };
    }
"""


def test_grid_at_two_hundred_per_cent_keeps_dates_and_names_and_tells_each_cell(opened: Open, page: Page) -> None:
    """1366 × 768 enlarged twice: heads stay, nothing overlaps; a screen reader hears pupil, day and work of a cell."""
    place = scene(own=12, others=0, lessons=12)
    page.set_viewport_size({"width": 683, "height": 384})
    page = opened(place.teacher, journal(place))
    page.locator("td.w").first.click()
    name = place.own[0].student.short_name.replace("\u00a0", " ")
    expect(page.get_by_role("textbox", name=f"{name}, 02.11.2026, ответ")).to_be_focused()
    assert [page.get_by_role(role).count() for role in ("table", "columnheader", "rowheader")] == [1, 12 + 3, 12]
    expect(page.get_by_role("region", name="Журнал, ноябрь 2026")).to_have_count(1)
    page.locator("tbody tr").nth(5).locator("td.w").nth(6).click()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(CORNER)["hidden"] is False
    page.locator("tbody tr").nth(0).locator("td.w").nth(0).click()
    page.keyboard.press("End")
    for _ in range(11):
        page.keyboard.press("ArrowDown")
    found = {"scrolled": True, "dates": True, "names": True, "covered": False, "hidden": False, "wide": False}
    assert page.evaluate(CORNER) == found


def test_pages_have_no_faults_for_assistive_technology(opened: Open) -> None:
    """And the curator sees the own pupils and types nothing, the parent the own child's diary."""
    place = scene()
    month_of_marks(place)
    coordinator, curator = place.coordinator, place.staff(place.home, DutyKind.CURATOR)
    parent = Acting(GuardianLinkFactory(student=place.own[0].student).user, Role.PARENT)
    seal(place, place.other)
    transfer = seal(place)
    transfer_deliver(transfer_id=transfer.pk, at=DECEMBER)
    faults = {}
    for who, path in (
        (place.teacher, journal(place)),
        (place.teacher, journal(place, "all")),
        (place.teacher, reverse("lesson", args=[place.lessons[0].pk])),
        (place.teacher, reverse("lesson_roll", args=[place.lessons[0].pk])),
        (place.teacher, reverse("lesson_today")),
        (curator, reverse("journal_list")),
        (curator, reverse("transfer", args=[transfer.pk])),
        (coordinator, reverse("transfer_list") + "?month=2026-11"),
        (parent, reverse("diary")),
        (curator, journal(place)),
    ):
        page = opened(who, path)
        found = Axe().run(page).response["violations"]
        faults[path] = [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in found]
    assert {path: found for path, found in faults.items() if found} == {}
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".cell-input")).to_have_count(0)
    page.keyboard.press("Tab")
    assert "Двенадцатов" not in page.content()
