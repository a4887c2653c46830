"""A parent on a phone and the curator of the home school, in a real browser: one path each, on any day of the year."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from enrollment.models import Enrolment
from gradebook.enums import AttendanceCode
from gradebook.models import AbsenceNotice, Attendance
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import GuardianLink
from tests.factories.gradebook import AttendanceFactory, LessonFactory, MarkFactory, Scene, scene
from tests.gradebook.acts import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def faults(page: Page) -> list[str]:
    """Return what axe finds, and whether the page is wider than its window."""
    found = [f"{fault['id']}: {fault['nodes'][0]['html'][:100]}" for fault in Axe().run(page).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *(["wider than the window"] if wide else [])]


def today() -> Scene:
    """A group with a lesson of today at which the first pupil has a mark and the second is away."""
    place = scene(own=2, others=1, lessons=0)
    day = timezone.localdate()
    Enrolment.objects.update(date_from=day - timedelta(days=30), date_to=day + timedelta(days=30))
    lesson = LessonFactory(group=place.group, date=day, held=True, topic="Импульс тела", homework="§ 12")
    place.lessons.append(lesson)
    MarkFactory(lesson=lesson, enrolment=place.own[0], value=5)
    AttendanceFactory(lesson=lesson, enrolment=place.own[1])
    return place


def test_parent_reads_the_diary_and_warns_of_an_absence_on_a_phone(opened: Open, page: Page) -> None:
    place = today()
    page.set_viewport_size({"width": 390, "height": 844})
    parent = Acting(GuardianLink.objects.get(student=place.own[0].student).user, Role.PARENT)
    opened(parent, reverse("diary"))
    expect(page.locator(".dw-today")).to_contain_text("Импульс тела")
    expect(page.locator(".dw-today .dw-mark")).to_contain_text("5")
    shown = faults(page)
    page.get_by_role("link", name="По курсам").click()
    expect(page.locator(".diary-figures")).to_contain_text("5,00")
    shown += faults(page)
    page.get_by_role("link", name="Физика").click()
    expect(page.locator(".dw-row")).to_have_count(1)
    shown += faults(page)
    page.get_by_role("link", name="Дневник").first.click()
    page.get_by_role("link", name="Предупредить об отсутствии").first.click()
    shown += faults(page)
    page.get_by_label("Причина").select_option("event")
    page.get_by_role("button", name="Предупредить школу").click()
    expect(page.get_by_text("Школа и учителя предупреждены.")).to_be_visible()
    page.get_by_role("button", name="Отозвать").click()
    expect(page.get_by_text("Сообщение отозвано.")).to_be_visible()
    assert AbsenceNotice.objects.get().withdrawn_at is not None
    assert shown == []


def test_curator_refines_an_absence_and_writes_to_the_teacher(opened: Open, page: Page) -> None:
    place = today()
    opened(place.staff(place.home, DutyKind.CURATOR), reverse("absence_list"))
    expect(page.locator("tbody tr")).to_have_count(1)
    shown = faults(page)
    page.get_by_role("link", name="Уточнить").click()
    page.get_by_label("болезнь").check()
    page.get_by_label("Основание").fill("справка поликлиники № 5")
    shown += faults(page)
    page.get_by_role("button", name="Записать причину").click()
    expect(page.locator("tbody tr")).to_contain_text("справка поликлиники № 5")
    assert Attendance.objects.get().code == AttendanceCode.ILL
    page.get_by_role("link", name="Переписка").first.click()
    page.get_by_role("link", name="Физика, Ф-1").click()
    page.get_by_label("Сообщение").fill("Завтра автобус опоздает")
    page.get_by_role("button", name="Отправить").click()
    expect(page.locator(".thread-item")).to_contain_text("Завтра автобус опоздает")
    shown += faults(page)
    assert shown == []
