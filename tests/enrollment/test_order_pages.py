"""Pages of the orders of both schools, of exits and of the contract of three parties."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enrollment import services
from enrollment.enums import EnrolmentState, ExitReason
from enrollment.models import Contract, Enrolment, SchoolOrder
from enrollment.selectors.order_tasks import tasks_for
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from schools.acting import Acting
from tests.enrollment.network import AT, ON, Applied, DueContract, World
from tests.enrollment.test_pages import get, post
from tests.factories.documents import proof_of
from tests.factories.schools import DutyFactory, acting_as, sign_in

pytestmark = pytest.mark.django_db


def signature(person: Acting, document: Document) -> dict[str, object]:
    proof = proof_of(person.user, document, at=timezone.now())
    return {"version_sha256": current_version(document).sha256, **asdict(proof)}


def titles(acting: Acting) -> list[str]:
    return [task.title for task in tasks_for(acting, ON)]


def test_from_the_host_order_to_an_exit(world: World, accepted: Applied, enrolment: Enrolment) -> None:
    application, parent = accepted
    deputy, director, curator = (
        sign_in(Client(), who) for who in (world.home.deputy, world.home.director, world.home.curator)
    )
    assert titles(world.home.deputy) == ["Подготовить приказ об организации обучения"]
    year = ["school_order_create", world.host.organisation.pk, 2026]
    url = reverse(year[0], args=year[1:])
    assert enrolment.student.last_name in deputy.get(url).content.decode()
    data = {
        "responsible": world.home.deputy.duty.pk,
        "curator": world.home.curator.duty.pk,
        "date_from": "2026-09-01",
        "date_to": "2027-05-31",
    }
    assert deputy.post(url, {**data, "date_to": "2026-08-01"}).status_code == 422
    assert deputy.post(url, data).status_code == 302
    main = SchoolOrder.objects.get()
    assert titles(world.home.director) == ["Подписать приказ об организации обучения"]
    get(curator, "school_order", main.pk, 404)
    get(director, "school_order_sign", main.pk)
    post(director, "school_order_sign", main.pk, **signature(world.home.director, main.document))
    assert titles(world.home.curator) == ["Ознакомиться с приказом"]
    seat = DutyFactory(user=world.home.curator.user, organisation=world.home.organisation, kind="council_member")
    assert titles(acting_as(seat)) == []  # one is asked once, not in each of one's duties
    assert "ещё не ознакомлен" in get(deputy, "school_order", main.pk) or "просрочено" in get(
        deputy, "school_order", main.pk
    )
    post(curator, "school_order_acquaint", main.pk)
    assert titles(world.home.curator) == []
    assert deputy.get(reverse("school_order_sheet", args=[main.pk]))["Content-Type"] == "application/pdf"

    world.wish(enrolment, parent, date(2026, 10, 30))
    assert "Исполнить заявление о выходе из группы" in titles(world.home.deputy)
    assert "Подготовить приказ" in get(deputy, "leaving_list")
    assert "Заявление семьи, последний день 30.10.2026" in get(deputy, "school_order_change", main.pk)
    post(deputy, "school_order_change", main.pk, 422)
    post(deputy, "school_order_change", main.pk, leaving=[enrolment.pk])
    change = main.changes.get()
    post(director, "school_order_return", change.pk, reason="Проверьте дату")
    post(deputy, "school_order_change", main.pk, leaving=[enrolment.pk])
    change = main.changes.latest("pk")
    post(director, "school_order_sign", change.pk, **signature(world.home.director, change.document))
    assert "Изменён приказами" in get(deputy, "school_order", main.pk)
    assert "выбыл" in get(sign_in(Client(), parent), "application", application.pk)
    enrolment.refresh_from_db()
    assert enrolment.state == EnrolmentState.LEFT


def test_host_excludes_by_its_order(world: World, enrolment: Enrolment) -> None:
    host, director = sign_in(Client(), world.host.deputy), sign_in(Client(), world.host.director)
    order = enrolment.order
    post(host, "order_change", order.pk, 422, leaving=[enrolment.pk])
    post(host, "order_change", order.pk, leaving=[enrolment.pk], reason=ExitReason.ABSENCE.value, last_day="2026-10-30")
    change = order.changes.get()
    post(director, "school_order_sign", change.pk, **signature(world.host.director, change.document))
    assert "Изменён приказами" in get(host, "order", order.pk)
    assert "отчислен принимающей школой" in get(host, "group", world.group.pk)


def test_contract_pages(world: World, due_contract: DueContract) -> None:
    line, parent = due_contract
    host = sign_in(Client(), world.host.deputy)
    assert "Составить договор" in get(host, "request", line.request_id)
    post(host, "contract_create", line.pk)
    contract = Contract.objects.get()
    family = sign_in(Client(), parent)
    get(family, "contract", contract.pk)
    get(family, "contract_sign", contract.pk, 409)
    for person in (world.host.director, world.home.director, parent):
        assert titles(person)[-1] == "Подписать трёхсторонний договор"
        client = sign_in(Client(), person)
        get(client, "contract_sign", contract.pk)
        post(client, "contract_sign", contract.pk, **signature(person, contract.document))
    assert "действует" in get(family, "contract", contract.pk)


def test_group_dates_page(world: World) -> None:
    host = sign_in(Client(), world.host.deputy)
    post(host, "group_dates", world.group.pk, 422, enrol_from="2026-09-10", enrol_to="2026-09-01")
    post(host, "group_dates", world.group.pk, last_free_exit="2026-09-14")
    assert "Выход без записи об обучении" in get(host, "group", world.group.pk)


def test_special_conditions_are_yes_or_no(world: World, accepted: Applied) -> None:
    """T03, L-3: the list never says which conditions."""
    request = world.request(accepted[0])
    line = request.lines.get()
    deputy = sign_in(Client(), world.home.deputy)
    post(deputy, "line_special", line.pk, special="on")
    assert "Особые условия: да" in get(deputy, "request", request.pk)
    post(deputy, "line_special", line.pk)
    line.refresh_from_db()
    assert line.special is False


def test_order_list_queries(world: World, enrolment: Enrolment) -> None:
    deputy = sign_in(Client(), world.home.deputy)
    url = reverse("school_order_list")

    def queries() -> int:
        deputy.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert deputy.get(url).status_code == 200
        return len(captured)

    main = world.sign_school_order(world.main_order())
    one = queries()
    for ground in ("первое", "второе"):
        change = services.home_change_create(
            actor=world.home.deputy, order=main, escort="Иванову Анну Петровну", ground=ground, at=AT
        )
        world.sign_school_order(change)
    assert (queries(), one) == (one, 9)
