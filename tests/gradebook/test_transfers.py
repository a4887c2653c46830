"""Sealing, delivery, receipt, push and the plan of the beat."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.enums import WorkType
from enrollment.models import Enrolment
from gradebook import handlers
from gradebook.documents import TransferSheet
from gradebook.enums import AttendanceCode, LessonState, MarkValue, PushState, TransferState
from gradebook.models import Attendance, Lesson, Mark, MonthlyTransfer, PushEndpoint, TransferPush, Work
from gradebook.selectors.months import Month
from gradebook.selectors.transfers import package_of, seal_rows
from gradebook.services import journal, plan, pushes, sealing, transfers
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.kinds import canonical, content_of
from network_portal.notices.models import Notice
from network_portal.outbox import sender
from network_portal.outbox.handlers import Permanent, Temporary
from network_portal.outbox.models import OutboxEvent, PeriodicRun
from network_portal.outbox.services import deliver, retry
from schools.enums import AgreementState, DutyKind
from schools.models import Agreement, Student
from tests.factories.courses import HolidayFactory
from tests.factories.gradebook import (
    DECEMBER,
    LessonFactory,
    MarkFactory,
    PushEndpointFactory,
    month_of_marks,
    scene,
    seal,
)

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


def work(topic: str, at: datetime = DECEMBER) -> None:
    """Do the events of a topic as a worker would."""
    for event in OutboxEvent.objects.filter(topic=topic):
        deliver(event_id=event.pk, at=at)


# --- the seal -----------------------------------------------------------------------------------------------------


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


# --- delivery and receipt -----------------------------------------------------------------------------------------


def test_transfer_reaches_the_inbox_once_and_is_acknowledged() -> None:
    place = scene()
    curator = place.staff(place.home, DutyKind.CURATOR)
    stranger = place.staff(place.other, DutyKind.CURATOR)
    transfer = seal(place)
    assert list(MonthlyTransfer.objects.visible_to(curator)) == []
    work("transfer.deliver")
    work("transfer.deliver", DECEMBER + timedelta(hours=1))
    assert list(MonthlyTransfer.objects.visible_to(curator)) == [transfer]
    assert list(MonthlyTransfer.objects.visible_to(stranger)) == []
    assert [notice.user for notice in Notice.objects.all()] == [curator.user]
    transfers.transfer_acknowledge(actor=curator, transfer=transfer, at=DECEMBER)
    with pytest.raises(StaleError):
        transfers.transfer_acknowledge(actor=curator, transfer=transfer, at=DECEMBER)
    assert MonthlyTransfer.objects.get().state == TransferState.ACKNOWLEDGED


# --- the push -----------------------------------------------------------------------------------------------------


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes, dict[str, str]]]:
    """Take what is pushed instead of sending it; an exception put into `answers` is what the receiver does."""
    taken: list[tuple[str, bytes, dict[str, str]]] = []
    monkeypatch.setattr(sender, "post", lambda url, body, headers: taken.append((url, body, headers)))
    return taken


def test_push_holds_the_sealed_bytes_under_an_id_that_stays(posts: list[Any]) -> None:
    place = scene()
    PushEndpointFactory(organisation=place.home)
    transfer = seal(place)
    work("transfer.push")
    ((url, body, headers),) = posts
    message = json.loads(body)
    assert url == "https://journal.school.example/webhook"
    assert (message["type"], message["number"], message["sha256"]) == ("transfer.sealed", 1, transfer.sha256)
    assert canonical(message["data"]) == transfer.payload
    assert headers["webhook-id"] == handlers.message_id(f"transfer:{transfer.pk}:push")
    assert TransferPush.objects.get().state == PushState.DELIVERED


def test_push_of_another_school_is_not_made() -> None:
    place = scene()
    PushEndpointFactory(organisation=place.other)
    seal(place)
    assert (TransferPush.objects.count(), OutboxEvent.objects.filter(topic="transfer.push").count()) == (0, 0)


def test_push_refused_is_parked_told_and_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    place = scene()
    coordinator, responsible = place.coordinator, place.staff(place.home, DutyKind.RESPONSIBLE)
    PushEndpointFactory(organisation=place.home)
    transfer = seal(place)

    def refuse(url: str, body: bytes, headers: dict[str, str]) -> None:
        raise Permanent("Сервер отказался принять ведомость (код 410).")

    monkeypatch.setattr(sender, "post", refuse)
    work("transfer.push")
    push = TransferPush.objects.get()
    assert (push.state, push.reason) == (PushState.PARKED, "Сервер отказался принять ведомость (код 410).")
    told = {notice.user for notice in Notice.objects.all()}
    assert {coordinator.user, responsible.user} <= told
    ids: list[str] = []
    monkeypatch.setattr(sender, "post", lambda url, body, headers: ids.append(headers["webhook-id"]))
    pushes.transfer_push_retry(actor=responsible, transfer=transfer, at=DECEMBER)
    work("transfer.push")
    assert ids == [handlers.message_id(f"transfer:{transfer.pk}:push")]
    assert TransferPush.objects.get().state == PushState.DELIVERED
    with pytest.raises(StaleError):
        pushes.transfer_push_retry(actor=responsible, transfer=transfer, at=DECEMBER)


def test_push_that_fails_for_a_while_waits_and_is_parked_after_bounded_attempts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = scene()
    PushEndpointFactory(organisation=place.home)
    seal(place)

    def fail(url: str, body: bytes, headers: dict[str, str]) -> None:
        raise Temporary("Сервер ответил кодом 500.")

    monkeypatch.setattr(sender, "post", fail)
    at = DECEMBER
    for _ in range(12):
        assert TransferPush.objects.get().state == PushState.WAITING
        at = max(at, OutboxEvent.objects.get(topic="transfer.push").available_at)
        work("transfer.push", at)
    assert TransferPush.objects.get().reason == "Сервер ответил кодом 500. Попыток: 12."


def test_push_that_the_administrator_takes_up_again_ends_as_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    place = scene()
    PushEndpointFactory(organisation=place.home)
    transfer = seal(place)

    def refuse(url: str, body: bytes, headers: dict[str, str]) -> None:
        raise Permanent("Сервер отказался принять ведомость (код 410).")

    monkeypatch.setattr(sender, "post", refuse)
    work("transfer.push")
    monkeypatch.setattr(sender, "post", lambda url, body, headers: None)
    retry(key=f"transfer:{transfer.pk}:push", at=DECEMBER)
    work("transfer.push")
    assert TransferPush.objects.get().state == PushState.DELIVERED
    assert OutboxEvent.objects.get(topic="transfer.push").dead_at is None


def test_push_after_the_address_was_removed_is_parked() -> None:
    place = scene()
    PushEndpointFactory(organisation=place.home)
    seal(place)
    PushEndpoint.objects.all().delete()
    work("transfer.push")
    assert TransferPush.objects.get().reason == "Школа удалила адрес внешней системы."


# --- without a person ---------------------------------------------------------------------------------------------


def test_plan_seals_what_is_due_once_and_heals_missed_months() -> None:
    place = scene(auto_transfer=True)
    coordinator = place.coordinator
    LessonFactory(group=place.group, date=date(2026, 10, 5))
    for _ in range(2):
        plan.transfers_plan(at=DECEMBER)
    assert sorted(OutboxEvent.objects.filter(topic="transfer.seal").values_list("key", flat=True)) == sorted(
        f"seal:{place.group.pk}:{home.pk}:{month}"
        for home in (place.home, place.other)
        for month in ("2026-09", "2026-11")
    )
    assert PeriodicRun.objects.filter(job="transfer.blocked").count() == 2
    told = Notice.objects.filter(user=coordinator.user, text__contains="октябрь")
    assert [notice.text for notice in told] == [
        "Ведомость не запечатана: Ф-1, октябрь 2026\u00a0г.: 05.10.2026: занятие не заполнено и не отменено"
    ] * 2
    work("transfer.seal")
    work("transfer.seal")
    sealed = set(MonthlyTransfer.objects.values_list("home", "month"))
    assert sealed == {(home.pk, month) for home in (place.home, place.other) for month in (9, 11)}
    assert set(MonthlyTransfer.objects.values_list("sealed_by", flat=True)) == {None}


def test_plan_waits_for_the_day_of_the_network_and_for_its_wish() -> None:
    place = scene(auto_transfer=True, transfer_day=5)
    plan.transfers_plan(at=DECEMBER)
    assert set(OutboxEvent.objects.values_list("payload__month", flat=True)) == {9, 10}
    OutboxEvent.objects.all().delete()
    type(place.group.course.network).objects.update(auto_transfer=False)
    plan.transfers_plan(at=DECEMBER)
    assert OutboxEvent.objects.count() == 0


def test_clock_change_at_the_end_of_october_does_not_move_the_day_of_the_network() -> None:
    """Clocks go back on 25 October: half past nine in the evening of the 2nd by UTC is not yet the 3rd there."""
    place = scene(auto_transfer=True, lessons=0, time_zone="Europe/Chisinau")
    for day in (24, 25, 26):
        LessonFactory(group=place.group, date=date(2026, 10, day), held=True)
    plan.transfers_plan(at=datetime(2026, 11, 2, 21, 30, tzinfo=UTC))
    assert 10 not in OutboxEvent.objects.values_list("payload__month", flat=True)
    plan.transfers_plan(at=datetime(2026, 11, 2, 22, 0, tzinfo=UTC))
    assert OutboxEvent.objects.filter(payload__month=10).count() == 2
    work("transfer.seal", datetime(2026, 11, 3, 9, 0, tzinfo=UTC))
    content = json.loads(MonthlyTransfer.objects.get(home=place.home, month=10).payload)
    assert [lesson["date"] for lesson in content["lessons"]["held"]] == ["2026-10-24", "2026-10-25", "2026-10-26"]


def test_plan_of_january_looks_back_into_the_year_before() -> None:
    scene(auto_transfer=True)
    plan.transfers_plan(at=datetime(2027, 1, 10, 9, 0, tzinfo=UTC))
    assert set(OutboxEvent.objects.values_list("payload__year", "payload__month")) == {
        (2026, 10),
        (2026, 11),
        (2026, 12),
    }


def test_seal_that_got_blocked_meanwhile_is_tried_again() -> None:
    place = scene(auto_transfer=True, own=1, others=0)
    plan.transfers_plan(at=DECEMBER)
    Lesson.objects.update(attendance_confirmed_at=None)
    event = OutboxEvent.objects.get(key=f"seal:{place.group.pk}:{place.home.pk}:2026-11")
    deliver(event_id=event.pk, at=DECEMBER)
    event.refresh_from_db()
    assert (event.done_at, event.dead_at, event.available_at > DECEMBER) == (None, None, True)


# --- races --------------------------------------------------------------------------------------------------------


def run_together(*acts: Any) -> list[Any]:
    """Run the acts in threads of their own; return what each gave or raised."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int) -> None:
        start.wait()
        try:
            results[place] = acts[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_double_seal_at_once_gives_one_paper() -> None:
    place = scene()
    coordinator = place.coordinator

    def act() -> MonthlyTransfer:
        return transfers.transfer_seal(
            actor=coordinator, group=place.group, home=place.home, year=2026, month=11, at=DECEMBER
        )

    results = run_together(act, act)
    assert sorted(type(result).__name__ for result in results) == ["AlreadySealedError", "MonthlyTransfer"]
    assert list(MonthlyTransfer.objects.values_list("document__number", flat=True)) == [1]


@pytest.mark.django_db(transaction=True)
def test_mark_written_while_sealing_is_inside_or_refused() -> None:
    place = scene(own=12, others=0)
    coordinator, teacher = place.coordinator, place.teacher

    def mark(place_in_list: int) -> Any:
        return lambda: journal.cell_save(
            actor=teacher,
            group=place.group,
            lesson=place.lessons[place_in_list % 3].pk,
            enrolment=place.own[place_in_list].pk,
            value="5",
            seen="",
            at=DECEMBER,
        )

    def act() -> MonthlyTransfer:
        return transfers.transfer_seal(
            actor=coordinator, group=place.group, home=place.home, year=2026, month=11, at=DECEMBER
        )

    results = run_together(*(mark(number) for number in range(6)), act, *(mark(number) for number in range(6, 12)))
    transfer = MonthlyTransfer.objects.get()
    refused = [result for result in results if isinstance(result, Exception)]
    assert {type(result) for result in refused} <= {RuleError}
    inside = {
        (mark["lesson"], line["enrolment"]) for line in json.loads(transfer.payload)["lines"] for mark in line["marks"]
    }
    assert inside == set(Mark.objects.values_list("work__lesson", "enrolment"))
    assert len(inside) + len(refused) == 12


@pytest.mark.django_db(transaction=True)
def test_open_transaction_with_a_mark_makes_the_seal_wait_for_it() -> None:
    place = scene(own=1, others=0)
    coordinator = place.coordinator
    sealed: list[MonthlyTransfer] = []

    def act() -> None:
        sealed.append(
            transfers.transfer_seal(
                actor=coordinator, group=place.group, home=place.home, year=2026, month=11, at=DECEMBER
            )
        )
        connection.close()

    thread = threading.Thread(target=act)
    with transaction.atomic():
        MarkFactory(lesson=place.lessons[0], enrolment=place.own[0], value=2)
        thread.start()
        thread.join(0.7)
        assert sealed == []
    thread.join(10)
    assert json.loads(sealed[0].payload)["lines"][0]["mean"] == str(Decimal("2.00"))
    with pytest.raises(IntegrityError):
        Mark.objects.update(value=5)


@pytest.mark.django_db(transaction=True)
def test_two_teachers_on_one_cell_the_second_is_told() -> None:
    place = scene(own=1, others=0)
    teacher = place.teacher

    def act(value: str) -> Any:
        return lambda: journal.cell_save(
            actor=teacher,
            group=place.group,
            lesson=place.lessons[0].pk,
            enrolment=place.own[0].pk,
            value=value,
            seen="",
            at=DECEMBER,
        )

    results = run_together(act("4"), act("5"))
    assert sorted(type(result).__name__ for result in results) == ["CellConflictError", "Saved"]
    assert [str(value) for value in Mark.objects.values_list("value", flat=True)] == [
        next(result.text for result in results if isinstance(result, journal.Saved))
    ]


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
