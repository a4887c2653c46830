"""The month is sealed, delivered, acknowledged, and closed to its teacher."""

from __future__ import annotations

import hashlib
import json

from django.urls import reverse
from playwright.sync_api import expect

from gradebook.enums import PushState, TransferState
from gradebook.models import MonthlyTransfer, PushEndpoint, TransferPush
from network_portal.common.dates import month_label, month_name
from schools.models import Student
from tests.e2e.flow.lessons import unknown_at_home
from tests.e2e.flow.story import HOME, Days, wait_for
from tests.e2e.people import Person
from tests.services import Receiver


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
