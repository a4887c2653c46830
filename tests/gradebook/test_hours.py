"""Plan and fact of hours for each pupil, the forecast, days to make up, topics of the plan (3.8, 6.10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.models import ThematicRow
from courses.thematic import plan_of
from gradebook.enums import AttendanceCode, LessonState
from gradebook.models import Lesson, RemoteLesson
from gradebook.selectors.hours import academic_hours, group_hours, next_topic
from schools.enums import DutyKind
from schools.models import ClassDay
from tests.factories.courses import AcademicYearFactory, HolidayFactory, TimetableSlotFactory
from tests.factories.gradebook import AttendanceFactory, LessonFactory, Scene, scene
from tests.factories.schools import DutyFactory, OrganisationFactory, acting_as, sign_in

pytestmark = pytest.mark.django_db
#: Noon in Moscow on Wednesday, 4 November 2026.
AT = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends", "hours"), [((15, 20), 1), ((15, 45), 1), ((16, 7), 1), ((16, 8), 2), ((16, 30), 2), ((17, 15), 3)]
)
def test_academic_hours_are_counted_by_45_minutes(ends: tuple[int, int], hours: int) -> None:
    assert academic_hours(time(15, 0), time(*ends)) == hours


def course_of(place: Scene, hours: int) -> None:
    """Three lessons held, two ahead, one of them when school No. 7 rests; `hours` by the programme."""
    programme = place.group.course.programme
    programme.hours_total = hours
    programme.save(update_fields=["hours_total"])
    HolidayFactory(
        academic_year=AcademicYearFactory(organisation=place.home),
        date_from=date(2026, 11, 9),
        date_to=date(2026, 11, 15),
    )
    AcademicYearFactory(organisation=place.other)
    LessonFactory(group=place.group, date=date(2026, 11, 10))
    LessonFactory(group=place.group, date=date(2026, 11, 17), ends=time(16, 30))
    LessonFactory(group=place.group, date=date(2026, 11, 18), state=LessonState.CANCELLED, cancel_reason="карантин")


def test_hours_are_counted_for_each_pupil_with_holidays_absences_and_late_joining() -> None:
    place = scene(own=2, others=1, lessons=3)
    course_of(place, 7)
    type(place.own[1]).objects.filter(pk=place.own[1].pk).update(date_from=date(2026, 11, 3))
    AttendanceFactory(lesson=place.lessons[1], enrolment=place.own[0])
    AttendanceFactory(lesson=place.lessons[2], enrolment=place.own[0], code=AttendanceCode.LATE)
    hours = group_hours(place.teacher, place.group, at=AT)
    assert (hours.plan, hours.held, hours.ahead, hours.cancelled, hours.missing, hours.most_missing) == (
        7,
        3,
        3,
        1,
        1,
        2,
    )
    rows = [
        (one.before, one.offered, one.missed, one.attended, one.ahead, one.resting, one.missing) for one in hours.pupils
    ]
    by_school = sorted(zip((one.enrolment.home.short_name for one in hours.pupils), rows, strict=True))
    assert by_school == [
        ("МАОУ СОШ № 7", (0, 3, 1, 2, 2, 1, 2)),
        ("МАОУ СОШ № 7", (1, 2, 0, 2, 2, 1, 2)),
        ("МАОУ лицей № 12", (0, 3, 0, 3, 3, 0, 1)),
    ]
    RemoteLesson.objects.create(lesson=Lesson.objects.get(date=date(2026, 11, 10)), home=place.home)
    assert [one.missing for one in group_hours(place.teacher, place.group, at=AT).pupils] == [1, 1, 1]


def test_days_to_make_up_are_free_for_every_school_and_shown_to_those_who_plan() -> None:
    place = scene(own=1, others=1, lessons=3)
    course_of(place, 9)
    TimetableSlotFactory(group=place.group, weekday=2)
    HolidayFactory(
        academic_year=place.host.academic_years.get(), date_from=date(2026, 11, 16), date_to=date(2026, 11, 16)
    )
    LessonFactory(group=place.group, date=date(2026, 11, 19), state=LessonState.CANCELLED, cancel_reason="нет")
    hours = group_hours(place.teacher, place.group, at=AT)
    # the 7th is a Saturday of five-day schools, the 8th a Sunday; on 9–15 rests No. 7, on the 16th the host
    assert [one.date.day for one in hours.proposals] == [18, 19, 20, 23]
    assert hours.most_missing == 4
    for one in (*place.own, *place.others):
        saturday = {"weekday": 6, "starts": time(8), "ends": time(13), "lessons": 5}
        ClassDay.objects.create(school_class=one.student.school_class, **saturday)
    six_days = group_hours(place.teacher, place.group, at=AT)
    assert [one.date.day for one in six_days.proposals] == [7, 18, 19, 20]
    curator = place.staff(place.home, DutyKind.CURATOR)
    seen = group_hours(curator, place.group, at=AT)
    assert (len(seen.pupils), seen.proposals) == (1, [])
    with time_machine.travel(AT, tick=False):
        page = sign_in(Client(), place.teacher).get(reverse("group_hours", args=[place.group.pk])).content.decode()
    assert f"{reverse('lesson_add', args=[place.group.pk])}?day=2026-11-18" in page
    elsewhere = OrganisationFactory(short_name="МАОУ школа № 99")
    stranger = sign_in(Client(), acting_as(DutyFactory(organisation=elsewhere, kind=DutyKind.CURATOR)))
    assert stranger.get(reverse("group_hours", args=[place.group.pk])).status_code == 404


@pytest.mark.parametrize("pupils", [1, 3])
def test_page_of_hours_takes_the_same_number_of_queries(pupils: int) -> None:
    place = scene(own=pupils, others=pupils, lessons=pupils + 1)
    client = sign_in(Client(), place.staff(place.home, DutyKind.CURATOR))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("group_hours", args=[place.group.pk]))
    assert len(queries) == 11, [query["sql"][:100] for query in queries]


def test_next_topic_is_proposed_taken_and_counted() -> None:
    place = scene(own=1, others=0, lessons=3)
    programme = place.group.course.programme
    for number, (topic, hours) in enumerate((("Импульс", 1), ("Энергия", 2), ("Волны", 1)), start=1):
        ThematicRow.objects.create(programme=programme, number=number, topic=topic, hours=hours)
    rows = plan_of(programme)
    assert next_topic(place.lessons[0], rows) == rows[0].pk
    client = sign_in(Client(), place.teacher)
    for lesson in place.lessons[:2]:
        url = reverse("lesson", args=[lesson.pk])
        page = client.get(url)
        form = page.context["form"]
        data = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
        assert client.post(url, data).status_code == 302
    topics = list(Lesson.objects.order_by("date").values_list("topic", "plan_row"))
    assert topics == [("Импульс", rows[0].pk), ("Энергия", rows[1].pk), ("", None)]
    assert next_topic(place.lessons[2], rows) == rows[1].pk
    shown = [(one.topic, one.plan, one.held) for one in group_hours(place.teacher, place.group, at=AT).topics]
    assert shown == [("Импульс", 1, 1), ("Энергия", 2, 1), ("Волны", 1, 0)]
    answer = client.post(reverse("lesson", args=[place.lessons[2].pk]), {"plan_row": 10**9, "kind_1": "answer"})
    assert answer.status_code == 422
