"""The pages: the whole flow in requests, numbers of queries, bad input."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollment import services
from enrollment.enums import ApplicationState, LineDecision, RequestState
from enrollment.models import Application, Consent, SchoolRequest
from network_portal.documents.selectors import current_version
from tests.enrollment.network import AT, DETAILS, Applied, World, register_word
from tests.factories.documents import may_sign, proof_of
from tests.factories.schools import sign_in

pytestmark = pytest.mark.django_db


def post(client: Client, name: str, pk: int | None = None, status: int = 302, **data: object) -> HttpResponse:
    response = client.post(reverse(name, args=[pk] if pk else []), data)
    assert response.status_code == status, response.content.decode()
    return response


def get(client: Client, name: str, pk: int | None = None, status: int = 200, **query: object) -> str:
    response = client.get(reverse(name, args=[pk] if pk else []), query)
    assert response.status_code == status
    return response.content.decode()


def test_the_flow_through_the_pages(world: World) -> None:
    student, parent = world.child()
    family, deputy, director = (sign_in(Client(), who) for who in (parent, world.home.deputy, world.home.director))
    host, host_director = (sign_in(Client(), who) for who in (world.host.deputy, world.host.director))

    assert student.full_name in get(family, "application_create").replace("\xa0", " ")
    post(family, "application_create", student=student.pk)
    application = Application.objects.get()
    assert "Физика вокруг нас" in get(family, "application_courses", application.pk)
    post(family, "application_courses", application.pk, action="add", course=world.course.pk)
    assert "У выбранных курсов по одной форме занятий" in get(family, "application_form", application.pk)
    post(family, "application_waitlist", application.pk, 422)
    post(family, "application_waitlist", application.pk, waitlist_ok="yes")
    assert "Препятствий нет" in get(family, "application_check", application.pk)
    post(family, "application_check", application.pk)
    assert "Ваш адрес" in get(family, "application_consents", application.pk)
    post(family, "application_details", application.pk, 422, **{**asdict(DETAILS), "number": ""})
    post(family, "application_details", application.pk, **asdict(DETAILS))
    page = get(family, "application_consents", application.pk)
    assert page.count('type="checkbox"') == 2
    assert " checked>" not in page
    operators = [world.home.organisation.pk, world.host.organisation.pk]
    page = post(family, "application_consents", application.pk, 422, operators=operators[:1]).content.decode()
    assert "Нет согласия: МАОУ гимназия" in page.replace("\xa0", " ")
    post(family, "application_consents", application.pk, operators=operators)
    may_sign(parent.user, world.home.organisation)
    assert "Ваш пароль" in get(family, "application_sign", application.pk)
    assert not Consent.objects.in_force().exists()
    application.refresh_from_db()
    sha = current_version(application.sheet).sha256
    proof = proof_of(parent.user, application.sheet, at=timezone.now())
    post(family, "application_sign", application.pk, 422, version_sha256=sha, password="не тот", code=proof.code)
    post(family, "application_sign", application.pk, version_sha256=sha, **asdict(proof))
    assert Consent.objects.in_force().count() == 2
    register_word(application, world.home.deputy, at=timezone.now())
    page = get(family, "application", application.pk)
    assert "Заявление рассмотрит заместитель директора МАОУ СОШ" in page
    assert "Заявление (PDF)" in page

    assert student.last_name in get(deputy, "application_list")
    post(deputy, "application_return", application.pk, 422, **{"return-reason": " "})
    post(deputy, "application_accept", application.pk)
    assert "Составить список" in get(deputy, "request_create")
    post(deputy, "request_create", host=world.host.organisation.pk, year=2026)
    request = SchoolRequest.objects.get()
    assert student.last_name in get(deputy, "request", request.pk)
    post(deputy, "request_add", request.pk, applications=[application.pk])
    post(deputy, "request_submit", request.pk)
    assert "Прочитать и подписать" in get(director, "request", request.pk)
    get(director, "request_sign", request.pk)
    request.refresh_from_db()
    sha = current_version(request.document).sha256
    post(director, "request_return", request.pk, reason="Проверьте класс", version_sha256=sha)
    assert "Проверьте класс" in get(deputy, "request", request.pk)
    post(deputy, "request_submit", request.pk)
    sha = current_version(request.document).sha256
    proof = proof_of(world.home.director.user, request.document, at=timezone.now())
    post(director, "request_sign", request.pk, version_sha256=sha, **asdict(proof))
    refused = post(deputy, "request_send", request.pk, 400)
    assert "не сопоставлены с учебным планом вашей школы" in refused.content.decode()
    assert "не сопоставлен" in get(deputy, "mapping_list")
    post(deputy, "mapping", world.course.pk, 422, part="", hours=34, counts="elective")
    post(deputy, "mapping", world.course.pk, part="Физика", hours=34, counts="elective")
    post(deputy, "request_send", request.pk)

    assert "МАОУ СОШ" in get(host, "request_list")
    page = get(host, "request", request.pk)
    assert student.last_name in page
    assert parent.user.email not in page
    line = request.lines.get()
    post(host, "line_accept", line.pk, group=world.group.pk, seen=LineDecision.PENDING)
    assert "Подготовить приказ" in get(host, "request", request.pk)
    assert "01.09.2026" not in get(host, "order_create", request.pk)
    post(host, "order_create", request.pk, group=world.group.pk, date_from="2026-09-01", date_to="2027-05-31")
    order = request.orders.get()
    get(host_director, "order_sign", order.pk)
    sha = current_version(order.document).sha256
    proof = proof_of(world.host.director.user, order.document, at=timezone.now())
    post(host_director, "order_sign", order.pk, version_sha256=sha, **asdict(proof))
    request.refresh_from_db()
    assert request.state == RequestState.CLOSED
    assert student.last_name in get(deputy, "order", order.pk)
    assert "Открыть группу" in get(host, "group", world.group.pk)
    assert student.last_name in get(deputy, "group", world.group.pk)
    assert "занято" not in get(deputy, "group", world.group.pk)
    post(host, "group_open", world.group.pk)
    assert "открыта" in get(host, "group_list")
    assert "Зачислен" in get(family, "application", application.pk)


def test_parent_papers_are_pdf(world: World, submitted: Applied) -> None:
    application, parent = submitted
    response = sign_in(Client(), parent).get(reverse("application_pdf", args=[application.pk]))
    assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")
    assert application.state == ApplicationState.REGISTERED


def test_reason_is_kept_when_another_deputy_was_faster(world: World, submitted: Applied) -> None:
    application, _ = submitted
    deputy = sign_in(Client(), world.home.deputy)
    services.application_accept(actor=world.home.coordinator, application=application, at=AT)
    page = post(
        deputy, "application_refuse", application.pk, 409, **{"refuse-reason": "Класс не подходит по программе"}
    )
    html = page.content.decode()
    assert "Заявление уже в состоянии «принято школой»" in html
    assert "Класс не подходит по программе" in html
    application.refresh_from_db()
    assert application.state == ApplicationState.ACCEPTED


def test_refusal_of_a_line_keeps_the_reason_when_another_was_faster(world: World, accepted: Applied) -> None:
    application, _ = accepted
    request = world.sent(application)
    line = request.lines.get()
    world.accept_line(line)
    page = post(
        sign_in(Client(), world.host.coordinator), "line_refuse", line.pk, 409, seen="pending", reason="Нет учителя"
    )
    html = page.content.decode()
    assert "По этой строке уже решено: принят" in html
    assert "Нет учителя" in html
    line.refresh_from_db()
    assert line.decision == LineDecision.ACCEPTED
