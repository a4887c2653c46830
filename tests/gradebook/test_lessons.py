"""Lessons moved, added, given by a substitute, held at a distance, on a holiday of a school (3.8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from courses.enums import GroupState
from gradebook import access
from gradebook.enums import LessonState
from gradebook.models import Lesson, LessonMove, RemoteLesson
from gradebook.selectors import tasks_for
from gradebook.selectors.calendars import deliveries
from gradebook.services import changes, lessons
from gradebook.services.changes import When
from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.models import Notice
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import ClassDay, GuardianLink, Route
from tests.factories.courses import AcademicYearFactory, HolidayFactory, StudyGroupFactory, TimetableSlotFactory
from tests.factories.enrollment import EnrolmentFactory
from tests.factories.gradebook import LessonFactory, Scene, scene, seal
from tests.factories.schools import DutyFactory, acting_as, sign_in
from tests.gradebook.acts import run_together

pytestmark = pytest.mark.django_db
#: Noon in Moscow on Monday, 9 November 2026: the lesson that moves is on the 12th.
AT = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
NEW = When(date=date(2026, 11, 17), starts=time(16, 0), ends=time(16, 45), room="каб. 5")


def planned(place: Scene, **fields: object) -> Lesson:
    return LessonFactory(group=place.group, **fields)


def moved(place: Scene, lesson: Lesson, when: When = NEW, *, at: datetime = AT, who: Acting | None = None) -> Lesson:
    return changes.lesson_move(actor=who or place.teacher, lesson=lesson, when=when, reason="Олимпиада", at=at)


def refused(place: Scene, lesson: Lesson, when: When = NEW, **kwargs: datetime) -> str:
    with pytest.raises(RuleError) as error:
        moved(place, lesson, when, **kwargs)
    return error.value.message


def test_moved_lesson_is_the_same_and_remembers_its_place_and_is_not_laid_out_again() -> None:
    place = scene(lessons=0)
    TimetableSlotFactory(group=place.group, weekday=4)
    lesson = planned(place, topic="Импульс")
    parents = set(GuardianLink.objects.values_list("user", flat=True))
    curator = place.staff(place.home, DutyKind.CURATOR).user
    moved(place, lesson)
    lesson.refresh_from_db()
    assert (lesson.date, lesson.starts, lesson.room, lesson.topic) == (NEW.date, NEW.starts, NEW.room, "Импульс")
    old = LessonMove.objects.get()
    assert (old.lesson, old.date, old.starts, old.room, old.reason) == (
        lesson, date(2026, 11, 12), time(15, 0), "каб. 12", "Олимпиада",
    )  # fmt: skip
    told = dict(Notice.objects.values_list("user", "url"))
    diary = f"{reverse('diary')}?week=2026-11-17"
    assert told == {**dict.fromkeys(parents, diary), curator.pk: reverse("lesson", args=[lesson.pk])}
    assert len(parents) == 3
    lessons.lessons_plan(actor=place.coordinator, group=place.group, at=AT)
    assert not Lesson.objects.filter(group=place.group, date=date(2026, 11, 12)).exists()


def test_move_is_refused_where_somebody_is_busy() -> None:
    """Group, room, teacher in another school, pupils with the way between schools, lessons of the class (6.8)."""
    place = scene(lessons=0, own=1, others=0)
    lesson = planned(place)
    at_four = {"date": NEW.date, "starts": time(16, 30), "ends": time(17, 15)}
    own = planned(place, **at_four)
    assert "У группы в этот день уже есть занятие 16:30–17:15" in refused(place, lesson)
    own.delete()
    host = {"course__programme__host": place.host, "course__network": place.group.course.network}
    room = LessonFactory(group=StudyGroupFactory(open=True, **host), room="КАБ. 5", **at_four)
    assert "«каб. 5» занят" in refused(place, lesson)
    room.delete()
    elsewhere_too = {"course__programme__host": place.other, "course__network": place.group.course.network}
    other_school = StudyGroupFactory(open=True, **elsewhere_too)
    other_school.teacher = DutyFactory(
        user=place.group.teacher.user, kind=DutyKind.NETWORK_TEACHER, organisation=other_school.course.host
    )
    other_school.save()
    elsewhere = LessonFactory(group=other_school, **at_four)
    assert "У учителя занятие в другой школе (16:30–17:15)" in refused(place, lesson)
    elsewhere.delete()
    third = EnrolmentFactory(group=StudyGroupFactory(open=True, **elsewhere_too), student=place.own[0].student)
    LessonFactory(group=third.group, date=NEW.date, starts=time(17, 0), ends=time(17, 45))
    schools = sorted([place.host.pk, third.group.course.programme.host_id])
    way = Route.objects.create(first_id=schools[0], second_id=schools[1], minutes=20)
    assert "У 1\u00a0обучающегося в это время занятие другого сетевого курса" in refused(place, lesson)
    way.delete()
    ClassDay.objects.create(
        school_class=place.own[0].student.school_class, weekday=2, starts=time(8), ends=time(16, 10), lessons=7
    )
    assert "МАОУ СОШ № 7) в этот день уроки 08:00–16:10" in refused(place, lesson)
    year = AcademicYearFactory(organisation=place.home)
    HolidayFactory(academic_year=year, date_from=NEW.date, date_to=NEW.date)
    assert moved(place, lesson).date == NEW.date  # the home school rests, so its class has no lessons then


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"date": date(2026, 11, 8)}, "уже прошёл"),
        ({"date": date(2027, 6, 5)}, "Курс идёт с 01.09.2026 по 31.05.2027"),
        ({"date": date(2026, 11, 15)}, "воскресенье"),
        ({"date": date(2027, 2, 23)}, "праздничный день"),
        ({"date": date(2026, 12, 30)}, "зимние каникулы"),
        ({"ends": time(15, 59)}, "заканчиваться позже"),
    ],
)
def test_move_is_refused_to_a_day_without_lessons(when: dict[str, object], words: str) -> None:
    place = scene(lessons=0, own=1, others=0)
    year = place.host.academic_years.get()
    HolidayFactory(academic_year=year, title="Зимние каникулы", date_from=date(2026, 12, 29), date_to=date(2027, 1, 10))
    assert words in refused(place, planned(place), When(**{**vars(NEW), **when}))


def test_move_out_of_a_sealed_month_is_refused_by_the_database() -> None:
    """Rule 14: the seal is kept on the server for every path."""
    place = scene(lessons=0, own=1, others=0)
    late = planned(place, date=date(2026, 12, 8))
    lesson = planned(place, date=date(2026, 11, 12), state=LessonState.CANCELLED, cancel_reason="карантин")
    seal(place)
    december = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    with pytest.raises(RuleError, match="закрыт ведомостью"):
        lessons.lesson_restore(actor=place.coordinator, lesson=lesson, at=december)
    assert moved(place, late, When(**{**vars(NEW), "date": date(2026, 12, 9)}), at=december).date.day == 9


def test_move_refuses_a_held_lesson_and_a_stale_page() -> None:
    place = scene(lessons=0, own=1, others=0)
    with pytest.raises(StaleError, match="уже проведено"):
        moved(place, planned(place, held=True))
    with pytest.raises(StaleError, match="изменил другой человек"):
        changes.lesson_move(
            actor=place.teacher, lesson=planned(place, date=date(2026, 11, 19)), when=NEW, reason="Так", seen="0" * 64,
            at=AT,
        )  # fmt: skip


def test_added_lesson_is_checked_like_a_moved_one() -> None:
    place = scene(lessons=0, own=1, others=0)
    lesson = changes.lesson_add(actor=place.coordinator, group=place.group, when=NEW, at=AT)
    assert (lesson.state, lesson.date) == (LessonState.PLANNED, NEW.date)
    with pytest.raises(RuleError, match="уже есть занятие"):
        changes.lesson_add(actor=place.coordinator, group=place.group, when=NEW, at=AT)
    type(place.group).objects.filter(pk=place.group.pk).update(state=GroupState.CLOSED)
    with pytest.raises(StaleError, match="Группа закрыта"):
        changes.lesson_add(actor=place.coordinator, group=place.group, when=NEW, at=AT)


def test_substitute_writes_in_one_lesson_only() -> None:
    place = scene(lessons=2, own=1, others=1, held=False)
    first, second = place.lessons
    duty = DutyFactory(organisation=place.host, kind=DutyKind.NETWORK_TEACHER)
    substitute = acting_as(duty)
    changes.lesson_substitute(actor=place.coordinator, lesson=first, teacher=duty, at=AT)
    assert access.lesson_for(substitute, first.pk, to_change=True) == first
    client = sign_in(Client(), substitute)
    with time_machine.travel(AT, tick=False):
        pages = [
            client.get(reverse("lesson", args=[first.pk])),
            client.get(reverse("lesson", args=[second.pk])),
            client.get(reverse("journal", args=[place.group.pk])),
            client.post(reverse("lesson_cancel", args=[first.pk]), {"reason": "x"}),
            client.get(reverse("lesson_today")),
        ]
    assert [page.status_code for page in pages] == [200, 404, 404, 403, 200]
    assert reverse("journal", args=[place.group.pk]) not in pages[0].content.decode()
    assert [task.url for task in tasks_for(substitute, AT.date())] == [reverse("lesson", args=[first.pk])]
    assert [task.title for task in tasks_for(place.teacher, AT.date())] == ["Заполнить 1 занятие в журнале"]
    changes.lesson_substitute(actor=place.coordinator, lesson=first, teacher=None, at=AT)
    assert list(access.lessons_for(substitute)) == []


def test_substitute_must_be_of_the_school_and_free() -> None:
    place = scene(lessons=1, own=1, others=0, held=False)
    lesson = place.lessons[0]

    def refusal(duty: object) -> str:
        with pytest.raises(RuleError) as error:
            changes.lesson_substitute(actor=place.coordinator, lesson=lesson, teacher=duty, at=AT)  # type: ignore[arg-type]  # a duty of any kind
        return error.value.message

    assert "школы, которая ведёт курс" in refusal(DutyFactory(kind=DutyKind.NETWORK_TEACHER))
    assert "учитель самой группы" in refusal(place.group.teacher)
    busy = StudyGroupFactory(open=True, course__programme__host=place.host)
    LessonFactory(group=busy, date=lesson.date, starts=lesson.starts, ends=lesson.ends, room="каб. 99")
    assert "занятие в группе" in refusal(busy.teacher)


def test_lesson_on_a_home_school_holiday_is_held_and_may_be_at_a_distance_for_it() -> None:
    place = scene(lessons=0, own=2, others=1)
    year = AcademicYearFactory(organisation=place.home)
    HolidayFactory(academic_year=year, date_from=date(2026, 11, 10), date_to=date(2026, 11, 15))
    AcademicYearFactory(organisation=place.other)
    lesson = planned(place)
    homes = [place.home.pk, place.other.pk]
    one = deliveries([lesson], homes, 2026)[lesson.pk]
    assert [one.excused(home) for home in homes] == ["Осенние каникулы", ""]
    curator = sign_in(Client(), place.staff(place.home, DutyKind.CURATOR))
    page = curator.get(reverse("lesson", args=[lesson.pk])).content.decode()
    assert "У МАОУ СОШ № 7 в этот день: осенние каникулы. 2 обучающихся." in page
    remote = changes.lesson_hold_remotely(
        actor=place.teacher, lesson=lesson, home=place.home, link="https://meet.example/1", at=AT
    )
    one = deliveries([lesson], homes, 2026)[lesson.pk]
    assert [(one.excused(home), one.link(home)) for home in homes] == [("", "https://meet.example/1"), ("", "")]
    page = curator.get(reverse("lesson", args=[lesson.pk])).content.decode()
    assert ("https://meet.example/1" in page, "не ожидаются" in page) == (True, False)
    other = sign_in(Client(), place.staff(place.other, DutyKind.CURATOR))
    assert "meet.example" not in other.get(reverse("lesson", args=[lesson.pk])).content.decode()
    with pytest.raises(RuleError, match="уже проводится дистанционно"):
        changes.lesson_hold_remotely(actor=place.teacher, lesson=lesson, home=place.home, link="", at=AT)
    with pytest.raises(RuleError, match="никто не занимается"):
        changes.lesson_hold_remotely(actor=place.teacher, lesson=lesson, home=place.host, link="", at=AT)
    changes.lesson_hold_on_site(actor=place.teacher, remote=remote, at=AT)
    assert RemoteLesson.objects.count() == 0


def test_pages_move_a_lesson_and_keep_what_was_typed() -> None:
    place = scene(lessons=0, own=1, others=0)
    lesson = planned(place)
    client = sign_in(Client(), place.teacher)
    url = reverse("lesson_move", args=[lesson.pk])
    data = {"date": "2026-11-15", "starts": "16:00", "ends": "16:45", "room": "каб. 77", "reason": "Олимпиада"}
    with time_machine.travel(AT, tick=False):
        seen = client.get(url).context["move"].initial["seen"]
        page = client.post(url, {**data, "seen": seen})
        assert (page.status_code, "воскресенье" in page.content.decode(), "каб. 77" in page.content.decode()) == (
            422, True, True,
        )  # fmt: skip
        stale = client.post(url, {**data, "date": "2026-11-17", "seen": "0" * 64})
        assert stale.status_code == 409
        done = client.post(url, {**data, "date": "2026-11-17", "seen": seen}, follow=True)
    assert "Перенесено с 12.11.2026, 15:00, каб. 12: Олимпиада" in done.content.decode()
    coordinator = sign_in(Client(), place.coordinator)
    with time_machine.travel(AT, tick=False):
        answers = [
            coordinator.post(reverse("lesson_substitute", args=[lesson.pk]), {"teacher": 10**9}).status_code,
            client.post(reverse("lesson_substitute", args=[lesson.pk]), {"teacher": ""}).status_code,
            client.post(reverse("lesson_remote", args=[lesson.pk]), {"home": place.home.pk}).status_code,
            client.post(reverse("lesson_on_site", args=[RemoteLesson.objects.get().pk])).status_code,
            client.get(reverse("lesson_add", args=[place.group.pk]) + "?day=2026-11-19").status_code,
        ]
    assert answers == [422, 403, 302, 302, 200]


@pytest.mark.django_db(transaction=True)
def test_two_lessons_moved_at_once_do_not_take_one_room() -> None:
    place = scene(lessons=0, own=1, others=0)
    host = {"course__programme__host": place.host, "course__network": place.group.course.network}
    second = StudyGroupFactory(open=True, **host)
    mine, theirs = planned(place), LessonFactory(group=second, room="каб. 8")
    coordinator = place.coordinator
    results = run_together(*(lambda one=one: moved(place, one, who=coordinator) for one in (mine, theirs)))
    words = [str(result) for result in results if isinstance(result, RuleError)]
    assert (len(words), "«каб. 5» занят" in words[0]) == (1, True)
    assert Lesson.objects.filter(date=NEW.date, room=NEW.room).count() == 1
