"""Who sees what: a stranger school, another family, host and home of one group; each with data that could leak."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from enrollment import access
from enrollment.enums import ApplicationState
from enrollment.models import Application, SchoolRequest
from enrollment.selectors import group_members, tasks_for
from enrollment.selectors.groups import groups_with_counts
from enrollment.services import application_return
from schools.acting import Acting
from schools.enums import DutyKind
from tests.enrollment.network import AT, ON, Applied, World
from tests.factories.accounts import UserFactory
from tests.factories.enrollment import ApplicationFactory, EnrolmentFactory, OrderFactory, SchoolRequestLineFactory
from tests.factories.schools import (
    AgreementFactory,
    DutyFactory,
    SchoolClassFactory,
    acting_as,
    sign_in,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db

CANARY = "Канарейкин"


@shared
def flow(world: World) -> dict[str, int]:
    """Return the keys of everything that one pupil of the home school leaves behind."""
    application, _ = world.accepted(
        child=world.child(last_name=CANARY, first_name="Кондрат", patronymic="Кузьмич", gender="m")
    )
    request = world.sent(application)
    line = request.lines.get()
    world.accept_line(line)
    order = world.sign_order(world.order(request))
    return {
        "application": application.pk,
        "request": request.pk,
        "line": line.pk,
        "order": order.pk,
        "group": world.group.pk,
        "consent": application.student.consents.first().pk,
    }


READ = {
    "application": "application",
    "application_pdf": "application",
    "request": "request",
    "request_pdf": "request",
    "request_answer": "request",
    "order": "order",
    "order_pdf": "order",
    "group": "group",
}
SHEETS = {
    "application_courses": "application",
    "application_form": "application",
    "application_sheet": "application",
    "consent_pdf": "consent",
    "application_check": "application",
    "application_sign": "application",
    "application_preview": "application",
    "request_sign": "request",
    "order_create": "request",
    "order_sign": "order",
}
ACTS = {
    "application_waitlist": "application",
    "application_consents": "application",
    "application_details": "application",
    "application_withdraw": "application",
    "application_accept": "application",
    "application_return": "application",
    "application_refuse": "application",
    "consent_withdraw": "consent",
    "request_add": "request",
    "request_submit": "request",
    "request_return": "request",
    "request_send": "request",
    "request_remove": "line",
    "line_accept": "line",
    "line_waitlist": "line",
    "line_refuse": "line",
    "order_return": "order",
    "group_open": "group",
}
LISTS = ("application_list", "request_list", "request_create", "group_list", "home")


def statuses(client: Client, flow: dict[str, int]) -> dict[str, int]:
    answers = {name: client.get(reverse(name, args=[flow[key]])) for name, key in (READ | SHEETS).items()}
    answers |= {name: client.post(reverse(name, args=[flow[key]])) for name, key in ACTS.items()}
    assert not [name for name, answer in answers.items() if CANARY in answer.content.decode(errors="ignore")]
    return {name: answer.status_code for name, answer in answers.items()}


@pytest.mark.parametrize("duty", ["director", "deputy", "coordinator", "curator"])
def test_stranger_school_finds_nothing(world: World, flow: dict[str, int], duty: str) -> None:
    stranger: Acting = getattr(world.stranger, duty)
    client = sign_in(Client(), stranger)
    assert set(statuses(client, flow).values()) == {404}
    pages = {name: client.get(reverse(name)) for name in LISTS}
    assert {name: page.status_code for name, page in pages.items() if page.status_code not in (200, 403)} == {}
    assert not [name for name, page in pages.items() if CANARY in page.content.decode()]
    assert not access.groups_for(stranger).exists()
    assert not access.enrolments_for(stranger).exists()
    assert tasks_for(stranger, ON) == []


def test_another_family_finds_nothing(world: World, flow: dict[str, int]) -> None:
    _, other = world.child()
    client = sign_in(Client(), other)
    assert set(statuses(client, flow).values()) == {404}
    assert CANARY not in client.get(reverse("application_list")).content.decode()
    form = client.get(reverse("application_create")).content.decode()
    assert CANARY not in form


def test_nobody_finds_nothing(world: World, flow: dict[str, int]) -> None:
    assert set(statuses(sign_in(Client(), UserFactory()), flow).values()) == {404}


def test_visitor_is_asked_to_sign_in(world: World, flow: dict[str, int]) -> None:
    assert set(statuses(Client(), flow).values()) == {302}


def test_child_of_another_parent_is_not_a_choice(world: World) -> None:
    child, _ = world.child()
    _, other = world.child()
    response = sign_in(Client(), other).post(reverse("application_create"), {"student": child.pk})
    assert (response.status_code, Application.objects.count()) == (422, 0)


def test_draft_is_the_familys_alone(world: World, drafted: Applied) -> None:
    application, parent = drafted
    url = reverse("application", args=[application.pk])
    assert sign_in(Client(), world.home.deputy).get(url).status_code == 404
    assert sign_in(Client(), parent).get(url).status_code == 200


def test_home_staff_does_not_fill_in_or_sign_for_the_family(world: World, submitted: Applied) -> None:
    application, _ = submitted
    application_return(actor=world.home.deputy, application=application, reason="Уточните", at=AT)
    client = sign_in(Client(), world.home.deputy)
    for name in ("application_courses", "application_check", "application_sign", "application_preview"):
        assert client.get(reverse(name, args=[application.pk])).status_code == 403


def test_host_does_not_see_the_application_nor_the_wishes(world: World) -> None:
    secret = world.course_of_host(programme__title="Тайная химия")
    application, _ = world.accepted(world.course, secret)
    request = world.sent(application)
    client = sign_in(Client(), world.host.deputy)
    page = client.get(reverse("request", args=[request.pk])).content.decode()
    assert application.student.last_name in page
    assert "Тайная химия" not in page
    assert "Тайная химия" not in request.document.versions.get().content
    for name in ("application", "application_pdf"):
        assert client.get(reverse(name, args=[application.pk])).status_code == 404


def test_host_sees_a_list_only_once_it_is_sent(world: World, accepted: Applied) -> None:
    request = world.request(accepted[0])
    client = sign_in(Client(), world.host.deputy)
    assert client.get(reverse("request", args=[request.pk])).status_code == 404


def test_roles_without_the_right_get_403_on_what_they_see(world: World, flow: dict[str, int]) -> None:
    curator = sign_in(Client(), world.home.curator)
    for name in ("application_accept", "request_send", "request_submit"):
        key = ACTS[name]
        assert curator.post(reverse(name, args=[flow[key]])).status_code == 403
    home_deputy = sign_in(Client(), world.home.deputy)
    for name in ("line_accept", "line_refuse", "order_return", "group_open", "request_return"):
        assert home_deputy.post(reverse(name, args=[flow[ACTS[name]]])).status_code == 403
    host_deputy = sign_in(Client(), world.host.deputy)
    for name in ("request_add", "request_send", "request_remove", "order_return", "request_return"):
        assert host_deputy.post(reverse(name, args=[flow[ACTS[name]]])).status_code == 403


def test_home_of_another_pupil_in_the_group_sees_its_own_only(world: World, flow: dict[str, int]) -> None:
    AgreementFactory(network=world.network, home=world.stranger.organisation, host=world.host.organisation)
    own = EnrolmentFactory(
        group=world.group,
        student__home_school=world.stranger.organisation,
        student__school_class=SchoolClassFactory(organisation=world.stranger.organisation),
    )
    for acting in (world.stranger.deputy, world.stranger.curator):
        assert list(group_members(acting, world.group)) == [own]
        assert [group.members for group in groups_with_counts(acting)] == [1]
        client = sign_in(Client(), acting)
        for page in (client.get(reverse("group", args=[world.group.pk])), client.get(reverse("group_list"))):
            html = page.content.decode()
            assert CANARY not in html
            assert "занято" not in html
    assert group_members(world.host.deputy, world.group).count() == 2
    assert group_members(acting_as(world.group.teacher), world.group).count() == 2
    assert (
        CANARY in sign_in(Client(), world.group.teacher).get(reverse("group", args=[world.group.pk])).content.decode()
    )


def test_teacher_of_another_group_finds_nothing(world: World, flow: dict[str, int]) -> None:
    other = DutyFactory(organisation=world.host.organisation, kind=DutyKind.NETWORK_TEACHER)
    assert not access.groups_for(acting_as(other)).exists()
    assert sign_in(Client(), other).get(reverse("group", args=[world.group.pk])).status_code == 404


def test_order_of_one_home_is_hidden_from_another(world: World, flow: dict[str, int]) -> None:
    request = SchoolRequestLineFactory(
        request__agreement__home=world.stranger.organisation,
        request__agreement__host=world.host.organisation,
        request__sent=True,
    ).request
    order = OrderFactory(request=request, group=world.group)
    assert list(access.orders_for(world.stranger.deputy)) == [order]
    assert list(access.requests_for(world.stranger.deputy)) == [request]
    assert SchoolRequest.objects.count() == 2
    home = sign_in(Client(), world.home.deputy)
    assert home.get(reverse("order", args=[order.pk])).status_code == 404


def test_class_teacher_sees_the_own_class(world: World) -> None:
    teacher = DutyFactory(organisation=world.home.organisation, kind=DutyKind.CLASS_TEACHER)
    own_class = SchoolClassFactory(organisation=world.home.organisation, class_teacher=teacher)
    own = ApplicationFactory(
        student__home_school=world.home.organisation, student__school_class=own_class, courses=[world.course]
    )
    ApplicationFactory(student__home_school=world.home.organisation, courses=[world.course])
    assert list(access.applications_for(acting_as(teacher))) == [own]
    assert own.state == ApplicationState.REGISTERED


# --- forged input


@pytest.mark.parametrize("data", [{}, {"group": "x", "seen": "pending"}, {"group": "1", "seen": "нет такого"}])
def test_forged_answer_changes_nothing(world: World, sent: SchoolRequest, data: dict[str, str]) -> None:
    line = sent.lines.get()
    client = sign_in(Client(), world.host.deputy)
    url = reverse("request", args=[line.request_id])
    for name in ("line_accept", "line_waitlist"):
        if name == "line_waitlist" and data.get("seen") == "pending":
            continue
        response = client.post(reverse(name, args=[line.pk]), data, headers={"referer": f"http://testserver{url}"})
        assert (response.status_code, response.url) == (302, f"http://testserver{url}")
    line.refresh_from_db()
    assert line.decision == "pending"


def test_group_of_a_stranger_is_not_an_answer(world: World) -> None:
    foreign = EnrolmentFactory().group
    line = world.sent(world.accepted()[0]).lines.get()
    sign_in(Client(), world.host.deputy).post(
        reverse("line_accept", args=[line.pk]), {"group": foreign.pk, "seen": "pending"}
    )
    line.refresh_from_db()
    assert line.decision == "pending"


@pytest.mark.parametrize("data", [{}, {"action": "drop", "course": "1"}, {"action": "add", "course": "x"}])
def test_forged_choice_changes_nothing(world: World, drafted: Applied, data: dict[str, str]) -> None:
    application, parent = drafted
    url = reverse("application_courses", args=[application.pk])
    response = sign_in(Client(), parent).post(url, data, headers={"referer": f"http://testserver{url}"})
    assert (response.status_code, application.choices.count()) == (302, 1)


def test_foreign_application_is_not_put_on_a_list(world: World) -> None:
    foreign = ApplicationFactory(state=ApplicationState.ACCEPTED, courses=[world.course])
    request = world.request(world.accepted()[0])
    response = sign_in(Client(), world.home.deputy).post(
        reverse("request_add", args=[request.pk]), {"applications": [foreign.pk]}
    )
    assert (response.status_code, request.lines.count()) == (422, 1)


def test_foreign_host_is_not_a_choice(world: World) -> None:
    sign_in(Client(), world.home.deputy).post(
        reverse("request_create"), {"host": world.stranger.organisation.pk, "year": 2026}
    )
    assert not SchoolRequest.objects.exists()
