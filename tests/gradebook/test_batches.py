"""Many cells at once, corrections with a reason, the history of a cell, and whole-class tests (3.8, 6.1, 6.7)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.enums import Scale
from courses.models import GradingPolicy
from enrollment.models import Enrolment
from gradebook.enums import AttendanceCode, LessonState
from gradebook.models import Attendance, Lesson, Mark, SchoolTest, Work
from gradebook.selectors.assessments import assessment_warnings
from gradebook.selectors.histories import cell_history
from gradebook.services.cells import CellConflictError, CellEdit, ReasonNeededError, UnknownCellError
from gradebook.services.journal import MOST_CELLS, WorkPlan, cells_save, lesson_fill
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError
from schools.enums import DutyKind
from schools.models import ClassDay
from tests.factories.enrollment import EnrolmentFactory
from tests.factories.gradebook import DECEMBER, LessonFactory, MarkFactory, Scene, scene, seal
from tests.factories.schools import SchoolClassFactory, StudentFactory, sign_in
from tests.gradebook.acts import cell_save, run_together

pytestmark = pytest.mark.django_db


def save(place: Scene, *edits: CellEdit, reason: str = "") -> list[tuple[str, str]]:
    """Save cells; return what stands in each and the kind of refusal."""
    group = type(place.group).objects.select_related("course__programme__policy").get(pk=place.group.pk)
    results = cells_save(actor=place.teacher, group=group, edits=edits, reason=reason, at=DECEMBER)
    return [(result.text, type(result.error).__name__ if result.error else "") for result in results]


def edit(lesson: Lesson, enrolment: Enrolment, value: str, seen: str = "") -> CellEdit:
    return CellEdit(lesson.pk, enrolment.pk, value, seen)


def test_each_cell_of_a_request_has_its_own_answer() -> None:
    place = scene(own=3, others=1)
    first, second, third = place.own
    monday, tuesday = place.lessons[:2]
    seal(place, place.other)
    Enrolment.objects.filter(pk=third.pk).update(date_from=tuesday.date)
    MarkFactory(lesson=tuesday, enrolment=first, value=3)
    stranger = LessonFactory(held=True)
    assert save(
        place,
        edit(monday, first, "4/5 оп10"),
        edit(monday, second, "6"),
        edit(monday, third, "5"),
        edit(monday, place.others[0], "5"),
        edit(tuesday, first, "4"),
        edit(tuesday, second, "н"),
        edit(stranger, second, "5"),
        CellEdit(monday.pk, 10**9, "5", ""),
    ) == [
        ("", "RuleError"),
        ("", "RuleError"),
        ("", "RuleError"),
        ("", "RuleError"),
        ("3", "CellConflictError"),
        ("Н", ""),
        ("", "UnknownCellError"),
        ("", "UnknownCellError"),
    ]
    assert (Mark.objects.count(), Attendance.objects.get().code) == (1, AttendanceCode.ABSENT)


def test_second_mark_makes_a_second_work_of_the_same_kind() -> None:
    place = scene()
    monday, first = place.lessons[0], place.own[0]
    monday.works.update(kind="test")
    assert save(place, edit(monday, first, "4/5 оп10")) == [("4/5 ОП10", "")]
    assert list(Work.objects.filter(lesson=monday).values_list("no", "kind")) == [(1, "test"), (2, "test")]
    assert list(Mark.objects.order_by("work__no").values_list("work__no", "value")) == [(1, 4), (2, 5)]
    assert Attendance.objects.get().minutes_late == 10
    assert save(place, edit(monday, first, "–/3", "4/5 ОП10")) == [("–/3", "")]
    assert save(place, edit(monday, first, "", "–/3")) == [("", "")]
    assert (Mark.objects.count(), Attendance.objects.count()) == (0, 0)


@pytest.mark.parametrize("count", [1, 12])
def test_number_of_statements_does_not_depend_on_that_of_cells(count: int) -> None:
    place = scene(own=4, others=0, lessons=3, held=False)
    cells = [(lesson, pupil) for lesson in place.lessons for pupil in place.own][:count]
    group = (
        type(place.group)
        .objects.select_related("course__programme__host", "course__programme__policy", "course__network")
        .get(pk=place.group.pk)
    )
    teacher = place.teacher
    with CaptureQueriesContext(connection) as queries:
        cells_save(
            actor=teacher, group=group, edits=[edit(lesson, pupil, "5 оп") for lesson, pupil in cells], at=DECEMBER
        )
    assert len(queries) == 11, [query["sql"][:80] for query in queries]
    assert (Mark.objects.count(), Attendance.objects.count()) == (count, count)
    assert AuditEntry.objects.filter(verb__in=["mark.set", "attendance.set"]).count() == 2 * count
    assert Lesson.objects.filter(state=LessonState.HELD).count() == len({lesson.pk for lesson, _ in cells})


def test_cell_sent_twice_in_one_request_is_written_once() -> None:
    place = scene()
    monday, first = place.lessons[0], place.own[0]
    assert save(place, edit(monday, first, "4"), edit(monday, first, "5", "4"), edit(monday, first, "5")) == [
        ("4", ""),
        ("5", ""),
        ("5", ""),
    ]
    assert (Mark.objects.get().value, AuditEntry.objects.filter(verb__startswith="mark.").count()) == (5, 1)


def test_more_cells_than_fit_are_refused_whole() -> None:
    place = scene()
    with pytest.raises(RuleError, match=f"не больше {MOST_CELLS}"):
        save(place, *[edit(place.lessons[0], place.own[0], "5")] * (MOST_CELLS + 1))
    assert Mark.objects.count() == 0


def test_marks_of_a_pass_or_fail_course() -> None:
    place = scene()
    programme = place.group.course.programme
    GradingPolicy.objects.create(host=programme.host, programme=programme, scale=Scale.PASS_FAIL)
    monday, first = place.lessons[0], place.own[0]
    assert save(place, edit(monday, first, "5"), edit(monday, place.own[1], "зачёт")) == [
        ("", "RuleError"),
        ("зач", ""),
    ]


def test_correction_after_the_free_days_needs_a_reason_and_stays_in_the_history() -> None:
    """3.8: 3 days free, later a reason; every value with its person, moment and reason."""
    place = scene()
    monday, first = place.lessons[0], place.own[0]
    MarkFactory(lesson=monday, enrolment=first, value=3, given_at=DECEMBER - timedelta(days=3))
    assert save(place, edit(monday, first, "4", "3")) == [("4", "")]
    Mark.objects.update(given_at=DECEMBER - timedelta(days=4))
    with pytest.raises(ReasonNeededError) as refused:
        cell_save(
            actor=place.teacher,
            group=place.group,
            lesson=monday.pk,
            enrolment=first.pk,
            value="",
            seen="4",
            at=DECEMBER,
        )
    assert refused.value.field == "reason"
    assert save(place, edit(monday, first, "4/5 н", "4")) == [("4/5 Н", "")]
    assert save(place, edit(monday, first, "2", "4/5 Н"), reason=" Ошибся строкой ") == [("2", "")]
    history = [(one.what, one.old, one.new, one.who, one.reason) for one in cell_history(monday, first)]
    name = place.teacher.user.short_name
    assert sorted(history) == sorted(
        [
            ("Отметка: ответ", "пусто", "3", "", ""),
            ("Отметка: ответ", "3", "4", name, ""),
            ("Отметка 2: ответ", "пусто", "5", name, ""),
            ("Посещаемость", "пусто", "Н", name, ""),
            ("Отметка: ответ", "4", "2", name, "Ошибся строкой"),
            ("Отметка 2: ответ", "5", "пусто", name, "Ошибся строкой"),
            ("Посещаемость", "Н", "пусто", name, "Ошибся строкой"),
        ]
    )


def test_history_of_a_cell_is_read_by_those_who_read_the_line() -> None:
    place = scene()
    monday = place.lessons[0]
    save(place, edit(monday, place.own[0], "4"))
    url = reverse("journal_cell_history", args=[monday.pk, place.own[0].pk])
    for who in (place.teacher, place.staff(place.home, DutyKind.CURATOR)):
        page = sign_in(Client(), who).get(url).content.decode()
        assert "<strong>пусто → 4</strong>" in page
    assert sign_in(Client(), place.staff(place.other, DutyKind.CURATOR)).get(url).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_teachers_with_many_cells_each_lose_nothing_and_do_not_lock_each_other_out() -> None:
    place = scene(own=3, others=0)
    teacher = place.teacher

    def act(value: str, lessons: list[Lesson]) -> object:
        edits = [edit(lesson, pupil, value) for lesson in lessons for pupil in place.own]
        return lambda: cells_save(actor=teacher, group=place.group, edits=edits, at=DECEMBER)

    results = run_together(act("4", place.lessons), act("5", place.lessons[::-1]))  # type: ignore[arg-type]  # functions without arguments
    errors = [[result.error for result in batch if result.error] for batch in results]
    assert sorted(len(found) for found in errors) == [0, 9]
    assert {type(error) for found in errors for error in found} == {CellConflictError}
    assert len({mark.value for mark in Mark.objects.all()}) == 1


def test_unknown_cell_is_not_told_from_a_foreign_one() -> None:
    place = scene()
    errors = []
    for lesson in (LessonFactory(held=True).pk, 10**12):
        with pytest.raises(UnknownCellError) as refused:
            cell_save(
                actor=place.teacher,
                group=place.group,
                lesson=lesson,
                enrolment=place.own[0].pk,
                value="5",
                seen="",
                at=DECEMBER,
            )
        errors.append(refused.value.message)
    assert len(set(errors)) == 1


# --- whole-class tests --------------------------------------------------------------------------------------------


def test_whole_class_test_is_warned_about_when_it_collides() -> None:
    """6.7: one for a class a day, one of a subject in two and a half weeks, a tenth of the hours."""
    place = scene(lessons=3)
    monday, tuesday = place.lessons[:2]
    works = list(monday.works.all())
    assert assessment_warnings(monday, works) == []
    lesson_fill(
        actor=place.teacher,
        lesson=monday,
        topic="",
        homework="",
        works=[WorkPlan(kind=works[0].kind, whole_class=True)],
        cells={},
        confirm=False,
        at=DECEMBER,
    )
    school_class = place.own[0].student.school_class
    SchoolTest.objects.create(school_class=school_class, date=monday.date, subject="Алгебра")
    SchoolTest.objects.create(school_class=school_class, date=tuesday.date, subject="Химия")
    works = list(monday.works.all())
    assert assessment_warnings(monday, works) == [
        f"У класса {school_class} (МАОУ СОШ № 7) в этот день уже проверочная: Алгебра."
    ]
    tuesday.works.update(whole_class=True)
    place.group.course.programme.hours_total = 17
    monday.group = place.group
    assert assessment_warnings(monday, works)[1:] == [
        "Проверочная по этому предмету уже есть 03.11.2026: нужно не чаще раза в 2,5 недели.",
        "Проверочных 2 на 17\u00a0ч. программы: на них даётся не больше 10\u00a0% часов.",
    ]
    page = sign_in(Client(), place.teacher).get(reverse("lesson", args=[monday.pk])).content.decode()
    assert "в этот день уже проверочная: Алгебра" in page


def test_whole_class_test_is_warned_about_for_the_parallel_and_at_the_edge_of_the_day() -> None:
    """6.7: one of a subject for a parallel in two and a half weeks; none on the first or last lesson of the day."""
    place = scene(own=2, others=1, lessons=1)
    (monday,) = place.lessons  # from 15:00 to 15:45
    monday.works.update(whole_class=True)
    works, programme = list(monday.works.all()), monday.group.course.programme
    programme.hours_week = 2
    own, foreign = (one[0].student.school_class for one in (place.own, place.others))
    assert assessment_warnings(monday, works) == []  # no school has said when its classes have lessons

    beside = SchoolClassFactory(organisation=place.home, grade=own.grade, letter="Я")
    day = monday.date + timedelta(days=16)
    for school_class, on, subject in (
        (beside, day, programme.subject.upper()),
        (beside, day, "Химия"),
        (beside, day + timedelta(days=1), programme.subject),
        (SchoolClassFactory(organisation=place.home, grade=own.grade - 1), day, programme.subject),
    ):
        SchoolTest.objects.create(school_class=school_class, date=on, subject=subject)
    elsewhere = LessonFactory(date=monday.date, group__course__programme__subject=programme.subject, held=True)
    EnrolmentFactory(group=elsewhere.group, student=StudentFactory(home_school=place.home, school_class=beside))
    elsewhere.works.update(whole_class=True)
    words = "по этому предмету уже есть проверочная {}: нужно не чаще раза в 2,5 недели."
    parallel = f"В параллели {own.grade} классов (МАОУ СОШ № 7) {words}"
    assert assessment_warnings(monday, works) == [parallel.format("02.11.2026"), parallel.format("18.11.2026")]

    for school_class, starts, ends in ((own, time(8), time(14)), (foreign, time(16), time(19))):
        ClassDay.objects.create(school_class=school_class, weekday=1, starts=starts, ends=ends, lessons=3)
    edge = "На первом и последнем уроке проверочные не проводят."
    assert assessment_warnings(monday, works)[:2] == [
        f"Это первый урок дня у классов: {foreign} (МАОУ лицей № 12). {edge}",
        f"Это последний урок дня у классов: {own} (МАОУ СОШ № 7). {edge}",
    ]
    later = LessonFactory(date=monday.date, starts=time(17), ends=time(18), held=True)
    for enrolment in place.own:
        EnrolmentFactory(group=later.group, student=enrolment.student)
    assert [words[:10] for words in assessment_warnings(monday, works)[:2]] == ["Это первый", "В параллел"]
    programme.hours_week = 1
    assert assessment_warnings(monday, works) == [parallel.format("02.11.2026"), parallel.format("18.11.2026")]


def test_home_school_plans_tests_of_its_classes() -> None:
    place = scene(lessons=1)
    client = sign_in(Client(), place.staff(place.home, DutyKind.CURATOR))
    own, other = place.own[0].student.school_class, place.others[0].student.school_class
    url = reverse("school_test_list")
    day = date(2099, 11, 2).isoformat()
    data = {"school_class": own.pk, "date": day, "subject": "Алгебра"}
    assert [client.post(url, data).status_code, client.post(url, data).status_code] == [302, 422]
    assert client.post(url, {**data, "school_class": other.pk}).status_code == 422
    assert "Алгебра" in client.get(url).content.decode()
    remove = reverse("school_test_remove", args=[SchoolTest.objects.get().pk])
    assert sign_in(Client(), place.staff(place.other, DutyKind.DEPUTY)).post(remove).status_code == 404
    assert client.post(remove).status_code == 302
    assert SchoolTest.objects.count() == 0
