"""The child's week: clashes with the way between schools, load, alternatives (6.8, 6.11, Beyond 1)."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.enums import ProgrammeKind, StudyForm
from enrollment import services
from enrollment.selectors.applications import check_choices
from enrollment.selectors.week import Busy, clash_words, week_of
from network_portal.common.errors import RuleError
from schools.models import LoadLimit
from schools.services.week import DayHours, class_week_set, route_set
from tests.enrollment.network import AT, World
from tests.factories.courses import StudyGroupFactory, TimetableSlotFactory
from tests.factories.enrollment import EnrolmentFactory

HOME, HOST = 1, 2


def stretch(starts: time, ends: time, place: int | None, what: str, **fields: object) -> Busy:
    return Busy(1, starts, ends, what, place, **fields)


@pytest.mark.parametrize(
    ("travel", "starts", "clash"),
    [
        (25, time(14, 30), True), (5, time(14, 30), False), (0, time(14, 25), False), (0, time(14, 24), True),
        (25, time(14, 50), False), (25, time(14, 49), True),
    ],
)  # fmt: skip
def test_vectors_of_clashes(travel: int, starts: time, clash: bool) -> None:
    lesson = stretch(time(13, 40), time(14, 25), HOME, "уроками 10 «А» класса")
    course = stretch(starts, time(15, 15), HOST, "занятием «Физика»")
    assert bool(clash_words(lesson, course, {(HOME, HOST): travel})) is clash


def test_words_name_both_lessons_and_the_missing_minutes() -> None:
    lesson = stretch(time(13, 40), time(14, 25), HOME, "уроками 10 «А» класса")
    course = stretch(time(14, 45), time(15, 30), HOST, "занятием «Физика»")
    assert clash_words(course, lesson, {(HOME, HOST): 25}).replace("\xa0", " ") == (
        "Между уроками 10 «А» класса (в понедельник до 14:25) и занятием «Физика» (с 14:45) "
        "нужно 25 минут на дорогу, есть 20: не хватает 5."
    )


def test_courses_that_follow_each_other_in_the_year_do_not_clash() -> None:
    autumn = stretch(time(15), time(16), HOST, "а", first=date(2026, 9, 1), last=date(2026, 12, 31))
    spring = stretch(time(15), time(16), HOST, "б", first=date(2027, 1, 1), last=date(2027, 5, 31))
    assert clash_words(autumn, spring, {}) == ""


def test_at_a_distance_there_is_no_way_to_go() -> None:
    lesson = stretch(time(13, 40), time(14, 25), HOME, "а")
    course = stretch(time(14, 25), time(15, 15), None, "б")
    assert clash_words(lesson, course, {(HOME, HOST): 25}) == ""


# --- in the check -------------------------------------------------------------------------------------------------


def monday(world: World, school_class: object, ends: time, lessons: int = 7) -> None:
    class_week_set(
        actor=world.home.deputy, school_class=school_class, days={1: DayHours(time(8, 30), ends, lessons)}, at=AT
    )


def remarks(application: object) -> list[tuple[str, str]]:
    return [
        (remark.tone, remark.text.replace("\xa0", " "))
        for one in check_choices(application, AT)
        for remark in one.remarks
    ]


@pytest.mark.django_db
def test_clash_of_five_minutes_after_the_way_blocks_and_names_what_fits_instead(world: World) -> None:
    fits = world.course_of_host(programme__title="Химия")
    TimetableSlotFactory(group=StudyGroupFactory(course=fits), starts=time(16), ends=time(16, 45))
    same_time = world.course_of_host(programme__title="Биология")
    TimetableSlotFactory(group=StudyGroupFactory(course=same_time))
    application, parent = world.drafted()
    monday(world, application.student.school_class, time(14, 40))
    route_set(actor=world.home.deputy, other=world.host.organisation, minutes=25, at=AT)
    [(tone, text)] = remarks(application)
    assert tone == "bad"
    assert "нужно 25 минут на дорогу, есть 20: не хватает 5" in text
    assert check_choices(application, AT)[0].instead == [fits]
    with pytest.raises(RuleError, match="не хватает 5"):
        services.application_prepare(actor=parent, application=application, at=AT)
    route_set(actor=world.host.deputy, other=world.home.organisation, minutes=20, at=AT)
    assert remarks(application) == [("good", "Препятствий нет.")]


@pytest.mark.django_db
def test_one_group_that_fits_is_enough(world: World) -> None:
    later = StudyGroupFactory(course=world.course, name="Ф-2")
    TimetableSlotFactory(group=later, starts=time(17), ends=time(17, 45))
    application, _ = world.drafted()
    monday(world, application.student.school_class, time(15, 30))
    assert remarks(application) == [("warn", "По времени подходит только Ф-2: остальные группы не подходят.")]


@pytest.mark.django_db
def test_distance_during_lessons_is_a_remark_for_the_school(world: World) -> None:
    world.course.form = StudyForm.DISTANCE
    world.course.save(update_fields=["form"])
    application, parent = world.drafted()
    monday(world, application.student.school_class, time(15, 30))
    [(tone, text)] = remarks(application)
    assert (tone, "освобождает школа" in text) == ("warn", True)
    services.application_prepare(actor=parent, application=application, at=AT)


@pytest.mark.django_db
def test_place_in_another_group_blocks_and_a_wish_only_warns(world: World) -> None:
    student, _ = child = world.child()
    chemistry = world.course_of_host(programme__title="Химия")
    group = StudyGroupFactory(course=chemistry)
    TimetableSlotFactory(group=group, starts=time(15, 30), ends=time(16, 15))
    biology = world.course_of_host(programme__title="Биология")
    TimetableSlotFactory(group=StudyGroupFactory(course=biology), starts=time(15, 30), ends=time(16, 15))
    world.submitted(biology, child=child)
    application, _ = world.drafted(child=child)
    assert [tone for tone, _ in remarks(application)] == ["warn"]
    EnrolmentFactory(group=group, student=student)
    assert sorted(tone for tone, _ in remarks(application)) == ["bad"]
    assert "«Химия»" in remarks(application)[0][1]


@pytest.mark.django_db
def test_load_over_the_limit_is_named_and_the_network_may_set_another(world: World) -> None:
    world.course.programme.kind = ProgrammeKind.LESSON
    world.course.programme.save(update_fields=["kind"])
    application, _ = world.drafted()
    days = {number: DayHours(time(8, 30), time(14), 7) for number in range(1, 6)}
    class_week_set(actor=world.home.deputy, school_class=application.student.school_class, days=days, at=AT)
    [(tone, text)] = remarks(application)
    assert tone == "warn"
    assert "будет 36 ч. уроков в неделю, предел для 10 класса при пятидневной неделе: 34 ч." in text
    LoadLimit.objects.create(network=world.network, grade=10, five_days=36, six_days=37)
    assert remarks(application) == [("good", "Препятствий нет.")]


@pytest.mark.django_db
def test_week_is_loaded_in_as_many_queries_for_three_places_as_for_one(
    world: World,
) -> None:
    student, _ = world.child()

    def place(title: str) -> None:
        course = world.course_of_host(programme__title=title)
        EnrolmentFactory(group=StudyGroupFactory(course=course), student=student)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            week_of(student)
        return len(asked)

    place("Химия")
    one = queries()
    for title in ("Биология", "История"):
        place(title)
    assert queries() == one
