"""A month sealed twice at once, marks written while it is sealed, two people on one cell (3.9, real threads)."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from gradebook.models import Mark, MonthlyTransfer
from gradebook.selectors.months import Month
from gradebook.services import sealing, transfers
from gradebook.services.transfers import AlreadySealedError
from network_portal.common.errors import RuleError
from tests.factories.gradebook import (
    DECEMBER,
    MarkFactory,
    scene,
)
from tests.gradebook.acts import Saved, cell_save, run_together

pytestmark = pytest.mark.django_db(transaction=True)


def test_double_seal_at_once_gives_one_paper() -> None:
    place = scene()
    coordinator = place.coordinator

    def act() -> MonthlyTransfer:
        return transfers.transfer_seal(
            actor=coordinator, group=place.group, home=place.home, year=2026, month=11, at=DECEMBER
        )

    def as_the_portal() -> MonthlyTransfer | list[str]:
        made, refused = sealing.transfers_seal(
            actor=None, pairs=[(place.group.pk, place.home.pk)], month=Month(2026, 11), at=DECEMBER
        )
        return made[0] if made else refused

    results = run_together(act, act, as_the_portal)
    assert sum(isinstance(result, MonthlyTransfer) for result in results) == 1, results
    assert {type(result) for result in results} <= {MonthlyTransfer, AlreadySealedError, list}
    assert list(MonthlyTransfer.objects.values_list("document__number", flat=True)) == [1]


def test_mark_written_while_sealing_is_inside_or_refused() -> None:
    place = scene(own=12, others=0)
    coordinator, teacher = place.coordinator, place.teacher

    def mark(place_in_list: int) -> Any:
        return lambda: cell_save(
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
    thread.join(60)
    assert json.loads(sealed[0].payload)["lines"][0]["mean"] == str(Decimal("2.00"))
    with pytest.raises(IntegrityError):
        Mark.objects.update(value=5)


def test_two_teachers_on_one_cell_the_second_is_told() -> None:
    place = scene(own=1, others=0)
    teacher = place.teacher

    def act(value: str) -> Any:
        return lambda: cell_save(
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
        next(result.text for result in results if isinstance(result, Saved))
    ]
