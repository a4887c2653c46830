"""The public catalogue: what is in it, its filter, and what it does not tell."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from courses.enums import CourseState, GroupState, StudyForm, Weekday
from courses.models import NetworkCourse
from courses.selectors import course_row
from tests.factories.courses import NetworkCourseFactory, ProgrammeFactory, StudyGroupFactory, TimetableSlotFactory
from tests.factories.schools import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def physics() -> NetworkCourse:
    programme = ProgrammeFactory(title="Физика вокруг нас", subject="Физика", grade_from=9, grade_to=9)
    course = NetworkCourseFactory(programme=programme)
    TimetableSlotFactory(group=StudyGroupFactory(course=course), weekday=Weekday.MONDAY)
    return course


@pytest.fixture
def chemistry() -> NetworkCourse:
    programme = ProgrammeFactory(title="Химия на кухне", subject="Химия", grade_from=10, grade_to=11)
    course = NetworkCourseFactory(programme=programme, form=StudyForm.DISTANCE)
    for weekday in (Weekday.TUESDAY, Weekday.FRIDAY):
        TimetableSlotFactory(group=StudyGroupFactory(course=course), weekday=weekday)
    return course


def shown(client: Client, **query: object) -> list[NetworkCourse]:
    return [row.course for row in client.get(reverse("catalogue"), query).context["rows"]]


def test_catalogue_is_open_to_everyone_and_filters(
    client: Client, physics: NetworkCourse, chemistry: NetworkCourse
) -> None:
    assert shown(client) == [physics, chemistry]
    assert shown(client, subject="Химия") == [chemistry]
    assert shown(client, grade=9) == [physics]
    assert shown(client, grade=11) == [chemistry]
    assert shown(client, grade=8) == []
    assert shown(client, form="distance") == [chemistry]
    assert shown(client, host=physics.host.pk) == [physics]
    assert shown(client, day=int(Weekday.FRIDAY)) == [chemistry]
    assert shown(client, day=int(Weekday.MONDAY), subject="Химия") == []


def test_course_with_lessons_on_one_day_in_two_groups_is_shown_once(client: Client, physics: NetworkCourse) -> None:
    TimetableSlotFactory(group=StudyGroupFactory(course=physics), weekday=Weekday.MONDAY)
    assert shown(client, day=int(Weekday.MONDAY)) == [physics]


def test_filter_offers_only_what_is_there(client: Client, physics: NetworkCourse) -> None:
    OrganisationFactory()
    form = client.get(reverse("catalogue")).context["filter"].form
    assert [value for value, _ in form.fields["subject"].choices] == ["", "Физика"]
    assert list(form.fields["host"].queryset) == [physics.host]


@pytest.mark.parametrize(
    "fields", [{"state": CourseState.DRAFT}, {"state": CourseState.CLOSED}, {"date_to": date(2026, 9, 2)}]
)
def test_unpublished_and_finished_courses_are_not_there(client: Client, fields: dict[str, object]) -> None:
    course = NetworkCourseFactory(**fields)
    assert shown(client) == []
    assert client.get(reverse("catalogue_course", args=[course.pk])).status_code == 404


def test_htmx_gets_the_rows_alone(client: Client, physics: NetworkCourse) -> None:
    whole = client.get(reverse("catalogue"))
    rows = client.get(reverse("catalogue"), headers={"HX-Request": "true"})
    back = client.get(reverse("catalogue"), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert [b"<html" in answer.content for answer in (whole, rows, back)] == [True, False, True]
    assert physics.programme.title in rows.content.decode()
    assert "HX-Request" in whole.headers["Vary"]


def test_course_page_tells_seats_and_teacher_but_no_pupils(client: Client, physics: NetworkCourse) -> None:
    group = physics.groups.get()
    group.seats_taken = 4
    group.save()
    StudyGroupFactory(course=physics, seats_taken=2, state=GroupState.CLOSED, name="Старая")
    response = client.get(reverse("catalogue_course", args=[physics.pk]))
    row = response.context["row"]
    assert (row.seats_taken, row.seats_free, row.teachers) == (4, 11, [group.teacher.user.full_name])


def test_card_tells_the_course_in_words_and_escapes_them(client: Client) -> None:
    programme = ProgrammeFactory(title="Физика <b>&", subject="О'Генри", grade_from=9, grade_to=9, hours_total=34)
    course = NetworkCourseFactory(programme=programme, form=StudyForm.DISTANCE, seats=15)
    group = StudyGroupFactory(course=course, seats_taken=4)
    for weekday in (Weekday.FRIDAY, Weekday.TUESDAY):
        TimetableSlotFactory(group=group, weekday=weekday)
    StudyGroupFactory(course=course, seats_taken=2)
    StudyGroupFactory(course=course, seats_taken=1, state=GroupState.CLOSED, name="Старая")
    page = client.get(reverse("catalogue")).content.decode()
    assert "Физика &lt;b&gt;&amp;</a>" in page
    assert "О&#x27;Генри, 9 класс, 34&nbsp;ч." in page
    assert "Свободно мест: <strong>9</strong> из 15" in page
    tuesday, friday = group.slots.order_by("weekday")
    assert f'<span class="text-nowrap">{tuesday}</span>; <span class="text-nowrap">{friday}</span>' in page


UNTIL = "приём заявлений по 31\u00a0августа 2026\u00a0г. включительно"


@pytest.mark.parametrize(
    ("at", "words", "taken"),
    [
        (datetime(2026, 4, 30, 20, 59, tzinfo=UTC), "приём заявлений откроется 1\u00a0мая 2026\u00a0г.", False),
        (datetime(2026, 4, 30, 21, 0, tzinfo=UTC), UNTIL, True),
        (datetime(2026, 8, 31, 20, 59, 59, tzinfo=UTC), UNTIL, True),
        (datetime(2026, 8, 31, 21, 0, tzinfo=UTC), "приём заявлений окончен", False),
    ],
)
def test_window_is_told_in_words(physics: NetworkCourse, at: datetime, words: str, taken: bool) -> None:
    physics.applications_from = datetime(2026, 4, 30, 21, 0, tzinfo=UTC)
    physics.applications_until = datetime(2026, 8, 31, 21, 0, tzinfo=UTC)
    row = course_row(physics, at)
    assert (row.window, row.open) == (words, taken)


@pytest.mark.parametrize("rows", [1, 3])
def test_catalogue_asks_the_same_number_of_queries(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for course in NetworkCourseFactory.create_batch(rows):
        TimetableSlotFactory(group=StudyGroupFactory(course=course))
    with django_assert_num_queries(4):
        response = client.get(reverse("catalogue"))
    assert len(response.context["rows"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_course_page_asks_the_same_number_of_queries(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    course = NetworkCourseFactory(seats=60)
    for group in StudyGroupFactory.create_batch(rows, course=course):
        TimetableSlotFactory(group=group)
    with django_assert_num_queries(3):
        client.get(reverse("catalogue_course", args=[course.pk]))
