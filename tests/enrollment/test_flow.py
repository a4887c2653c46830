"""The whole way of one course, from the application to the opened group (S0-3 … S0-5p)."""

from __future__ import annotations

import pytest

from courses.enums import GroupState
from enrollment import services
from enrollment.enums import ApplicationState, EnrolmentState, LineDecision, OrderState, RequestState
from enrollment.models import Enrolment
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import StaleError
from network_portal.documents.proofs import Proof
from network_portal.documents.selectors import current_version
from network_portal.notices.models import Notice
from network_portal.outbox.models import OutboxEvent
from tests.enrollment.network import AT, ON, Applied, World, submit

pytestmark = pytest.mark.django_db


def state_of(row: object) -> str:
    row.refresh_from_db()
    return row.state


def test_from_application_to_opened_group(world: World, submitted: Applied) -> None:
    application, _ = submitted
    assert (application.state, application.document.number) == (ApplicationState.REGISTERED, 1)
    assert application.registered_at == AT
    assert application.document.organisation == world.home.organisation

    application = services.application_accept(actor=world.home.deputy, application=application, at=AT)
    request = world.request(application)
    assert state_of(application) == ApplicationState.LISTED
    request = services.request_submit(actor=world.home.deputy, request=request, at=AT)
    request = world.sign_list(request)
    assert request.state == RequestState.SIGNED
    world.mapped(world.course)
    request = services.request_send(actor=world.home.deputy, request=request, at=AT)
    assert (request.state, request.answer_due.isoformat()) == (RequestState.SENT, "2026-08-27")

    line = request.lines.get()
    enrolment = world.accept_line(line)
    world.group.refresh_from_db()
    assert (enrolment.state, world.group.seats_taken) == (EnrolmentState.BOOKED, 1)
    assert state_of(request) == RequestState.ANSWERED
    assert state_of(application) == ApplicationState.LISTED

    order = world.sign_order(world.order(request))
    enrolment.refresh_from_db()
    assert (order.state, order.document.number) == (OrderState.REGISTERED, 1)
    assert (enrolment.state, enrolment.order, enrolment.date_from) == (
        EnrolmentState.ENROLLED, order, world.course.date_from,
    )  # fmt: skip
    assert state_of(application) == ApplicationState.PLACED
    assert state_of(request) == RequestState.CLOSED
    application.student.refresh_from_db()
    assert application.student.home_school == world.home.organisation

    group = services.group_open(actor=world.host.deputy, group=world.group, on=ON, at=AT)
    assert (group.state, group.opened_on) == (GroupState.OPEN, ON)
    event = OutboxEvent.objects.get(topic="group.opened")
    assert (event.key, event.payload) == (f"group:{group.pk}:opened", {"group_id": group.pk})


def test_every_step_is_in_the_trail_and_everyone_is_told(world: World, accepted: Applied) -> None:
    application, parent = accepted
    request = world.sent(application)
    world.accept_line(request.lines.get())
    world.sign_order(world.order(request))
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {
        "application.drafted", "consent.given", "application.submitted", "application.accepted", "request.composed",
        "request.changed", "request.submitted", "request.signed", "request.sent", "line.accepted", "request.answered",
        "order.drafted", "order.registered", "enrolment.enrolled",
    } <= verbs  # fmt: skip
    told = {user: list(Notice.objects.filter(user=user).values_list("text", flat=True)) for user in (
        parent.user, world.home.deputy.user, world.home.director.user, world.host.deputy.user, world.host.director.user,
    )}  # fmt: skip
    assert [text for text in told[parent.user] if "зачислен" in text]
    assert [text for text in told[world.home.deputy.user] if "рассмотрена" in text]
    assert told[world.home.director.user] == ["На подпись: заявка в МАОУ гимназия № 40."]
    assert [text for text in told[world.host.deputy.user] if "Поступила заявка" in text]
    assert told[world.host.director.user] == ["На подпись: приказ о зачислении в группу Ф-1."]
    surname = application.student.last_name
    assert not [text for text in told[world.host.deputy.user] if surname in text]


def test_refused_alternative_is_listed_for_the_next_host(world: World) -> None:
    second = world.course_of_host(programme__title="Химия")
    application, _ = world.accepted(world.course, second)
    request = world.sent(application)
    services.line_refuse(
        actor=world.host.deputy, line=request.lines.get(), reason="Нет мест", seen=LineDecision.PENDING, at=AT
    )
    assert state_of(application) == ApplicationState.NOT_PLACED
    assert state_of(request) == RequestState.ANSWERED
    again = world.request(application)
    assert again.pk != request.pk
    assert again.lines.get().course == second
    assert state_of(application) == ApplicationState.LISTED


def test_booked_place_is_given_back_when_the_family_withdraws(world: World, accepted: Applied) -> None:
    application, parent = accepted
    request = world.sent(application)
    world.accept_line(request.lines.get())
    order = world.order(request)
    services.application_withdraw(actor=parent, application=application, at=AT)
    world.group.refresh_from_db()
    assert world.group.seats_taken == 0
    assert Enrolment.objects.get().state == EnrolmentState.CANCELLED
    assert request.lines.get().decision == LineDecision.WITHDRAWN
    assert state_of(order) == OrderState.CANCELLED


def test_draft_order_is_revised_when_one_of_two_withdraws(world: World, accepted: Applied) -> None:
    first, parent = accepted
    second, _ = world.accepted()
    request = world.sent(first, second)
    for line in request.lines.all():
        world.accept_line(line)
    order = world.order(request)
    seen = current_version(order.document).sha256
    services.application_withdraw(actor=parent, application=first, at=AT)
    with pytest.raises(StaleError, match="вы открывали редакцию 1, сейчас действует редакция 2"):
        services.order_sign(actor=world.host.director, order=order, version_sha256=seen, proof=Proof("любой"), at=AT)
    world.sign_order(order)
    assert state_of(second) == ApplicationState.PLACED
    assert state_of(first) == ApplicationState.WITHDRAWN


def test_application_submitted_in_another_tab_is_told(world: World, prepared: Applied) -> None:
    application, parent = prepared
    submit(application, parent)
    with pytest.raises(StaleError, match=r"Это заявление уже подано: №\xa01, 24.08.2026 16:45"):
        submit(application, parent)


def test_returned_application_keeps_its_place_and_gets_a_new_paper(world: World, submitted: Applied) -> None:
    application, parent = submitted
    services.application_return(actor=world.home.deputy, application=application, reason="Уточните класс", at=AT)
    later = AT.replace(day=26)
    application.refresh_from_db()
    application = services.application_prepare(actor=parent, application=application, at=later)
    application = submit(application, parent, at=later)
    assert (application.registered_at, application.document.number, application.document.replaces.number) == (AT, 2, 1)
    assert state_of(application.document.replaces) == "replaced"
