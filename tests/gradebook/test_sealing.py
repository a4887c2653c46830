"""The seal: what a sealed month holds, what stands in its way, what the database keeps closed (3.9, S1-4.9, I-6)."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.enums import WorkType
from enrollment.models import Enrolment
from gradebook.documents import TransferSheet
from gradebook.enums import AttendanceCode, LessonState, MarkValue, TransferState
from gradebook.models import Attendance, Lesson, MonthlyTransfer, Work
from gradebook.selectors.months import Month
from gradebook.selectors.transfers import package_of, seal_rows
from gradebook.services import sealing
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.kinds import canonical, content_of
from network_portal.outbox.models import OutboxEvent
from schools.enums import AgreementState
from schools.models import Agreement, Student
from tests.factories.courses import HolidayFactory
from tests.factories.gradebook import (
    DECEMBER,
    LessonFactory,
    MarkFactory,
    month_of_marks,
    scene,
    seal,
)
from tests.gradebook.acts import work

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


def test_sealed_package_holds_the_month_of_one_home_school() -> None:
    place = scene()
    month_of_marks(place)
    transfer = seal(place)
    content = json.loads(transfer.payload)
    assert [line["last_name"] for line in content["lines"]] == ["Седьмова", "Седьмовб"]
    line = content["lines"][0]
    assert [(mark["value"], mark["date"], mark["work_type"], mark["weight"]) for mark in line["marks"]] == [
        (4, "2026-11-02", "answer", "1"),
        (5, "2026-11-03", "independent", "2"),
        (3, "2026-11-04", "test", "3"),
    ]
    assert (line["mean"], line["late"]) == ("3.83", 1)
    assert line["absences"] == {"absent": 0, "ill": 1, "excused": 0, "unexcused": 0}
    assert (content["lessons"]["planned"], len(content["lessons"]["held"])) == (3, 3)
    assert "Двенадцатов" not in transfer.payload
    assert str(place.other) not in transfer.payload


def test_hash_is_of_the_canonical_json() -> None:
    transfer = seal(scene())
    assert transfer.sha256 == hashlib.sha256(transfer.payload.encode()).hexdigest()
    assert canonical(json.loads(transfer.payload)) == transfer.payload
    assert transfer.document.versions.get().content.count(transfer.sha256) == 1


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=5),
        st.integers() | st.text(max_size=9) | st.decimals(allow_nan=False, allow_infinity=False),
        max_size=6,
    ),
    st.randoms(),
)
def test_canonical_json_does_not_depend_on_order(content: dict[str, Any], shuffled: random.Random) -> None:
    items = list(content.items())
    shuffled.shuffle(items)
    text = canonical(dict(items))
    assert text == canonical(content)
    assert canonical(json.loads(text)) == text


def test_numbers_of_the_register_go_on_without_gaps() -> None:
    place = scene()
    assert [seal(place).document.number, seal(place, place.other).document.number] == [1, 2]


def test_second_seal_is_told_the_number() -> None:
    place = scene()
    seal(place)
    with pytest.raises(StaleError, match="уже закрыт ведомостью №\u00a01 от"):
        seal(place)


def test_what_blocks_the_seal_is_named_with_a_link() -> None:
    place = scene()
    first, second, third = place.lessons
    Lesson.objects.filter(pk=first.pk).update(attendance_confirmed_at=None)
    Lesson.objects.filter(pk=second.pk).update(state=LessonState.PLANNED, attendance_confirmed_at=None)
    Lesson.objects.filter(pk=third.pk).update(state=LessonState.CANCELLED, cancel_reason="карантин")
    rows = seal_rows(place.host.pk, [NOVEMBER], at=DECEMBER)
    assert [(row.home, row.pupils, row.planned, row.held, row.ready) for row in rows] == [
        (place.other, 1, 3, 1, False),
        (place.home, 2, 3, 1, False),
    ]
    assert [(blocker.text, blocker.url) for blocker in rows[0].blockers] == [
        ("02.11.2026: не отмечена посещаемость", f"/lessons/{first.pk}/"),
        ("03.11.2026: занятие не заполнено и не отменено", f"/lessons/{second.pk}/"),
    ]
    with pytest.raises(RuleError, match="не отмечена посещаемость"):
        seal(place)


def test_month_that_is_not_over_is_sealed_only_after_its_last_lesson() -> None:
    place = scene()
    ahead = LessonFactory(group=place.group, date=date(2026, 11, 27))
    early = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with pytest.raises(RuleError, match="впереди 1 занятие, последнее 27"):
        seal(place, at=early)
    Lesson.objects.filter(pk=ahead.pk).update(state=LessonState.CANCELLED, cancel_reason="конкурс")
    assert seal(place, at=early).document.number == 1


def test_month_without_lessons_is_not_sealed_before_its_end() -> None:
    place = scene(lessons=0)
    with pytest.raises(RuleError, match="месяц ещё не закончился"):
        seal(place, at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC))


@pytest.mark.parametrize("how", ["holidays", "cancelled", "nothing"])
def test_month_without_lessons_is_sealed_with_the_reason(how: str) -> None:
    place = scene(lessons=1 if how == "cancelled" else 0)
    Lesson.objects.update(state=LessonState.CANCELLED, cancel_reason="карантин", attendance_confirmed_at=None)
    if how == "holidays":
        HolidayFactory(academic_year=place.host.academic_years.get())
    content = json.loads(seal(place).payload)
    assert (
        content["no_lessons_reason"]
        == {
            "holidays": "осенние каникулы",
            "cancelled": "занятия отменены: карантин",
            "nothing": "занятий по расписанию не было",
        }[how]
    )
    assert [line["mean"] for line in content["lines"]] == [None, None]


def test_many_months_are_sealed_at_once_as_they_are_one_by_one() -> None:
    """The database writes canonical JSON itself: it equals Python's, whatever stands in names, marks and topics."""
    place = scene()
    month_of_marks(place)
    odd = 'Ёж"ик\\ов\t\x1f\u2028😀</script>'
    Student.objects.filter(pk=place.own[0].student_id).update(last_name=odd, patronymic="")
    Lesson.objects.filter(pk=place.lessons[0].pk).update(topic='"lines":"@"\\u0000', homework="\n")
    second = Work.objects.create(lesson=place.lessons[0], no=2)
    MarkFactory(work=second, lesson=None, enrolment=place.own[0], value=MarkValue.PASS)
    Attendance.objects.filter(code=AttendanceCode.LATE).update(minutes_late=7)
    Enrolment.objects.filter(pk=place.own[1].pk).update(date_to=date(2026, 11, 3))
    homes = (place.home, place.other)
    expected = [{**package_of(place.group, home, NOVEMBER), "sealed_at": DECEMBER} for home in homes]
    rows = [row for row in seal_rows(place.host.pk, [NOVEMBER], at=DECEMBER) if row.ready]
    actor = place.coordinator
    assert sealing.transfers_seal_all(actor=actor, rows=rows, at=DECEMBER) == (2, [])
    for home, package in zip(homes, expected, strict=True):
        transfer = MonthlyTransfer.objects.get(home=home)
        content = json.loads(transfer.payload)
        assert transfer.payload == canonical(content) == canonical(package)
        assert transfer.sha256 == hashlib.sha256(transfer.payload.encode()).hexdigest()
        sheet = TransferSheet(
            package=content, sha256=transfer.sha256, sealed_by=f"{actor.capacity}, {actor.user.short_name}"
        )
        assert transfer.document.versions.get().content == content_of(sheet)
    line = expected[0]["lines"][[one["last_name"] for one in expected[0]["lines"]].index(odd)]
    assert [(mark["value"], mark["work"]) for mark in line["marks"]] == [(4, 1), ("зач", 2), (5, 1), (3, 1)]
    assert (line["mean"], line["attendance"][0]["minutes"]) == ("3.83", 7)
    assert sorted(MonthlyTransfer.objects.values_list("document__number", flat=True)) == [1, 2]
    assert OutboxEvent.objects.filter(topic="transfer.deliver").count() == 2
    work("transfer.deliver")
    assert set(MonthlyTransfer.objects.values_list("state", flat=True)) == {TransferState.DELIVERED}
    done, refused = sealing.transfers_seal_all(actor=actor, rows=rows, at=DECEMBER)
    assert (done, len(refused), "уже закрыт ведомостью №\u00a0" in refused[0]) == (0, 2, True)


def test_school_without_pupils_in_the_group_is_not_sealed() -> None:
    place = scene()
    with pytest.raises(RuleError, match="не было обучающихся"):
        seal(place, place.host)


def test_sealed_content_never_changes() -> None:
    transfer = seal(scene())
    for attempt in (
        lambda: MonthlyTransfer.objects.update(payload="{}"),
        lambda: MonthlyTransfer.objects.update(sha256="0" * 64),
        lambda: MonthlyTransfer.objects.update(month=10),
        lambda: MonthlyTransfer.objects.all().delete(),
        lambda: connection.cursor().execute("DELETE FROM gradebook_monthlytransfer"),
    ):
        with pytest.raises(Exception, match=r"content_is_final|is_kept|restrict|protect"), transaction.atomic():
            attempt()
    assert MonthlyTransfer.objects.get().payload == transfer.payload


def test_weight_of_a_test_is_three() -> None:
    place = scene(own=1, others=0)
    Work.objects.filter(lesson=place.lessons[0]).update(kind=WorkType.TEST)
    MarkFactory(lesson=place.lessons[0], enrolment=place.own[0], value=2)
    MarkFactory(lesson=place.lessons[1], enrolment=place.own[0], value=5)
    assert json.loads(seal(place).payload)["lines"][0]["mean"] == "2.75"


# --- the agreement (3.2) ------------------------------------------------------------------------------------------


def test_month_is_not_handed_over_under_a_suspended_agreement() -> None:
    place = scene(lessons=1)
    Agreement.objects.filter(home=place.home).update(state=AgreementState.SUSPENDED)
    with pytest.raises(RuleError, match="приостановлен"):
        seal(place)


def test_month_within_the_term_of_an_agreement_that_has_ended_is_handed_over() -> None:
    place = scene(lessons=1)
    Agreement.objects.filter(home=place.home).update(state=AgreementState.ENDED, date_to=date(2026, 11, 10))
    assert seal(place).home == place.home


def test_month_after_the_agreement_is_not_handed_over() -> None:
    place = scene(lessons=1)
    Agreement.objects.filter(home=place.home).update(date_to=date(2026, 10, 31))
    with pytest.raises(RuleError, match="не действовал"):
        seal(place)
