"""Courses, groups and timetables of the host: rules, isolation, pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from courses.enums import CourseState, GroupState, ProgrammeKind, StudyForm, Weekday
from courses.models import NetworkCourse, Programme, StudyGroup, TimetableSlot
from courses.selectors import tasks_for
from courses.services import (
    CourseTerms,
    course_close,
    course_create,
    course_edit,
    course_publish,
    group_create,
    group_edit,
    slot_add,
    slot_remove,
)
from network_portal.common.errors import RuleError, StaleError
from schools.enums import DutyKind
from tests.courses.conftest import World
from tests.factories.courses import (
    NetworkCourseFactory,
    ProgrammeFactory,
    StudyGroupFactory,
    TimetableSlotFactory,
)
from tests.factories.schools import DutyFactory, acting_as, sign_in

AT = datetime(2026, 8, 1, 9, 0, tzinfo=UTC)
TERMS = CourseTerms(
    title="Физика вокруг нас",
    subject="Физика",
    kind=ProgrammeKind.EXTRACURRICULAR,
    grade_from=9,
    grade_to=11,
    hours_total=34,
    hours_week=1,
    summary="Опыты и задачи.",
    year=2026,
    form=StudyForm.ONSITE,
    date_from=date(2026, 9, 7),
    date_to=date(2027, 5, 24),
    seats=20,
    min_size=5,
    applications_from=datetime(2026, 5, 1, tzinfo=UTC),
    applications_until=datetime(2026, 9, 1, tzinfo=UTC),
)


def drafted(world: World, **terms: object) -> NetworkCourse:
    return course_create(actor=acting_as(world.deputy), network=world.network, terms=replace(TERMS, **terms), at=AT)


def course_of(world: World, **fields: object) -> NetworkCourse:
    return NetworkCourseFactory(programme=ProgrammeFactory(host=world.host), network=world.network, **fields)


def group_of(world: World, **fields: object) -> StudyGroup:
    return StudyGroupFactory(**{"course": course_of(world), "teacher": world.teacher, **fields})


def add(world: World, group: StudyGroup, starts: time = time(15), ends: time = time(16), room: str = "1") -> object:
    return slot_add(
        actor=acting_as(world.deputy),
        group=group,
        weekday=Weekday.MONDAY,
        starts=starts,
        ends=ends,
        room=room,
        at=AT,
    )


def edit_group(world: World, group: StudyGroup, **fields: object) -> StudyGroup:
    values = {"name": group.name, "capacity": group.capacity, "teacher": group.teacher, **fields}
    return group_edit(actor=acting_as(world.deputy), group=group, **values, at=AT)


# --- courses ----------------------------------------------------------------------------------------------------


def test_course_goes_from_draft_to_catalogue_and_back(world: World) -> None:
    course, actor = drafted(world), acting_as(world.deputy)
    assert (course.state, course.host, course.programme.title) == (CourseState.DRAFT, world.host, TERMS.title)
    assert course_publish(actor=actor, course=course, at=AT).state == CourseState.PUBLISHED
    assert course_close(actor=actor, course=course, at=AT).state == CourseState.CLOSED
    with pytest.raises(StaleError):
        course_edit(actor=actor, course=course, terms=TERMS, at=AT)
    assert course_publish(actor=actor, course=course, at=AT).state == CourseState.PUBLISHED
    with pytest.raises(StaleError):
        course_publish(actor=actor, course=course, at=AT)


def test_course_is_not_published_after_its_window(world: World) -> None:
    course = drafted(world, applications_until=AT)
    with pytest.raises(RuleError, match="уже прошёл"):
        course_publish(actor=acting_as(world.deputy), course=course, at=AT)


def test_programme_is_taken_up_again_next_year(world: World) -> None:
    first = drafted(world)
    second = drafted(world, year=2027, date_from=date(2027, 9, 6), date_to=date(2028, 5, 24), summary="Новое")
    assert second.programme == first.programme
    assert Programme.objects.get().summary == "Новое"
    with pytest.raises(RuleError) as refusal:
        drafted(world, hours_total=68)
    assert refusal.value.field == "title"
    with pytest.raises(RuleError, match="в этом учебном году уже есть"):
        drafted(world)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"date_from": date(2026, 6, 1)}, "date_from"),
        ({"date_to": date(2027, 9, 1)}, "date_to"),
        ({"date_to": date(2026, 9, 1)}, None),
        ({"grade_from": 11, "grade_to": 9}, None),
        ({"seats": 4}, None),
        ({"applications_until": datetime(2026, 4, 1, tzinfo=UTC)}, None),
    ],
)
def test_terms_that_contradict_each_other_are_refused(
    world: World, terms: dict[str, object], field: str | None
) -> None:
    with pytest.raises(RuleError) as refusal:
        drafted(world, **terms)
    assert refusal.value.field == field


def test_published_course_keeps_what_families_applied_for(world: World) -> None:
    course, actor = drafted(world), acting_as(world.deputy)
    course_publish(actor=actor, course=course, at=AT)
    with pytest.raises(RuleError) as refusal:
        course_edit(actor=actor, course=course, terms=replace(TERMS, grade_to=10), at=AT)
    assert refusal.value.field == "grade_to"
    assert course_edit(actor=actor, course=course, terms=replace(TERMS, seats=25), at=AT).seats == 25


def test_course_has_no_fewer_seats_than_its_groups(world: World) -> None:
    course, actor = drafted(world), acting_as(world.deputy)
    group_create(actor=actor, course=course, name="Ф-1", capacity=15, teacher=None, at=AT)
    with pytest.raises(RuleError, match="В группах курса 15 мест, а на курсе 10"):
        course_edit(actor=actor, course=course, terms=replace(TERMS, seats=10), at=AT)
    with pytest.raises(RuleError, match="В группах курса 30 мест, а на курсе 20"):
        group_create(actor=actor, course=course, name="Ф-2", capacity=15, teacher=None, at=AT)


# --- groups and slots -------------------------------------------------------------------------------------------


def test_teacher_of_another_school_is_refused(world: World) -> None:
    foreign = DutyFactory(organisation=world.stranger, kind=DutyKind.NETWORK_TEACHER)
    with pytest.raises(RuleError) as refusal:
        edit_group(world, group_of(world), teacher=foreign)
    assert refusal.value.field == "teacher"


def test_group_name_is_unique_within_the_course(world: World) -> None:
    group = group_of(world)
    course = group.course
    course.seats = 40
    course.save()
    with pytest.raises(RuleError, match="уже есть"):
        group_create(actor=acting_as(world.deputy), course=course, name=group.name, capacity=5, teacher=None, at=AT)


def test_group_keeps_the_seats_that_are_taken(world: World) -> None:
    group = group_of(world, seats_taken=7)
    with pytest.raises(RuleError) as refusal:
        edit_group(world, group, capacity=6)
    assert refusal.value.field == "capacity"
    assert edit_group(world, group, capacity=7).capacity == 7


def test_open_group_keeps_a_teacher(world: World) -> None:
    with pytest.raises(RuleError) as refusal:
        edit_group(world, group_of(world, open=True), teacher=None)
    assert refusal.value.field == "teacher"


def test_closed_group_is_stale(world: World) -> None:
    group = group_of(world, state=GroupState.CLOSED)
    with pytest.raises(StaleError):
        edit_group(world, group, name="Другая")
    with pytest.raises(StaleError):
        add(world, group)


@pytest.mark.parametrize(
    ("starts", "ends", "clash"),
    [
        (time(14), time(15), False),
        (time(16), time(17), False),
        (time(14, 30), time(15, 1), True),
        (time(15, 15), time(15, 30), True),
        (time(14), time(17), True),
    ],
)
def test_teacher_is_not_booked_twice_at_one_time(world: World, starts: time, ends: time, clash: bool) -> None:
    first = group_of(world, name="Ф-1")
    add(world, first)
    second = group_of(world, name="Ф-2")
    if not clash:
        assert add(world, second, starts, ends, room="2").pk is not None
        return
    with pytest.raises(RuleError, match="ведёт занятие в группе «Ф-1»"):
        add(world, second, starts, ends, room="2")


def test_teacher_booked_in_another_school_is_refused_without_its_group(world: World) -> None:
    duty = DutyFactory(user=world.teacher.user, organisation=world.stranger, kind=DutyKind.NETWORK_TEACHER)
    course = NetworkCourseFactory(programme=ProgrammeFactory(host=world.stranger))
    TimetableSlotFactory(group=StudyGroupFactory(course=course, teacher=duty, name="ZZ-СЕКРЕТ"))
    with pytest.raises(RuleError) as refusal:
        add(world, group_of(world))
    assert "ведёт занятие в другой школе" in refusal.value.message
    assert "ZZ-СЕКРЕТ" not in refusal.value.message


def test_teacher_with_lessons_at_that_time_is_not_given_the_group(world: World) -> None:
    add(world, group_of(world, name="Ф-1"))
    free = group_of(world, teacher=None)
    add(world, free, room="2")
    with pytest.raises(RuleError, match="ведёт занятие в группе «Ф-1»"):
        edit_group(world, free, teacher=world.teacher)


def test_room_is_not_taken_twice_in_one_school(world: World) -> None:
    add(world, group_of(world, name="Ф-1", teacher=None), room="каб. 12")
    with pytest.raises(RuleError, match="там занимается группа «Ф-1»") as refusal:
        add(world, group_of(world, teacher=None), room="КАБ. 12")
    assert refusal.value.field == "room"
    other = StudyGroupFactory(course__programme__host=world.stranger)
    assert TimetableSlotFactory(group=other, room="каб. 12").pk is not None


def test_groups_of_different_years_do_not_clash(world: World) -> None:
    old = course_of(world, date_from=date(2025, 9, 1), date_to=date(2026, 5, 31), year=2025)
    TimetableSlotFactory(group=StudyGroupFactory(course=old, teacher=world.teacher), room="1")
    assert add(world, group_of(world)).pk is not None


def test_slot_that_ends_before_it_begins_is_refused(world: World) -> None:
    with pytest.raises(RuleError, match="позже, чем начинается"):
        add(world, group_of(world), time(16), time(15))


def test_group_has_one_lesson_at_a_time(world: World) -> None:
    group = group_of(world, teacher=None)
    add(world, group)
    with pytest.raises(RuleError, match="у группы уже есть занятие"):
        add(world, group, time(15, 30), time(16, 30), room="2")


def test_slot_is_removed_while_the_group_forms(world: World) -> None:
    group = group_of(world)
    slot = add(world, group)
    slot_remove(actor=acting_as(world.deputy), slot=slot, at=AT)
    assert TimetableSlot.objects.count() == 0
    with pytest.raises(StaleError):
        slot_remove(actor=acting_as(world.deputy), slot=slot, at=AT)
    standing = TimetableSlotFactory(group=group_of(world, open=True))
    with pytest.raises(RuleError, match="уже стоят в журнале"):
        slot_remove(actor=acting_as(world.deputy), slot=standing, at=AT)


def test_group_that_begins_soon_is_a_task_until_it_is_ready(world: World) -> None:
    group = group_of(world, teacher=None)
    today = date(2026, 8, 20)

    def titles(duty: object) -> list[str]:
        return [task.title for task in tasks_for(acting_as(duty), today)]

    assert titles(world.deputy) == ["Назначить сетевого учителя", "Составить расписание группы"]
    assert titles(world.stranger_deputy) == titles(world.director) == titles(world.teacher) == []
    add(world, group)
    assert titles(world.deputy) == ["Назначить сетевого учителя"]
    edit_group(world, group, teacher=world.teacher)
    assert titles(world.deputy) == []


# --- pages ------------------------------------------------------------------------------------------------------


def test_course_group_and_slot_are_made_through_the_pages(client: Client, world: World) -> None:
    sign_in(client, world.deputy)
    data = {
        **TERMS.__dict__,
        "network": world.network.pk,
        "applications_from": "2026-05-01T00:00",
        "applications_until": "2099-09-01T00:00",
    }
    answer = client.post(reverse("course_create"), data)
    course = NetworkCourse.objects.get()
    page = reverse("course", args=[course.pk])
    assert answer.headers["Location"] == page
    assert client.post(reverse("course_publish", args=[course.pk])).headers["Location"] == page
    client.post(reverse("group_create", args=[course.pk]), {"name": "Ф-1", "capacity": 15, "teacher": world.teacher.pk})
    group = StudyGroup.objects.get()
    timetable = reverse("group_timetable", args=[group.pk])
    slot = {"weekday": 1, "starts": "15:00", "ends": "15:45", "room": "каб. 12"}
    assert client.post(timetable, slot).headers["Location"] == timetable
    assert client.post(timetable, slot).status_code == 422
    assert str(group.slots.get()) == "понедельник, 15:00–15:45"
    edit = reverse("group_edit", args=[group.pk])
    assert client.post(edit, {"name": "Ф-1", "capacity": 12, "teacher": world.teacher.pk}).status_code == 302
    change = {**data, "seats": 12}
    assert client.post(reverse("course_edit", args=[course.pk]), change).headers["Location"] == page
    assert [row.course for row in client.get(reverse("catalogue")).context["rows"]] == [course]
    assert client.post(reverse("slot_remove", args=[group.pk, group.slots.get().pk])).status_code == 302
    assert client.post(reverse("course_close", args=[course.pk])).status_code == 302


def test_refused_course_keeps_what_was_typed(client: Client, world: World) -> None:
    sign_in(client, world.deputy)
    response = client.post(reverse("course_create"), {"title": "Физика вокруг нас", "seats": "много"})
    assert response.status_code == 422
    assert response.context["form"]["title"].value() == "Физика вокруг нас"


def test_stranger_finds_no_course_and_no_group_of_others(client: Client, world: World) -> None:
    group = group_of(world)
    slot = TimetableSlotFactory(group=group)
    sign_in(client, world.stranger_deputy)
    assert client.get(reverse("course_list")).context["rows"] == []
    gets = [
        reverse("course", args=[group.course_id]),
        reverse("course_edit", args=[group.course_id]),
        reverse("group_create", args=[group.course_id]),
        reverse("group_edit", args=[group.pk]),
        reverse("group_timetable", args=[group.pk]),
    ]
    posts = [
        reverse("course_publish", args=[group.course_id]),
        reverse("course_close", args=[group.course_id]),
        reverse("slot_remove", args=[group.pk, slot.pk]),
    ]
    assert [client.get(url).status_code for url in gets] == [404] * 5
    assert [client.post(url).status_code for url in posts] == [404] * 3


def test_slot_of_another_group_is_not_reached_through_the_own_one(client: Client, world: World) -> None:
    foreign = TimetableSlotFactory(group=StudyGroupFactory(course__programme__host=world.stranger))
    sign_in(client, world.deputy)
    assert client.post(reverse("slot_remove", args=[group_of(world).pk, foreign.pk])).status_code == 404
    assert TimetableSlot.objects.count() == 1


def test_director_reads_and_does_not_change(client: Client, world: World) -> None:
    course = course_of(world)
    sign_in(client, world.director)
    assert client.get(reverse("course", args=[course.pk])).status_code == 200
    assert client.get(reverse("course_edit", args=[course.pk])).status_code == 403
    assert client.post(reverse("course_close", args=[course.pk])).status_code == 403
    assert client.get(reverse("course_create")).status_code == 403


def test_teacher_does_not_change_the_own_group(client: Client, world: World) -> None:
    group = group_of(world)
    sign_in(client, world.teacher)
    assert client.get(reverse("group_edit", args=[group.pk])).status_code == 403
    assert client.get(reverse("course_list")).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_course_list_asks_the_same_number_of_queries(
    client: Client, world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        TimetableSlotFactory(group=StudyGroupFactory(course=course_of(world)))
    sign_in(client, world.deputy)
    with django_assert_num_queries(8):
        response = client.get(reverse("course_list"))
    assert len(response.context["rows"]) == rows
