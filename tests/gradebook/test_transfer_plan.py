"""Sealing without a person: what is due, what was missed, what stands in the way (3.9)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gradebook.models import Lesson, MonthlyTransfer
from gradebook.services import plan
from network_portal.notices.models import Notice
from network_portal.outbox.models import OutboxEvent, PeriodicRun
from tests.factories.courses import StudyGroupFactory
from tests.factories.gradebook import DECEMBER, LessonFactory, pupils, scene
from tests.gradebook.acts import work

pytestmark = pytest.mark.django_db


def test_plan_seals_what_is_due_once_and_heals_missed_months() -> None:
    place = scene(auto_transfer=True)
    coordinator = place.coordinator
    LessonFactory(group=place.group, date=date(2026, 10, 5))
    for _ in range(2):
        plan.transfers_plan(at=DECEMBER)
    queued = OutboxEvent.objects.filter(topic="transfer.seal").order_by("key").values_list("key", "payload__pairs")
    pairs = [[place.group.pk, home.pk] for home in (place.home, place.other)]
    assert [(key, sorted(found)) for key, found in queued] == [
        (f"seal:{place.host.pk}:{month}:2026120309:0", sorted(pairs)) for month in ("2026-09", "2026-11")
    ]
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
    assert OutboxEvent.objects.filter(payload__month=10).count() == 1
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


def test_seal_that_got_blocked_meanwhile_is_planned_again_when_it_is_mended() -> None:
    place = scene(auto_transfer=True, own=1, others=0)
    coordinator = place.coordinator
    plan.transfers_plan(at=DECEMBER)
    Lesson.objects.update(attendance_confirmed_at=None)
    work("transfer.seal")
    assert list(MonthlyTransfer.objects.values_list("month", flat=True).order_by("month")) == [9, 10]
    hour = timedelta(hours=1)
    assert plan.transfers_plan(at=DECEMBER + hour) == 0
    assert Notice.objects.filter(user=coordinator.user, text__contains="не отмечена посещаемость").count() == 1
    Lesson.objects.update(attendance_confirmed_at=DECEMBER)
    assert plan.transfers_plan(at=DECEMBER + 2 * hour) == 1
    work("transfer.seal", DECEMBER + 2 * hour)
    assert MonthlyTransfer.objects.filter(month=11).count() == 1


def test_plan_takes_the_same_number_of_queries_for_one_group_and_for_many() -> None:
    place = scene(auto_transfer=True, own=1, others=0)
    with CaptureQueriesContext(connection) as one:
        plan.transfers_plan(at=DECEMBER)
    OutboxEvent.objects.all().delete()
    for no in range(2):
        group = StudyGroupFactory(open=True, course=place.group.course, name=f"Ф-{no + 2}")
        pupils(group, place.home, 1, "Седьмов")
    with CaptureQueriesContext(connection) as many:
        assert plan.transfers_plan(at=DECEMBER) == 9
    assert len(many) == len(one)
