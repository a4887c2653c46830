"""A parent's claim to a child, its check by the home school, and who sees what before and after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.selectors import notices_of
from schools.access import students_for
from schools.acting import acting_choices
from schools.enums import DutyKind, Kinship, LinkState, Role
from schools.models import GuardianLink
from schools.selectors import candidates_for, tasks_for
from schools.services import link_end, link_refuse, link_request, link_verify
from tests.factories.accounts import UserFactory
from tests.factories.schools import (
    DutyFactory,
    GuardianClaimFactory,
    GuardianLinkFactory,
    StudentFactory,
    acting_as,
    sign_in,
)
from tests.schools.conftest import World

AT = datetime(2026, 8, 25, 9, 0, tzinfo=UTC)
BORN = date(2010, 5, 17)


def child(world: World, **fields: object) -> object:
    values = {"last_name": "Петров", "first_name": "Иван", "patronymic": "Алексеевич", "birth_date": BORN}
    return StudentFactory(home_school=world.home, **{**values, **fields})


def claim_data(world: World) -> dict[str, object]:
    return {
        "organisation": world.home.pk,
        "kinship": Kinship.MOTHER.value,
        "child_name": "Петров  Иван Алексеевич",
        "child_birth_date": BORN.isoformat(),
        "child_class": "10 А",
    }


def test_parent_sees_the_child_only_after_verification(client: Client, world: World) -> None:
    student, parent = child(world), UserFactory()
    sign_in(client, parent, Role.NOBODY)
    assert client.post(reverse("guardian_claim_create"), claim_data(world)).headers["Location"] == reverse("child_list")
    link = GuardianLink.objects.get()
    assert (link.state, link.child_name, link.student) == (LinkState.REQUESTED, "Петров Иван Алексеевич", None)
    assert list(students_for(acting_as(parent))) == []
    assert client.get(reverse("child_list")).context["children"] == []

    sign_in(client, world.home_deputy)
    verify = reverse("guardian_claim_verify", args=[link.pk])
    assert client.post(verify, {"student": student.pk, "basis_document": "Свидетельство"}).status_code == 302
    link.refresh_from_db()
    assert (link.state, link.student, link.decided_by) == (LinkState.VERIFIED, student, world.home_deputy.user)
    assert list(students_for(acting_as(parent))) == [student]
    sign_in(client, parent)
    assert client.get(reverse("child_list")).context["children"] == [link]
    text = "Школа подтвердила, что вы законный представитель: Петров Иван Алексеевич"
    assert list(notices_of(parent).values_list("text", flat=True)) == [text]


def test_claim_answers_the_same_whether_the_pupil_exists(client: Client, world: World) -> None:
    answers = []
    for make in (lambda: None, lambda: child(world)):
        make()
        sign_in(client, UserFactory(), Role.NOBODY)
        answer = client.post(reverse("guardian_claim_create"), claim_data(world), follow=True)
        answers.append((answer.status_code, [str(message) for message in answer.context["messages"]]))
    assert answers[0] == answers[1]


def test_second_claim_of_the_same_child_is_told_kindly(client: Client, world: World) -> None:
    sign_in(client, UserFactory(), Role.NOBODY)
    client.post(reverse("guardian_claim_create"), claim_data(world))
    response = client.post(reverse("guardian_claim_create"), claim_data(world))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "Такой запрос вы уже отправили, школа его проверяет. Повторять не нужно: ответ придёт в уведомлениях."
    ]
    assert GuardianLink.objects.count() == 1


def test_claim_of_a_refused_child_may_be_made_again(world: World) -> None:
    parent = acting_as(UserFactory(), Role.NOBODY)
    facts = {"child_name": "Петров Иван", "child_birth_date": BORN, "child_class": "10 А", "kinship": Kinship.MOTHER}
    link = link_request(actor=parent, organisation=world.home, **facts, at=AT)
    link_refuse(actor=acting_as(world.home_deputy), link=link, reason="Нет документа", at=AT)
    again = link_request(actor=parent, organisation=world.home, **facts, at=AT)
    assert again.state == LinkState.REQUESTED


def test_claim_needs_surname_and_name(client: Client, world: World) -> None:
    sign_in(client, UserFactory(), Role.NOBODY)
    response = client.post(reverse("guardian_claim_create"), {**claim_data(world), "child_name": "Петров"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["child_name"])


def test_refused_parent_reads_the_reason(client: Client, world: World) -> None:
    link = GuardianClaimFactory(organisation=world.home)
    sign_in(client, world.home_deputy)
    client.post(reverse("guardian_claim_refuse", args=[link.pk]), {"reason": "Покажите свидетельство о рождении"})
    sign_in(client, link.user, Role.NOBODY)
    assert "Покажите свидетельство о рождении" in client.get(reverse("child_list")).content.decode()


def test_ended_link_shows_nothing_any_more(world: World) -> None:
    link = GuardianLinkFactory(student=child(world))
    assert Role.PARENT in [acting.role for acting in acting_choices(link.user, AT.date())]
    link_end(actor=acting_as(world.home_deputy), link=link, document="Решение суда № 5", reason="Решение суда", at=AT)
    assert list(students_for(acting_as(link.user))) == []
    assert [acting.role for acting in acting_choices(link.user, AT.date())] == [Role.NOBODY]


def test_decided_claim_is_stale_for_the_second_deputy(world: World) -> None:
    link = GuardianClaimFactory(organisation=world.home)
    link_refuse(actor=acting_as(world.home_deputy), link=link, reason="Нет документа", at=AT)
    with pytest.raises(StaleError):
        link_verify(
            actor=acting_as(world.home_director), link=link, student=child(world), basis_document="Паспорт", at=AT
        )


def test_pupil_of_another_school_cannot_be_picked(client: Client, world: World) -> None:
    foreign = StudentFactory(home_school=world.stranger, last_name="Петров", birth_date=BORN)
    link = GuardianClaimFactory(organisation=world.home)
    with pytest.raises(RuleError) as refusal:
        link_verify(actor=acting_as(world.home_deputy), link=link, student=foreign, basis_document="Паспорт", at=AT)
    assert refusal.value.field == "student"
    sign_in(client, world.home_deputy)
    url = reverse("guardian_claim_verify", args=[link.pk])
    assert client.post(url, {"student": foreign.pk, "basis_document": "Паспорт"}).status_code == 422


def test_verified_pair_is_not_verified_twice(world: World) -> None:
    link = GuardianLinkFactory(student=child(world))
    again = GuardianClaimFactory(organisation=world.home, user=link.user)
    with pytest.raises(RuleError, match="уже подтверждена"):
        link_verify(
            actor=acting_as(world.home_deputy), link=again, student=link.student, basis_document="Паспорт", at=AT
        )


def test_candidates_are_own_pupils_with_like_surname_or_same_birthday_best_first(world: World) -> None:
    brother = child(world, first_name="Олег", birth_date=date(2012, 1, 1))
    sister = child(world, last_name="Петрова", first_name="Анна", birth_date=date(2013, 1, 1))
    exact = child(world)
    same_day = child(world, last_name="Яковлев")
    child(world, last_name="Сидоров", birth_date=date(2011, 1, 1))
    StudentFactory(home_school=world.stranger, last_name="Петров", birth_date=BORN)
    link = GuardianClaimFactory(organisation=world.home, child_name="Петров Иван Алексеевич", child_birth_date=BORN)
    found = candidates_for(acting_as(world.home_deputy), link)
    assert [(c.student, c.same_name, c.same_birth_date) for c in found] == [
        (exact, True, True),
        (same_day, False, True),
        (brother, False, False),
        (sister, False, False),
    ]


def test_claim_is_a_task_of_the_office_it_is_addressed_to(world: World) -> None:
    link = GuardianClaimFactory(organisation=world.home)
    titles = {
        duty.pk: [task.url for task in tasks_for(acting_as(duty), AT.date())]
        for duty in (world.home_deputy, world.stranger_deputy, world.host_deputy)
    }
    assert titles == {
        world.home_deputy.pk: [reverse("guardian_claim", args=[link.pk])],
        world.stranger_deputy.pk: [],
        world.host_deputy.pk: [],
    }


def test_stranger_finds_no_claim_of_another_school(client: Client, world: World) -> None:
    waiting = GuardianClaimFactory(organisation=world.home)
    verified = GuardianLinkFactory(student=child(world))
    sign_in(client, world.stranger_deputy)
    for tab in ("", "?tab=decided"):
        assert list(client.get(reverse("guardian_claim_list") + tab).context["page"]) == []
    assert client.get(reverse("guardian_claim", args=[waiting.pk])).status_code == 404
    data = {"reason": "проба", "student": verified.student_id, "basis_document": "проба"}
    answers = [
        client.post(reverse(name, args=[link.pk]), data).status_code
        for name, link in (
            ("guardian_claim_verify", waiting),
            ("guardian_claim_refuse", waiting),
            ("guardian_link_end", verified),
        )
    ]
    assert answers == [404, 404, 404]


@pytest.mark.parametrize("kind", [DutyKind.COORDINATOR, DutyKind.NETWORK_TEACHER, DutyKind.COUNCIL_SECRETARY])
def test_claims_are_for_the_office_alone(client: Client, world: World, kind: DutyKind) -> None:
    link = GuardianClaimFactory(organisation=world.home)
    sign_in(client, DutyFactory(organisation=world.home, kind=kind))
    assert client.get(reverse("guardian_claim_list")).status_code == 403
    assert client.get(reverse("guardian_claim", args=[link.pk])).status_code == 403


def test_children_are_not_shown_in_the_context_of_a_duty(client: Client, world: World) -> None:
    GuardianLinkFactory(user=world.home_deputy.user, student=child(world))
    sign_in(client, world.home_deputy)
    assert client.get(reverse("child_list")).status_code == 403


def test_duty_that_expired_yesterday_gives_nothing_today(client: Client, world: World) -> None:
    link = GuardianClaimFactory(organisation=world.home)
    sign_in(client, world.home_deputy)
    url = reverse("guardian_claim", args=[link.pk])
    assert client.get(url).status_code == 200
    world.home_deputy.date_to = datetime.now(UTC).date() - timedelta(days=1)
    world.home_deputy.save()
    assert client.get(url).status_code == 403
    assert client.get(reverse("home")).wsgi_request.acting.role == Role.NOBODY


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("tab", ["", "?tab=decided"])
def test_claim_list_asks_the_same_number_of_queries(
    client: Client, world: World, rows: int, tab: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    GuardianClaimFactory.create_batch(rows, organisation=world.home)
    for _ in range(rows):
        GuardianLinkFactory(student=child(world))
    sign_in(client, world.home_deputy)
    with django_assert_num_queries(8):
        response = client.get(reverse("guardian_claim_list") + tab)
    assert len(response.context["page"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_child_list_asks_the_same_number_of_queries(
    client: Client, world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    parent = UserFactory()
    for _ in range(rows):
        GuardianLinkFactory(user=parent, student=child(world))
    sign_in(client, parent)
    with django_assert_num_queries(6):
        response = client.get(reverse("child_list"))
    assert len(response.context["children"]) == rows
