"""Objections, requests, corrections К1, К2…, what stays closed meanwhile, who is told (3.8, 3.9, I-6)."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradebook.enums import (
    CORRECTION_TRANSITIONS,
    DISPUTE_TRANSITIONS,
    TRANSFER_TRANSITIONS,
    CorrectionState,
    DisputeState,
    TransferState,
)
from gradebook.models import Correction, MonthlyTransfer, TransferDispute
from gradebook.package import changes
from gradebook.selectors.months import Month
from gradebook.selectors.received import correction_cells, transfer_view
from gradebook.selectors.transfers import seal_rows
from gradebook.selectors.waiting import tasks_for
from gradebook.services import corrections, plan, transfers
from gradebook.services.correction_cells import cells_correct
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import can_move
from network_portal.documents.enums import DocumentState
from network_portal.notices.models import Notice
from schools.enums import DutyKind, Role
from tests.factories.gradebook import DECEMBER, LessonFactory, Scene, month_of_marks, scene, seal
from tests.factories.schools import GuardianLinkFactory, acting_as

pytestmark = pytest.mark.django_db
LATER = DECEMBER + timedelta(days=1)


def delivered(place: Scene) -> MonthlyTransfer:
    transfer = seal(place)
    transfers.transfer_deliver(transfer_id=transfer.pk, at=DECEMBER)
    transfer.refresh_from_db()
    return transfer


def write(place: Scene, correction: Correction, value: str, at: int = 0) -> None:
    cell = correction_cells(correction)[at]
    cells_correct(actor=place.teacher, correction=correction, wanted={(cell.lesson, cell.enrolment): value}, at=LATER)


def test_line_is_disputed_corrected_and_the_old_version_stays() -> None:
    """S1-4.9, 3.9: К1 says what was and what is; the family sees both dates."""
    place = scene()
    month_of_marks(place)
    parent = GuardianLinkFactory(student=place.own[0].student).user
    curator, deputy = place.staff(place.home, DutyKind.CURATOR), place.staff(place.host, DutyKind.DEPUTY)
    first = delivered(place)
    assert first.due_on == date(2026, 12, 10)
    pupil, neighbour = place.own
    raised = corrections.disputes_raise(
        actor=curator, transfer=first, reasons={pupil.pk: "12-го стояла пятёрка"}, at=DECEMBER
    )
    first.refresh_from_db()
    assert (first.state, raised[0].due_on) == (TransferState.DISPUTED, date(2026, 12, 10))
    with pytest.raises(StaleError):
        transfers.transfer_acknowledge(actor=curator, transfer=first, at=DECEMBER)
    with pytest.raises(StaleError, match="возражение уже отправлено"):
        corrections.disputes_raise(actor=curator, transfer=first, reasons={pupil.pk: "ещё"}, at=DECEMBER)
    assert [task.title for task in tasks_for(deputy, DECEMBER.date()) if "возражения" in task.title] == [
        "Ответить на возражения по ведомости №\u00a01"
    ]
    correction = corrections.dispute_accept(actor=deputy, dispute=raised[0], at=LATER)
    with pytest.raises(RuleError, match="ещё не изменены"):
        corrections.transfer_correct(actor=place.coordinator, transfer=first, at=LATER)
    write(place, correction, "5")
    second = corrections.transfer_correct(actor=place.coordinator, transfer=first, at=LATER)
    old, new = MonthlyTransfer.objects.order_by("version")
    assert (old.state, old.payload, new.version, new.corrects_id) == (
        TransferState.CORRECTED, first.payload, 1, first.pk
    )  # fmt: skip
    assert (old.document.state, new.document.number, second.label) == (DocumentState.REPLACED, 2, "№\u00a02-К1")
    said = json.loads(new.payload)["correction"]
    assert (said["number"], said["sha256"], said["basis"]) == (1, old.sha256, "Возражение школы: 12-го стояла пятёрка")
    assert [(row["date"], row["before"], row["after"]) for row in said["changes"]] == [("2026-11-02", "4 ОП", "5")]
    assert (TransferDispute.objects.get().state, Correction.objects.get().state) == (
        DisputeState.CORRECTED,
        CorrectionState.DONE,
    )
    transfers.transfer_deliver(transfer_id=new.pk, at=LATER)
    family = acting_as(parent, Role.PARENT)
    seen = transfer_view(family, MonthlyTransfer.objects.visible_to(family).get(pk=new.pk))
    assert [line.line["last_name"] for line in seen.lines] == [pupil.student.last_name]
    assert [(change.before, change.after) for change in seen.changes] == [("4 ОП", "5")]
    assert [one.sealed_at for one in seen.versions] == [DECEMBER, LATER]
    assert Notice.objects.filter(user=parent, text__startswith="Исправлена запись").count() == 1
    transfers.transfer_acknowledge(actor=curator, transfer=new, at=LATER)
    assert neighbour.pk not in {
        change.enrolment for change in changes(json.loads(old.payload), json.loads(new.payload))
    }


def test_objection_is_rejected_with_a_reason_and_the_school_acknowledges_after_all() -> None:
    place = scene()
    month_of_marks(place)
    curator, deputy = place.staff(place.home, DutyKind.CURATOR), place.staff(place.host, DutyKind.DEPUTY)
    transfer = delivered(place)
    reasons = {one.pk: "не согласны" for one in place.own}
    first, second = corrections.disputes_raise(actor=curator, transfer=transfer, reasons=reasons, at=DECEMBER)
    with pytest.raises(RuleError, match="почему запись верна"):
        corrections.dispute_reject(actor=deputy, dispute=first, answer=" ", at=LATER)
    corrections.dispute_reject(actor=deputy, dispute=first, answer="Работа сдана позже", at=LATER)
    transfer.refresh_from_db()
    assert transfer.state == TransferState.DISPUTED
    correction = corrections.dispute_accept(actor=deputy, dispute=second, at=LATER)
    corrections.correction_close(actor=deputy, correction=correction, at=LATER)
    second.refresh_from_db()
    assert second.state == DisputeState.OPEN
    corrections.dispute_reject(actor=deputy, dispute=second, answer="Проверено по работе", at=LATER)
    transfer.refresh_from_db()
    assert transfer.state == TransferState.REVIEWED
    with pytest.raises(StaleError):
        corrections.dispute_reject(actor=deputy, dispute=second, answer="ещё раз", at=LATER)
    transfers.transfer_acknowledge(actor=curator, transfer=transfer, at=LATER)
    assert MonthlyTransfer.objects.get().state == TransferState.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("reasons", "words"), [({}, "Отметьте строку"), ({0: " "}, "что в строке"), ({-1: "а"}, "нет такой")]
)
def test_objection_that_says_nothing_is_refused(reasons: dict[int, str], words: str) -> None:
    place = scene(own=1, others=0)
    transfer = delivered(place)
    with pytest.raises(RuleError, match=words):
        corrections.disputes_raise(
            actor=place.staff(place.home, DutyKind.CURATOR),
            transfer=transfer,
            reasons={place.own[0].pk if key == 0 else key: text for key, text in reasons.items()},
            at=DECEMBER,
        )


def test_request_opens_the_named_cell_alone_and_the_next_month_waits_for_it() -> None:
    """3.8: request of the teacher, approval of the deputy, the named cell open; triggers guard every other path."""
    place = scene()
    month_of_marks(place)
    teacher, deputy = place.teacher, place.staff(place.host, DutyKind.DEPUTY)
    transfer = delivered(place)
    pupil, lesson = place.own[0], place.lessons[0]
    with pytest.raises(RuleError, match="нет такой записи"):
        corrections.correction_request(
            actor=teacher, transfer=transfer, cells=[(lesson.pk, place.others[0].pk)], reason="ошибка", at=DECEMBER
        )
    correction = corrections.correction_request(
        actor=teacher, transfer=transfer, cells=[(lesson.pk, pupil.pk)], reason="Перепутаны работы", at=DECEMBER
    )
    with pytest.raises(StaleError, match="уже закрыты"):
        write(place, correction, "5")
    corrections.correction_approve(actor=deputy, correction=correction, at=DECEMBER)
    write(place, correction, "5")
    for table, wrong in (("gradebook_mark", "value = 2"), ("gradebook_attendance", "code = 'ill'")):
        with pytest.raises(IntegrityError, match="Месяц закрыт"), transaction.atomic():
            connection.cursor().execute(f"UPDATE {table} SET {wrong} WHERE enrolment_id = {place.own[1].pk}")
    with pytest.raises(IntegrityError, match="Месяц закрыт"), transaction.atomic():
        connection.cursor().execute(f"UPDATE gradebook_lesson SET topic = 'иначе' WHERE id = {lesson.pk}")
    LessonFactory(group=place.group, date=date(2026, 12, 1), held=True)
    january = DECEMBER + timedelta(days=31)
    (row,) = [row for row in seal_rows(place.host.pk, [Month(2026, 12)], at=january) if row.home == place.home]
    assert [(one.text, one.url) for one in row.blockers] == [
        ("не завершено исправление ведомости №\u00a01 за ноябрь 2026\u00a0г.", f"/corrections/{correction.pk}/")
    ]
    with pytest.raises(RuleError, match="уже изменены"):
        corrections.correction_close(actor=deputy, correction=correction, at=LATER)
    new = corrections.transfer_correct(actor=deputy, transfer=transfer, at=LATER)
    with pytest.raises(StaleError):
        write(place, correction, "2")
    with pytest.raises(StaleError, match="исправила новая"):
        corrections.correction_request(
            actor=teacher, transfer=transfer, cells=[(lesson.pk, pupil.pk)], reason="ещё", at=LATER
        )
    assert (row.group.pk, new.version) == (place.group.pk, 1)


def test_refused_request_opens_nothing() -> None:
    place = scene(own=1, others=0)
    deputy = place.staff(place.host, DutyKind.DEPUTY)
    transfer = delivered(place)
    correction = corrections.correction_request(
        actor=place.teacher,
        transfer=transfer,
        cells=[(place.lessons[0].pk, place.own[0].pk)],
        reason="ошибка",
        at=DECEMBER,
    )
    with pytest.raises(RuleError, match="почему запись не исправляется"):
        corrections.correction_refuse(actor=deputy, correction=correction, reason="", at=LATER)
    corrections.correction_refuse(actor=deputy, correction=correction, reason="Основания нет", at=LATER)
    with pytest.raises(StaleError):
        corrections.correction_approve(actor=deputy, correction=correction, at=LATER)


def test_overdue_answer_is_on_the_pages_of_both_schools() -> None:
    place = scene(own=1, others=0)
    director, curator = place.staff(place.host, DutyKind.DIRECTOR), place.staff(place.home, DutyKind.CURATOR)
    delivered(place)
    late = date(2026, 12, 11)
    for person in (director, curator):
        due = [task.due for task in tasks_for(person, late) if "ведомости №" in task.title]
        assert due == [date(2026, 12, 10)]
    assert [task for task in tasks_for(director, date(2026, 12, 10)) if "ведомости №" in task.title] == []


def test_directors_of_both_schools_are_told_once_a_week_what_is_late() -> None:
    place = scene(own=1, others=0)
    host, home = place.staff(place.host, DutyKind.DIRECTOR), place.staff(place.home, DutyKind.DIRECTOR)
    delivered(place)
    at = DECEMBER + timedelta(days=9)
    assert [plan.overdue_tell(at=at), plan.overdue_tell(at=at + timedelta(hours=1))] == [2, 0]
    told = {notice.user_id: notice.text for notice in Notice.objects.filter(text__startswith="Просрочено")}
    assert told == {
        host.user_id: "Просрочено по ведомостям: не передано ведомостей: 2, не подтвердили другие школы: 1",
        home.user_id: "Просрочено по ведомостям: не пришло ведомостей: 2, не подтверждено получение: 1",
    }


TABLES = (
    (TransferState, TRANSFER_TRANSITIONS, MonthlyTransfer),
    (DisputeState, DISPUTE_TRANSITIONS, TransferDispute),
    (CorrectionState, CORRECTION_TRANSITIONS, Correction),
)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_way_through_the_states_leaves_the_table(data: st.DataObject) -> None:
    """3.9: whatever is tried in whatever order, only the table's steps are taken and ends stay ends."""
    states, table, model = data.draw(st.sampled_from(TABLES))
    obj = model(state=next(iter(states)))
    for wanted in data.draw(st.lists(st.sampled_from(list(states)), max_size=8)):
        allowed = wanted in table[states(obj.state)]
        assert can_move(obj, wanted) == allowed
        if allowed:
            obj = model(state=wanted)


def test_database_refuses_a_step_that_the_table_does_not_have() -> None:
    transfer = delivered(scene(own=1, others=0))
    with pytest.raises(InternalError), transaction.atomic():
        MonthlyTransfer.objects.filter(pk=transfer.pk).update(state=TransferState.SEALED)
