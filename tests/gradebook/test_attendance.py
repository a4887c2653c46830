"""Absences: told in advance, refined at home, signalled on the same day (6.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from enrollment.models import Enrolment
from gradebook import access
from gradebook.enums import AbsenceReason, AttendanceCode
from gradebook.models import AbsenceNotice, AbsenceRefinement, AbsenceSignal, Attendance, Lesson
from gradebook.selectors import tasks_for
from gradebook.selectors.absences import absence_rows
from gradebook.selectors.lessons import lesson_lines
from gradebook.services import attendance
from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.models import Notice
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import Agreement, GuardianLink
from tests.factories.courses import AcademicYearFactory, HolidayFactory
from tests.factories.enrollment import ConsentFactory
from tests.factories.gradebook import AttendanceFactory, Scene, scene, seal
from tests.factories.schools import DutyFactory, GuardianLinkFactory, acting_as, sign_in
from tests.gradebook.acts import cell_save

pytestmark = pytest.mark.django_db
#: Noon in Moscow on Thursday, 5 November 2026; the lessons are on the 2nd, a Monday, and the days after it.
AT = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)


def parent_of(place: Scene, number: int = 0) -> Acting:
    link = GuardianLink.objects.get(student=place.own[number].student)
    return Acting(link.user, Role.PARENT, on=AT.date())


def refine(absence: Attendance, who: Acting, *, code: AttendanceCode = AttendanceCode.ILL, **kwargs: object) -> str:
    """Refine an absence; return the words of a refusal."""
    values = {"basis": "справка № 5", "seen": AttendanceCode.ABSENT, "at": AT, **kwargs}
    try:
        attendance.absence_refine(actor=who, absence=absence, code=code, **values)  # type: ignore[arg-type]  # of each kind
    except RuleError as refusal:
        return refusal.message
    return ""


def tell(parent: Acting, place: Scene, first: date, last: date, reason: AbsenceReason = AbsenceReason.FAMILY) -> str:
    try:
        attendance.absence_tell(
            actor=parent, student=place.own[0].student, date_from=first, date_to=last, reason=reason, comment="К врачу",
            at=AT,
        )  # fmt: skip
    except RuleError as refusal:
        return refusal.message
    return ""


def test_home_refines_an_absence_by_a_paper_with_history_and_the_teacher_is_told() -> None:
    place = scene(own=1, others=1, lessons=1)
    absence = AttendanceFactory(lesson=place.lessons[0], enrolment=place.own[0])
    curator = place.staff(place.home, DutyKind.CURATOR)

    def waiting() -> list[str]:
        page = reverse("absence_list")
        return [task.title for task in tasks_for(curator, AT.date()) if task.url == page]

    assert waiting() == ["Уточнить причины 1 пропуска"]
    assert refine(absence, curator) == ""
    assert refine(absence, curator, code=AttendanceCode.EXCUSED, seen=AttendanceCode.ILL, basis="заявление") == ""
    steps = list(AbsenceRefinement.objects.values_list("before", "after", "basis", "refined_by"))
    assert steps == [
        ("absent", "ill", "справка № 5", curator.user_id),
        ("ill", "excused", "заявление", curator.user_id),
    ]
    events = list(Attendance.pgh_event_model.objects.order_by("pgh_id").values_list("code", flat=True))
    assert events == ["absent", "ill", "excused"]
    assert Notice.objects.filter(user=place.group.teacher.user).count() == 2
    assert waiting() == []


def test_refining_is_refused_late_sealed_stale_without_a_paper_and_over_the_teacher() -> None:
    place = scene(own=2, others=0, lessons=1)
    absence = AttendanceFactory(lesson=place.lessons[0], enrolment=place.own[0])
    by_teacher = AttendanceFactory(lesson=place.lessons[0], enrolment=place.own[1], code=AttendanceCode.EXCUSED)
    curator = place.staff(place.home, DutyKind.CURATOR)
    assert "не может быть пустым" in refine(absence, curator, basis=" ")
    assert "изменилась" in refine(absence, curator, seen=AttendanceCode.ILL)
    assert "назвал учитель" in refine(by_teacher, curator, seen=AttendanceCode.EXCUSED)
    assert "болезнь, уважительная" in refine(absence, curator, code=AttendanceCode.LATE)
    # five working days after 2 November 2026: the 3rd, 5th, 6th, 9th and 10th; the 4th is a public holiday
    last = datetime(2026, 11, 10, 20, 59, tzinfo=UTC)
    assert "Срок уточнения прошёл 10.11.2026" in refine(absence, curator, at=last + timedelta(minutes=1))
    assert refine(absence, curator, at=last) == ""
    seal(place)
    assert "закрыт" in refine(absence, curator, code=AttendanceCode.EXCUSED, seen=AttendanceCode.ILL, at=last)
    assert Attendance.objects.get(pk=absence.pk).code == AttendanceCode.ILL


def test_absences_are_seen_by_the_own_school_only_and_by_the_class_teacher_of_the_class() -> None:
    place = scene(own=2, others=1, lessons=1)
    mine, other, stranger = (
        AttendanceFactory(lesson=place.lessons[0], enrolment=one) for one in (*place.own, *place.others)
    )
    school_class = place.own[0].student.school_class
    duty = DutyFactory(organisation=place.home, kind=DutyKind.CLASS_TEACHER)
    type(school_class).objects.filter(pk=school_class.pk).update(class_teacher=duty)
    elsewhere = DutyFactory(organisation=place.home, kind=DutyKind.CLASS_TEACHER)
    people = {
        "curator": place.staff(place.home, DutyKind.CURATOR),
        "class": acting_as(duty),
        "other class": acting_as(elsewhere),
        "other school": place.staff(place.other, DutyKind.CURATOR),
        "teacher": place.teacher,
        "director": place.staff(place.home, DutyKind.DIRECTOR),
    }
    seen = {who: set(access.absences_for(acting).values_list("pk", flat=True)) for who, acting in people.items()}
    assert seen == {
        "curator": {mine.pk, other.pk}, "class": {mine.pk, other.pk}, "other class": set(),
        "other school": {stranger.pk}, "teacher": set(), "director": set(),
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_absences_takes_the_same_number_of_queries(count: int, django_assert_num_queries: object) -> None:
    place = scene(own=count, others=1, lessons=1)
    for one in (*place.own, *place.others):
        AttendanceFactory(lesson=place.lessons[0], enrolment=one)
    curator = place.staff(place.home, DutyKind.CURATOR)
    with django_assert_num_queries(3):  # type: ignore[operator]  # the fixture of pytest-django
        assert len(absence_rows(curator, AT.date())) == count


def test_family_tells_in_advance_the_teacher_sees_it_and_home_gets_a_proposal() -> None:
    place = scene(own=1, others=0, lessons=1)
    parent = parent_of(place)
    curator = place.staff(place.home, DutyKind.CURATOR)
    day = date(2026, 11, 6)
    type(place.lessons[0]).objects.filter(pk=place.lessons[0].pk).update(date=day)
    assert tell(parent, place, day, day, AbsenceReason.ILLNESS) == ""
    assert [notice.user for notice in Notice.objects.all()] == [curator.user]
    place.lessons[0].refresh_from_db()
    (line,) = lesson_lines(place.teacher, place.lessons[0])
    assert line.told is not None
    page = sign_in(Client(), place.teacher).get(reverse("lesson", args=[place.lessons[0].pk])).content.decode()
    assert ("семья предупредила: болезнь, по 06.11.2026" in page, "К врачу" in page) == (True, False)
    absence = AttendanceFactory(lesson=place.lessons[0], enrolment=place.own[0])
    (row,) = absence_rows(curator, day)
    assert row.proposal == (AttendanceCode.ILL, "сообщение родителя от 05.11.2026: болезнь")
    with time_machine.travel(AT + timedelta(days=1), tick=False):
        client = sign_in(Client(), curator)
        form = client.get(reverse("absence_refine", args=[absence.pk])).context["form"]
        assert form.initial["code"] == AttendanceCode.ILL
        client.post(reverse("absence_refine", args=[absence.pk]), form.initial)
    assert Attendance.objects.get().code == AttendanceCode.ILL


def test_family_tells_only_of_days_to_come_and_once_and_may_take_it_back() -> None:
    place = scene(own=1, others=0, lessons=0)
    parent = parent_of(place)
    day = AT.date()
    assert "уже прошёл" in tell(parent, place, day - timedelta(days=1), day)
    assert "раньше первого" in tell(parent, place, day, day - timedelta(days=1))
    assert "не больше чем о 60 днях" in tell(parent, place, day, day + timedelta(days=61))
    assert tell(parent, place, day, day + timedelta(days=1)) == ""
    assert "уже сообщено" in tell(parent, place, day + timedelta(days=1), day + timedelta(days=2))
    notice = AbsenceNotice.objects.get()
    stranger = sign_in(Client(), Acting(GuardianLinkFactory(organisation=place.home).user, Role.PARENT))
    with time_machine.travel(AT, tick=False):
        assert stranger.post(reverse("absence_withdraw", args=[notice.pk])).status_code == 404
        answer = stranger.post(
            reverse("absence_tell"),
            {"student": place.own[0].student_id, "date_from": day, "date_to": day, "reason": "other"},
        )
        assert answer.status_code == 422
    attendance.absence_withdraw(actor=parent, notice=notice, at=AT)
    with pytest.raises(StaleError):
        attendance.absence_withdraw(actor=parent, notice=notice, at=AT)
    assert tell(parent, place, day, day) == ""


def test_absence_is_signalled_once_on_the_same_day_and_corrected(mailoutbox: list[EmailMessage]) -> None:
    """By the bell and by a letter that tells day and hour alone: who and where stand behind the sign-in (L-2)."""
    place = scene(own=2, others=0, lessons=2)
    yesterday, today = place.lessons
    type(today).objects.filter(pk=today.pk).update(date=AT.date())
    parent = parent_of(place)
    curator = place.staff(place.home, DutyKind.CURATOR)
    what = f"{place.group.course}, 05.11.2026, 15:00"

    def save(value: str, seen: str, minute: int, lesson: Lesson = today) -> set[tuple[int, str]]:
        """Type a letter and let the worker do what it queued; return who was told what."""
        at = AT + timedelta(minutes=minute)
        cell_save(
            actor=place.teacher, group=place.group, lesson=lesson.pk, enrolment=place.own[0].pk, value=value, seen=seen,
            at=at,
        )  # fmt: skip
        with time_machine.travel(at, tick=False):
            for event in OutboxEvent.objects.filter(topic="absence.signal", done_at=None):
                deliver(event_id=event.pk, at=at)
            for letter in OutboxEvent.objects.filter(topic="absence.letter", done_at=None):
                deliver(event_id=letter.pk, at=at)
        told = set(Notice.objects.values_list("user", "text"))
        Notice.objects.all().delete()
        return told

    assert save("н", "", 0) == {
        (parent.user_id, f"{what}: ребёнка нет на занятии"), (curator.user_id, f"{what}: обучающийся отсутствует"),
    }  # fmt: skip
    letters = {letter.to[0]: letter for letter in mailoutbox}
    assert set(letters) == {parent.user.email, curator.user.email}
    assert {letter.subject for letter in mailoutbox} == {"Посещаемость занятия 05.11.2026, 15:00"}
    assert "ребёнка нет на занятии" in letters[parent.user.email].body
    assert f"/diary/?week={AT.date()}" in letters[parent.user.email].body
    assert f"/lessons/{today.pk}/" in letters[curator.user.email].body
    names = (place.own[0].student.last_name, str(place.group.course), place.group.name, str(place.host))
    assert not any(name in f"{letter.subject}{letter.body}" for name in names for letter in mailoutbox)
    assert save("б", "Н", 1) == set()
    assert save("оп5", "Б", 2) == {
        (parent.user_id, f"{what}: отметка об отсутствии снята, ребёнок на занятии"),
        (curator.user_id, f"{what}: отметка об отсутствии снята"),
    }
    assert save("н", "", 3, yesterday) == set()
    assert AbsenceSignal.objects.get().absent is False
    assert [letter.body.count("снята") for letter in mailoutbox] == [0, 0, 1, 1]
    attendance.absence_signal(lesson_id=today.pk, enrolment_id=place.own[0].pk, at=AT)
    assert (Notice.objects.count(), OutboxEvent.objects.filter(done_at=None).count()) == (0, 0)
    # a letter that the mail server took back until the journal said otherwise is not sent any more
    late = {"signal_id": AbsenceSignal.objects.get().pk, "user_id": parent.user_id, "family": True}
    assert (attendance.absence_letter_send(**late, absent=True), len(mailoutbox)) == (False, 4)
    # a curator whom the agreement does not let read the journal is told nothing (S4-5.8)
    Agreement.objects.filter(home=place.home).update(journal_readers=[Role.RESPONSIBLE])
    assert save("н", "ОП5", 4) == {(parent.user_id, f"{what}: ребёнка нет на занятии")}


def test_withdrawn_consent_stops_new_records_and_hides_the_familys_word_from_the_host() -> None:
    """I-4: the journal of earlier days stays."""
    place = scene(own=2, others=0, lessons=2)
    first, second = place.lessons
    type(second).objects.filter(pk=second.pk).update(date=AT.date())
    withdrawn = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
    ConsentFactory(student=place.own[0].student, operator=place.host, withdrawn_at=withdrawn)
    assert tell(parent_of(place), place, AT.date(), AT.date()) == ""

    def save(lesson: Lesson, number: int) -> str:
        try:
            return cell_save(
                actor=place.teacher, group=place.group, lesson=lesson.pk, enrolment=place.own[number].pk, value="5",
                seen="", at=AT,
            ).text  # fmt: skip
        except RuleError as refusal:
            return refusal.message

    assert [save(first, 0), save(second, 0), save(second, 1)] == [
        "5", "Согласие семьи отозвано: с 04.11.2026 новые записи об обучающемся не делаются.", "5",
    ]  # fmt: skip
    second.refresh_from_db()
    curator = place.staff(place.home, DutyKind.CURATOR)
    at_host, at_home = (lesson_lines(who, second)[0] for who in (place.teacher, curator))
    assert (at_host.told, at_home.told is not None, at_host.no_consent) == (None, True, date(2026, 11, 4))


def test_absence_of_a_pupil_whose_school_rests_is_refused() -> None:
    place = scene(own=1, others=1, lessons=1)
    year = AcademicYearFactory(organisation=place.home)
    HolidayFactory(academic_year=year, date_from=date(2026, 11, 2), date_to=date(2026, 11, 8))

    def save(value: str, enrolment: Enrolment) -> str:
        try:
            return cell_save(
                actor=place.teacher, group=place.group, lesson=place.lessons[0].pk, enrolment=enrolment.pk,
                value=value, seen="", at=AT,
            ).text  # fmt: skip
        except RuleError as refusal:
            return refusal.message

    assert "у его школы осенние каникулы" in save("н", place.own[0])
    assert (save("5", place.own[0]), save("н", place.others[0])) == ("5", "Н")
