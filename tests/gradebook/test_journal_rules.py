"""Filling the journal: what the services allow, and what the database refuses to everyone."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg2.errors import CheckViolation

from courses.enums import WorkType
from enrollment.enums import EnrolmentState
from enrollment.models import Enrolment
from gradebook.enums import AttendanceCode, LessonState
from gradebook.models import Attendance, Lesson, Mark, Work
from gradebook.services import journal, lessons
from gradebook.services.cells import CellConflictError, UnknownCellError
from gradebook.services.journal import CellChange, WorkPlan
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from tests.factories.courses import HolidayFactory, StudyGroupFactory, TimetableSlotFactory
from tests.factories.enrollment import EnrolmentFactory
from tests.factories.gradebook import DECEMBER, LessonFactory, MarkFactory, Scene, scene, seal
from tests.gradebook.acts import Saved, cell_save

pytestmark = pytest.mark.django_db


def save(place: Scene, value: str, *, seen: str = "", lesson: Lesson | None = None, at: datetime = DECEMBER) -> Saved:
    return cell_save(
        actor=place.teacher,
        group=place.group,
        lesson=(lesson or place.lessons[0]).pk,
        enrolment=place.own[0].pk,
        value=value,
        seen=seen,
        at=at,
    )


def held(place: Scene) -> tuple[list[int], list[str]]:
    return (
        list(Mark.objects.filter(enrolment=place.own[0]).values_list("value", flat=True)),
        list(Attendance.objects.filter(enrolment=place.own[0]).values_list("code", flat=True)),
    )


def test_cell_takes_mark_and_attendance_and_gives_them_back() -> None:
    place = scene()
    assert save(place, "5") == Saved("5", "5,00", 0)
    assert save(place, "н", seen="5") == Saved("Н", "–", 1)
    assert held(place) == ([], [AttendanceCode.ABSENT])
    assert save(place, "4 оп", seen="Н") == Saved("4 ОП", "4,00", 0)
    assert save(place, "4 осв", seen="4 ОП") == Saved("4 ОСВ", "4,00", 0)
    assert save(place, "дот", seen="4 ОСВ") == Saved("ДОТ", "–", 0)
    assert save(place, "", seen="ДОТ") == Saved("", "–", 0)
    assert held(place) == ([], [])


def test_cell_makes_a_planned_lesson_held() -> None:
    place = scene(held=False)
    save(place, "5")
    lesson = Lesson.objects.get(pk=place.lessons[0].pk)
    assert (lesson.state, lesson.attendance_confirmed_at) == (LessonState.HELD, None)


def test_cell_changed_by_another_is_a_conflict_with_the_current_value() -> None:
    place = scene()
    save(place, "4")
    with pytest.raises(CellConflictError) as refused:
        save(place, "5", seen="")
    assert (refused.value.current, refused.value.status) == ("4", 409)
    assert held(place) == ([4], [])


def test_cell_sent_twice_is_saved_once() -> None:
    place = scene()
    save(place, "4")
    assert save(place, "4", seen="").text == "4"
    assert AuditEntry.objects.filter(verb="mark.set").count() == 1


@pytest.mark.django_db(transaction=True)
def test_history_keeps_every_value_with_the_person_also_of_bulk_updates() -> None:
    place = scene()
    save(place, "4")
    save(place, "5", seen="4")
    Mark.objects.filter(enrolment=place.own[0]).update(value=3)
    save(place, "", seen="3")
    events = list(
        Mark.pgh_event_model.objects.order_by("pgh_id").values_list("pgh_label", "value", "pgh_context__user")
    )
    teacher = place.teacher.user_id
    assert events == [("insert", 4, teacher), ("update", 5, teacher), ("update", 3, None), ("delete", 3, teacher)]


def test_history_cannot_be_changed() -> None:
    save(scene(), "4")
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        Mark.pgh_event_model.objects.update(value=5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": LessonState.CANCELLED, "cancel_reason": "карантин"}, "Занятие отменено"),
        ({"date": date(2026, 12, 4)}, "ещё не состоялось"),
        ({"date": date(2026, 8, 31)}, "зачислен с 01.09.2026"),
        ({"date": date(2026, 11, 20)}, "выбыл 18.11.2026"),
    ],
)
def test_cell_refuses_a_lesson_that_takes_no_marks(change: dict[str, object], words: str) -> None:
    place = scene()
    Lesson.objects.filter(pk=place.lessons[0].pk).update(**change)
    if change.get("date") == date(2026, 11, 20):
        Enrolment.objects.filter(pk=place.own[0].pk).update(date_to=date(2026, 11, 18))
    with pytest.raises(RuleError) as refused:
        save(place, "5")
    assert words in refused.value.message
    assert held(place) == ([], [])


def test_today_is_counted_in_the_time_zone_of_the_network() -> None:
    place = scene(lessons=1)
    late = datetime(2026, 11, 1, 21, 30, tzinfo=UTC)  # already 2 November in Moscow
    with pytest.raises(RuleError):
        save(place, "5", at=late - timedelta(hours=1))
    assert save(place, "5", at=late).text == "5"


def test_cell_of_another_group_is_refused_by_service_and_database() -> None:
    place = scene()
    stranger = EnrolmentFactory(group=StudyGroupFactory(open=True))
    with pytest.raises(UnknownCellError):
        cell_save(
            actor=place.teacher,
            group=place.group,
            lesson=place.lessons[0].pk,
            enrolment=stranger.pk,
            value="5",
            seen="",
            at=DECEMBER,
        )
    with pytest.raises(IntegrityError, match="не из этой группы"), transaction.atomic():
        MarkFactory(lesson=place.lessons[0], enrolment=stranger)
    mark = MarkFactory(lesson=place.lessons[0], enrolment=place.own[0])
    with pytest.raises(IntegrityError, match="не из этой группы"), transaction.atomic():
        Mark.objects.filter(pk=mark.pk).update(enrolment=stranger)


def test_booked_pupil_gets_no_marks() -> None:
    place = scene()
    type(place.own[0]).objects.filter(pk=place.own[0].pk).update(state=EnrolmentState.BOOKED)
    with pytest.raises(RuleError, match="не зачислен"):
        save(place, "5")


# --- a sealed month -----------------------------------------------------------------------------------------------


def test_sealed_month_is_closed_to_service_bulk_update_and_raw_sql() -> None:
    place = scene()
    mark = MarkFactory(lesson=place.lessons[0], enrolment=place.own[0], value=4)
    number = seal(place).document.number
    with pytest.raises(RuleError) as refused:
        save(place, "5", seen="4")
    assert (
        refused.value.message
        == f"Месяц закрыт ведомостью №\u00a0{number} от 03.12.2026. Исправить запись можно по запросу: "
        "откройте ведомость и подайте «Запрос на исправление»."
    )
    attempts = [
        lambda: Mark.objects.filter(pk=mark.pk).update(value=5),
        lambda: Mark.objects.filter(pk=mark.pk).delete(),
        lambda: Mark.objects.bulk_create(
            [Mark(work=place.lessons[1].works.get(), enrolment=place.own[0], value=5, given_at=DECEMBER)]
        ),
        lambda: place.lessons[0].works.update(kind=WorkType.TEST),
        lambda: Work.objects.create(lesson=place.lessons[0], no=2),
        lambda: place.lessons[1].works.all().delete(),
        lambda: Attendance.objects.create(lesson=place.lessons[1], enrolment=place.own[0], code=AttendanceCode.ILL),
        lambda: Lesson.objects.filter(pk=place.lessons[0].pk).update(topic="Другая"),
        lambda: Lesson.objects.filter(pk=place.lessons[0].pk).update(date=date(2026, 12, 1)),
        lambda: LessonFactory(group=place.group, date=date(2026, 11, 25)),
        lambda: connection.cursor().execute("UPDATE gradebook_mark SET value = 2"),
        lambda: connection.cursor().execute("DELETE FROM gradebook_mark"),
        lambda: connection.cursor().execute(
            "INSERT INTO gradebook_mark (work_id, enrolment_id, value, given_at) "
            "SELECT work_id, enrolment_id, 2, given_at FROM gradebook_mark "
            "ON CONFLICT (work_id, enrolment_id) DO UPDATE SET value = EXCLUDED.value"
        ),
        lambda: connection.cursor().cursor.copy_expert(
            "COPY gradebook_attendance (lesson_id, enrolment_id, code) FROM STDIN",
            io.StringIO(f"{place.lessons[1].pk}\t{place.own[0].pk}\till\n"),
        ),
    ]
    for attempt in attempts:
        with pytest.raises((IntegrityError, CheckViolation), match="Месяц закрыт ведомостью"), transaction.atomic():
            attempt()
    assert list(Mark.objects.values_list("value", flat=True)) == [4]


def test_sealed_month_of_one_school_leaves_the_other_open() -> None:
    place = scene()
    seal(place)
    mark = MarkFactory(lesson=place.lessons[0], enrolment=place.others[0], value=4)
    Mark.objects.filter(pk=mark.pk).update(value=5)
    saved = cell_save(
        actor=place.teacher,
        group=place.group,
        lesson=place.lessons[0].pk,
        enrolment=place.others[0].pk,
        value="3",
        seen="5",
        at=DECEMBER - timedelta(days=29),
    )
    assert saved.text == "3"


def test_other_months_stay_open_after_a_seal() -> None:
    place = scene()
    december = LessonFactory(group=place.group, date=date(2026, 12, 1))
    seal(place)
    assert save(place, "5", lesson=december).text == "5"


# --- a lesson's page ----------------------------------------------------------------------------------------------


def fill(place: Scene, cells: dict[int, CellChange], *, confirm: bool = False, topic: str = "Сила трения") -> Lesson:
    return journal.lesson_fill(
        actor=place.teacher,
        lesson=place.lessons[0],
        topic=topic,
        homework="§ 12",
        works=[WorkPlan(WorkType.TEST)],
        cells=cells,
        confirm=confirm,
        at=DECEMBER,
    )


def test_lesson_is_filled_in_one_act() -> None:
    place = scene(held=False)
    first, second = place.own
    fill(place, {first.pk: CellChange("5", ""), second.pk: CellChange("н", "")}, confirm=True)
    lesson = Lesson.objects.get(pk=place.lessons[0].pk)
    assert (lesson.topic, lesson.homework, lesson.works.get().kind, lesson.state, lesson.attendance_confirmed_at) == (
        "Сила трения",
        "§ 12",
        WorkType.TEST,
        LessonState.HELD,
        DECEMBER,
    )
    assert held(place) == ([5], [])
    assert Attendance.objects.get().enrolment == second


def test_lesson_refused_in_one_cell_saves_nothing() -> None:
    place = scene(held=False)
    first, second = place.own
    with pytest.raises(RuleError) as refused:
        fill(place, {first.pk: CellChange("5", ""), second.pk: CellChange("6", "")})
    assert refused.value.field == f"mark_{second.pk}"
    assert (Mark.objects.count(), Lesson.objects.get(pk=place.lessons[0].pk).topic) == (0, "")


def test_lesson_with_a_cell_changed_meanwhile_saves_nothing() -> None:
    place = scene()
    save(place, "4")
    with pytest.raises(StaleError, match="сейчас там «4», вы ввели «5»"):
        fill(place, {place.own[0].pk: CellChange("5", "")})
    assert held(place) == ([4], [])


def test_roll_call_of_the_future_is_refused() -> None:
    place = scene(held=False)
    Lesson.objects.filter(pk=place.lessons[0].pk).update(date=date(2026, 12, 20))
    with pytest.raises(RuleError, match="ещё не состоялось"):
        fill(place, {}, confirm=True)
    fill(place, {})
    assert Lesson.objects.get(pk=place.lessons[0].pk).topic == "Сила трения"


def test_lesson_is_cancelled_with_a_reason_and_restored() -> None:
    place = scene(held=False)
    lesson = place.lessons[0]
    with pytest.raises(RuleError, match="причину"):
        lessons.lesson_cancel(actor=place.teacher, lesson=lesson, reason="  ", at=DECEMBER)
    lessons.lesson_cancel(actor=place.teacher, lesson=lesson, reason="карантин", at=DECEMBER)
    with pytest.raises(StaleError):
        lessons.lesson_cancel(actor=place.teacher, lesson=lesson, reason="карантин", at=DECEMBER)
    assert lessons.lesson_restore(actor=place.teacher, lesson=lesson, at=DECEMBER).state == LessonState.PLANNED


def test_lesson_with_marks_is_not_cancelled() -> None:
    place = scene()
    save(place, "4")
    with pytest.raises(RuleError, match="есть отметки"):
        lessons.lesson_cancel(actor=place.teacher, lesson=place.lessons[0], reason="карантин", at=DECEMBER)


# --- laying out ---------------------------------------------------------------------------------------------------


def test_lessons_are_laid_out_once_and_skip_holidays() -> None:
    place = scene(lessons=0)
    TimetableSlotFactory(group=place.group)
    year = place.host.academic_years.get()
    HolidayFactory(academic_year=year)
    added = lessons.lessons_plan(actor=None, group=place.group, at=DECEMBER)
    days = list(Lesson.objects.values_list("date", flat=True))
    assert (added, lessons.lessons_plan(actor=None, group=place.group, at=DECEMBER)) == (len(days), 0)
    assert [day for day in days if day.month == 10] == [date(2026, 10, day) for day in (5, 12, 19)]
    assert {day.isoweekday() for day in days} == {1}
    assert date(2026, 11, 2) not in days
    assert min(days) == date(2026, 9, 7)


def test_lessons_are_laid_out_from_the_first_day_of_study_and_not_into_sealed_months() -> None:
    place = scene(lessons=1)
    Enrolment.objects.filter(group=place.group).update(date_from=date(2026, 11, 2))
    seal(place)
    type(place.group).objects.filter(pk=place.group.pk).update(opened_on=date(2026, 11, 23))
    TimetableSlotFactory(group=place.group)
    lessons.lessons_plan(actor=None, group=place.group, at=DECEMBER)
    assert Lesson.objects.order_by("date").values_list("date", flat=True)[1] == date(2026, 12, 7)


def test_lessons_of_a_group_that_is_not_open_are_not_laid_out() -> None:
    with pytest.raises(RuleError, match="после открытия"):
        lessons.lessons_plan(actor=None, group=StudyGroupFactory(), at=DECEMBER)
