"""An agreement between two schools: refused, corrected, signed on a stale page and on paper, published."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from network_portal.common.dates import school_year
from network_portal.demo.base import Cast
from schools.enums import DutyKind
from schools.models import Agreement
from schools.services import agreement_create
from tests.e2e.people import PHONE, Person, Visit
from tests.factories.schools import TERMS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOST, REMARK = "МАОУ гимназия № 40", "Двенадцати мест мало, нужно пятнадцать."


def test_two_schools_sign_after_a_refusal_a_stale_page_and_a_signature_on_paper(
    cast: Cast, visit: Visit, tmp_path: Path
) -> None:
    drafted(cast)
    deputy, host_deputy = visit("deputy7"), visit("deputy40")
    director, host_director = visit("director7"), visit("director40", PHONE)
    send_and_agree(deputy, host_deputy)
    director.take("Подписать договор")
    director.sign_by_letter()
    director.sees("Документ подписан.")

    stale = host_director.page
    host_director.take("Подписать договор")
    host_director.page = host_director.tab()
    host_director.take("Подписать договор")
    with host_director.expecting(422):
        host_director.press("Вернуть договор")
    host_director.sees("Обязательное поле")
    host_director.fill({"Причина": REMARK})
    host_director.press("Вернуть договор")
    host_director.sees("Договор возвращён с замечаниями, обе стороны уведомлены.")

    deputy.take("Исправить договор")
    deputy.sees(REMARK)
    deputy.follow("Изменить")
    deputy.fill({"Мест в год": 15})
    deputy.press("Сохранить проект")
    send_and_agree(deputy, host_deputy)
    director.take("Подписать договор")
    director.sign()
    host_director.page = stale
    with host_director.expecting(409):
        host_director.sign()
    host_director.sees("Что изменилось", "Мест в год", "12", "15")
    host_director.follow("Открыть заново")
    expect(host_director.main.get_by_role("button", name="Подписать", exact=True)).to_be_visible()

    register_scan(host_deputy, tmp_path)
    host_deputy.sees("Подпись зарегистрирована.", "наша копия = их копия", "подписан, действует")
    host_deputy.follow("Подписи")
    host_deputy.sees("Дата подписи", "скан.pdf", "Отказ:", REMARK)

    publish(deputy, visit("", PHONE))


def drafted(cast: Cast) -> Agreement:
    """Draft the agreement on today's dates; how a deputy types one is shown on the way of a course."""
    today = cast.season.today
    year = school_year(today)
    terms = replace(
        TERMS,
        date_from=today,
        date_to=today + timedelta(days=400),
        conditions=(replace(TERMS.conditions[0], year_from=year, year_to=year + 1),),
        duties=TERMS.duties[:1],
    )
    deputy = cast.acting("deputy7", DutyKind.DEPUTY)
    return agreement_create(actor=deputy, host=cast.schools["40"], terms=terms, at=timezone.now())


def send_and_agree(deputy: Person, host_deputy: Person) -> None:
    deputy.menu("Договоры")
    deputy.follow(HOST)
    deputy.press("Направить на согласование", sure=True)
    host_deputy.take("Согласовать договор")
    host_deputy.press("Согласовать договор", sure=True)


def register_scan(clerk: Person, folder: Path) -> None:
    """Print the paper, «scan» it, and register what the director signed by hand."""
    clerk.menu("Договоры")
    clerk.follow("МАОУ СОШ № 7")
    address = clerk.main.get_by_role("link", name="Проект (PDF)").get_attribute("href")
    (folder / "print.pdf").write_bytes(clerk.fetch(str(address)))
    subprocess.run(["pdftoppm", "-r", "50", "-gray", "-png", "print.pdf", "page"], cwd=folder, check=True)
    pages = [Image.open(page) for page in sorted(folder.glob("page*.png"))]
    pages[0].save(folder / "скан.pdf", save_all=True, append_images=pages[1:])
    clerk.follow("Подписи")
    clerk.follow("Зарегистрировать подпись на бумаге")
    clerk.field("Скан подписанного документа или файл подписи").set_input_files(folder / "скан.pdf")
    clerk.main.get_by_role("checkbox").check()
    clerk.press("Зарегистрировать подпись")


def publish(deputy: Person, guest: Person) -> None:
    deputy.take("Разместить договор на странице для всех")
    deputy.follow("Разместить для всех")
    deputy.press("Разместить договор")
    deputy.sees("Договор размещён")
    agreement = Agreement.objects.get()
    guest.open("/public/agreements/")
    guest.sees(HOST, "Физика вокруг нас", "мест в год: 15")
    paper = guest.paper("Договор (PDF)")
    assert "Физика вокруг нас" in paper
    assert [text for text in (agreement.home.phone, agreement.host.phone, "Подписано") if text and text in paper] == []
