"""«Что ждёт меня»: tasks by duty, soonest first, and what changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from network_portal import home
from network_portal.notices.models import Notice
from network_portal.notices.selectors import Task
from schools.acting import Acting
from schools.enums import DutyKind, Role
from tests.factories.accounts import UserFactory
from tests.factories.schools import DutyFactory, acting_as, sign_in
from tests.frame.reading import english_words

pytestmark = pytest.mark.django_db


def example_tasks(acting: Acting, today: date) -> list[Task]:
    if not acting.is_(Role.DEPUTY, Role.NETWORK_TEACHER):
        return []
    return [
        Task("Ответить", "заявка СОШ № 1", "/a/", "Ответить"),
        Task("Принять", f"Иванова Анна, {acting.role.label}", "/b/", "Рассмотреть", today + timedelta(3)),
        Task("Подписать", "договор", "/c/", "Подписать", today - timedelta(2)),
    ]


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "TASK_SOURCES", (example_tasks,))


def test_a_person_without_rights_has_no_tasks() -> None:
    person = acting_as(UserFactory(), Role.NOBODY)
    assert home.tasks_for(person, date(2026, 11, 2)) == []


@pytest.mark.usefixtures("tasks")
def test_tasks_come_soonest_first_and_undated_last() -> None:
    found = home.tasks_for(acting_as(DutyFactory(kind=DutyKind.DEPUTY)), date(2026, 11, 2))
    assert [task.title for task in found] == ["Подписать", "Принять", "Ответить"]


@pytest.mark.usefixtures("tasks")
def test_home_says_in_words_how_long_is_left(client: Client) -> None:
    page = sign_in(client, DutyFactory(kind=DutyKind.DEPUTY)).get(reverse("home"))
    assert page.status_code == 200
    assert "просрочено на\N{NO-BREAK SPACE}2 дня" in page.text
    assert "ещё 3\N{NO-BREAK SPACE}дня" in page.text
    assert english_words(page.text) == []


@pytest.mark.usefixtures("tasks")
def test_home_groups_tasks_by_duty_the_one_acted_in_first(client: Client) -> None:
    teacher = DutyFactory(kind=DutyKind.NETWORK_TEACHER)
    deputy = DutyFactory(user=teacher.user, kind=DutyKind.DEPUTY)
    page = sign_in(client, teacher).get(reverse("home"))
    duties = [(duty.acting.duty, duty.current, len(duty.tasks)) for duty in page.context["duties"]]
    assert duties == [(teacher, True, 3), (deputy, False, 3)]
    assert page.text.count('href="/b/"') == 1  # only the duty acted in has buttons
    assert page.text.count("Действовать от этого имени") == 1


def test_home_without_tasks_says_so(client: Client) -> None:
    page = sign_in(client, DutyFactory(kind=DutyKind.CURATOR)).get(reverse("home"))
    assert "Сейчас от вас ничего не ждут" in page.text


def test_home_of_a_person_without_rights_says_what_to_do(client: Client) -> None:
    page = sign_in(client, UserFactory(), Role.NOBODY).get(reverse("home"))
    assert page.status_code == 200
    assert "Вы родитель или законный представитель" in page.text
    assert "Вы сотрудник школы" in page.text
    assert english_words(page.text) == []


def test_home_shows_own_notices_of_the_last_week_only(client: Client) -> None:
    user, now = UserFactory(), timezone.now()
    Notice.objects.create(user=user, text="Заявление принято", url="/", at=now - timedelta(days=1))
    Notice.objects.create(user=user, text="Давнее", url="/", at=now - timedelta(days=8))
    Notice.objects.create(user=UserFactory(), text="Чужое", url="/", at=now)
    page = sign_in(client, user, Role.NOBODY).get(reverse("home"))
    assert [notice.text for notice in page.context["changes"]] == ["Заявление принято"]


def test_home_needs_sign_in(client: Client) -> None:
    response = client.get(reverse("home"))
    assert (response.status_code, response["Location"]) == (302, f"{reverse('account_login')}?next={reverse('home')}")


@pytest.mark.parametrize("name", ["home", "notice_list"])
def test_queries_do_not_grow_with_the_notices(client: Client, name: str) -> None:
    user = UserFactory()
    sign_in(client, user, Role.NOBODY)
    counts = []
    for _ in range(3):
        Notice.objects.create(user=user, text="Заявление принято", url="/", at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(name))
        counts.append(len(queries))
    assert counts == [counts[0]] * 3
