"""Duties: who gives them, from when to when they give rights, and the switch between them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from network_portal.accounts.models import User
from network_portal.common.errors import RuleError, StaleError
from schools.acting import SESSION_KEY
from schools.enums import DutyKind, OfferState, Role
from schools.models import Duty, DutyOffer
from schools.selectors import director_of, network_of, staff_of, tasks_for
from schools.services import director_appoint, duty_end, duty_offer, duty_take
from tests.factories.accounts import UserFactory
from tests.factories.schools import DutyFactory, MembershipFactory, acting_as, sign_in
from tests.schools.conftest import World

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
ON = date(2026, 9, 1)


def appoint(world: World, email: str, kind: DutyKind = DutyKind.CURATOR, date_from: date = ON) -> Duty:
    offer = duty_offer(
        actor=acting_as(world.home_director),
        email=email,
        kind=kind,
        order="№ 15 от 28.08.2026",
        date_from=date_from,
        date_to=None,
        at=AT,
    )
    owner = User.objects.filter(email=offer.email).first() or UserFactory(email=offer.email)
    return duty_take(actor=acting_as(owner, Role.NOBODY), offer=offer, at=AT)


def in_force(duty: Duty, on: date) -> bool:
    return Duty.objects.in_force(on).filter(pk=duty.pk).exists()


def test_director_appoints_by_the_address_of_an_account(world: World) -> None:
    user = UserFactory(email="teacher@school.example")
    duty = appoint(world, " Teacher@school.example ")
    assert (duty.user, duty.organisation, duty.kind) == (user, world.home, DutyKind.CURATOR)


def test_director_sees_the_same_whether_the_address_has_an_account(client: Client, world: World) -> None:
    UserFactory(email="known@school.example")
    sign_in(client, world.home_director)
    pages = []
    for email in ("known@school.example", "nobody@school.example"):
        data = {"email": email, "kind": "curator", "order": "№ 1", "date_from": "2026-09-01"}
        page = client.post(reverse("duty_list"), data, follow=True)
        pages.append([str(message).replace(email, "") for message in page.context["messages"]])
        offer = DutyOffer.objects.get(email=email)
        client.post(reverse("duty_offer_withdraw", args=[offer.pk]), follow=True)
    assert pages[0] == pages[1]
    assert Duty.objects.filter(kind=DutyKind.CURATOR).count() == 0


def test_only_the_owner_of_the_address_takes_the_duty_once(client: Client, world: World) -> None:
    owner = UserFactory(email="known@school.example")
    sign_in(client, world.home_director)
    data = {"email": " Known@school.example ", "kind": "curator", "order": "№ 1", "date_from": "2026-09-01"}
    client.post(reverse("duty_list"), data)
    offer = DutyOffer.objects.get()
    take = reverse("duty_take", args=[offer.pk])
    assert sign_in(client, UserFactory(), Role.NOBODY).post(take).status_code == 404
    sign_in(client, owner, Role.NOBODY)
    assert [task.title for task in tasks_for(acting_as(owner, Role.NOBODY), ON)] == ["Принять полномочие"]
    assert client.post(take).status_code == 302
    assert (Duty.objects.get(user=owner).kind, client.post(take).status_code) == (DutyKind.CURATOR, 404)


@pytest.mark.parametrize("kind", [DutyKind.DIRECTOR, DutyKind.COUNCIL_MEMBER, DutyKind.COUNCIL_SECRETARY])
def test_director_gives_neither_the_own_duty_nor_those_of_the_council(world: World, kind: DutyKind) -> None:
    with pytest.raises(RuleError) as refusal:
        appoint(world, UserFactory().email, kind)
    assert refusal.value.field == "kind"


def test_same_duty_is_not_given_twice_at_a_time(world: World) -> None:
    email = UserFactory().email
    first = appoint(world, email)
    with pytest.raises(RuleError, match="уже есть"):
        appoint(world, email)
    DutyOffer.objects.filter(state=OfferState.OFFERED).delete()
    duty_end(actor=acting_as(world.home_director), duty=first, on=ON + timedelta(days=30), at=AT)
    assert appoint(world, email, date_from=ON + timedelta(days=30)).date_to is None


@pytest.mark.parametrize("began", [ON - timedelta(days=5), ON, ON + timedelta(days=5)])
def test_ended_duty_gives_no_rights_from_that_day_on(world: World, began: date) -> None:
    duty = appoint(world, UserFactory().email, date_from=began)
    ended = duty_end(actor=acting_as(world.home_director), duty=duty, on=ON, at=AT)
    assert [in_force(ended, ON + timedelta(days=n)) for n in (0, 1, 5, 10)] == [False] * 4
    with pytest.raises(StaleError):
        duty_end(actor=acting_as(world.home_director), duty=duty, on=ON + timedelta(days=6), at=AT)


def test_school_has_one_director_at_a_time(world: World) -> None:
    actor = acting_as(UserFactory(is_staff=True), Role.ADMIN)
    arguments = {"actor": actor, "user": UserFactory(), "organisation": world.home, "order": "№ 1", "at": AT}
    with pytest.raises(RuleError, match="уже есть директор"):
        director_appoint(**arguments, date_from=ON)
    duty_end(actor=actor, duty=world.home_director, on=ON, at=AT)
    assert director_of(world.home, ON) is None
    assert director_of(world.home, ON) != director_appoint(**arguments, date_from=ON)


def test_staff_are_those_in_office_once_each(world: World) -> None:
    DutyFactory(organisation=world.home, user=world.home_deputy.user, kind=DutyKind.RESPONSIBLE)
    DutyFactory(organisation=world.home, date_to=ON - timedelta(days=1))
    found = staff_of(world.home, DutyKind.DEPUTY, DutyKind.RESPONSIBLE, on=ON)
    assert found == [world.home_deputy.user]


def test_network_of_two_schools_is_the_common_one(world: World) -> None:
    outsider = MembershipFactory().organisation
    assert network_of(world.home, world.host, on=ON) == world.network
    assert network_of(world.home, outsider, on=ON) is None


# --- pages ------------------------------------------------------------------------------------------------------


def test_duties_are_for_the_own_director_alone(client: Client, world: World) -> None:
    sign_in(client, world.stranger_director)
    shown = [row.duty.organisation for row in client.get(reverse("duty_list")).context["rows"]]
    assert shown == [world.stranger, world.stranger]
    assert client.post(reverse("duty_end", args=[world.home_deputy.pk])).status_code == 404
    sign_in(client, world.home_deputy)
    assert client.get(reverse("duty_list")).status_code == 403
    assert client.post(reverse("duty_end", args=[world.home_deputy.pk])).status_code == 404


def test_director_ends_a_deputy_but_not_himself(client: Client, world: World) -> None:
    sign_in(client, world.home_director)
    assert client.post(reverse("duty_end", args=[world.home_deputy.pk])).status_code == 302
    assert client.post(reverse("duty_end", args=[world.home_director.pk])).status_code == 403
    world.home_deputy.refresh_from_db()
    assert world.home_deputy.date_to is not None


@pytest.mark.parametrize("rows", [1, 3])
def test_duty_list_asks_the_same_number_of_queries(
    client: Client, world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    DutyFactory.create_batch(rows, organisation=world.home)
    sign_in(client, world.home_director)
    with django_assert_num_queries(6):
        response = client.get(reverse("duty_list"))
    assert len(response.context["rows"]) == rows + 2


def test_person_switches_between_own_duties_only(client: Client, world: World) -> None:
    second = DutyFactory(user=world.home_deputy.user, organisation=world.host, kind=DutyKind.NETWORK_TEACHER)
    sign_in(client, world.home_deputy)
    response = client.post(reverse("acting_switch"), {"acting": str(second.pk)})
    assert response.headers["Location"] == reverse("home")
    assert client.session[SESSION_KEY] == str(second.pk)
    for key in (str(world.stranger_director.pk), "admin", ""):
        assert client.post(reverse("acting_switch"), {"acting": key}).status_code == 409
    assert client.session[SESSION_KEY] == str(second.pk)
    assert client.get(reverse("acting_switch")).status_code == 405


def test_front_page_names_the_schools_and_leads_a_signed_in_person_home(client: Client, world: World) -> None:
    response = client.get(reverse("index"))
    assert list(response.context["schools"]) == sorted(
        [world.home, world.host, world.stranger], key=lambda school: school.short_name
    )
    sign_in(client, world.home_deputy)
    assert client.get(reverse("index")).headers["Location"] == reverse("home")
