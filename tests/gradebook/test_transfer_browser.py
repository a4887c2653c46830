"""A month from the seal to the answer in a real browser: coordinator, curator, parent; the same window by turns."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from gradebook.enums import TransferState
from gradebook.models import Lesson, MonthlyTransfer, TransferDispute
from gradebook.services import transfers
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import GuardianLink
from tests.factories.gradebook import DECEMBER, month_of_marks, scene
from tests.gradebook.acts import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(opened: Open) -> Iterator[Open]:
    """Return a function that opens a page as somebody; what axe finds on it fails the test."""
    wrong: list[str] = []

    def open_page(who: Acting, path: str) -> Page:
        page = opened(who, path)
        found = Axe().run(page).response["violations"]
        wrong.extend(f"{fault['id']}: {fault['nodes'][0]['html'][:100]}" for fault in found)
        return page

    yield open_page
    assert wrong == []


def test_month_is_sealed_disputed_and_read_by_the_family(opened: Open, page: Page) -> None:
    """S1-4.9, 3.9: what blocks is listed with links; the curator sees what differs and disputes; the parent reads."""
    place = scene()
    month_of_marks(place)
    own, neighbour = place.own
    transfers.transfer_seal(
        actor=place.coordinator, group=place.group, home=place.home, year=2026, month=10, at=DECEMBER
    )
    Lesson.objects.filter(pk=place.lessons[0].pk).update(attendance_confirmed_at=None)
    november = f"{reverse('transfer_list')}?month=2026-11"
    coordinator = place.coordinator

    opened(coordinator, november)
    row = page.locator("tbody tr", has_text=place.home.short_name)
    expect(row).to_contain_text("не готово")
    row.get_by_role("link", name="02.11.2026: не отмечена посещаемость").click()
    expect(page).to_have_url(re.compile(reverse("lesson", args=[place.lessons[0].pk])))
    Lesson.objects.update(attendance_confirmed_at=DECEMBER)
    opened(coordinator, november)
    row.get_by_role("button", name="Запечатать").click()
    page.get_by_role("dialog").get_by_role("button", name="Запечатать").click()
    expect(page.get_by_text("запечатана и отправляется")).to_be_visible()
    transfer = MonthlyTransfer.objects.get(month=11)
    transfers.transfer_deliver(transfer_id=transfer.pk, at=timezone.now())

    opened(place.staff(place.home, DutyKind.CURATOR), november)
    page.get_by_role("link", name=transfer.label).click()
    line = page.locator("tbody tr", has_text=own.student.last_name)
    expect(line).to_contain_text("средний был –")
    page.get_by_role("link", name="Оспорить строки").click()
    page.get_by_label(own.student.full_name).fill("Контрольная написана на пять")
    page.get_by_role("button", name="Направить возражения").click()
    expect(page.get_by_text("Контрольная написана на пять")).to_be_visible()
    assert list(TransferDispute.objects.values_list("enrolment", flat=True)) == [own.pk]
    assert MonthlyTransfer.objects.get(pk=transfer.pk).state == TransferState.DISPUTED

    page.set_viewport_size({"width": 390, "height": 844})
    parent = Acting(GuardianLink.objects.get(student=own.student).user, Role.PARENT)
    opened(parent, f"{reverse('diary')}?tab=courses")
    page.locator("main").get_by_role("link", name="Физика").click()
    page.get_by_role("link", name="Ноябрь 2026").click()
    expect(page).to_have_url(re.compile(reverse("transfer", args=[transfer.pk])))
    expect(page.locator("main")).to_contain_text(own.student.last_name)
    expect(page.locator("main")).not_to_contain_text(neighbour.student.last_name)
    expect(page.locator("main")).not_to_contain_text("Контрольная написана")
