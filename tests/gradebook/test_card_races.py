"""An objection against the last signature of a card: whichever is first, none is signed while one waits (3.10)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from gradebook.enums import CardState, DisputeState
from gradebook.models import TransferDispute
from gradebook.selectors.cards import standing_of
from gradebook.services import corrections
from gradebook.services.cards import CardBlockedError
from gradebook.services.transfers import transfer_deliver
from schools.enums import DutyKind
from tests.factories.cards import half_year

pytestmark = pytest.mark.django_db(transaction=True)


def beside(act: Callable[[], Any], first: Callable[[], Any]) -> Any:
    """Begin `act` while the transaction of `first` is open; return what it gave or raised after that."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(act())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), results
    thread.join(30)
    return results[0]


def test_objection_and_last_signature_wait_for_each_other() -> None:
    """What commits first is seen by the other: the signature is refused, or the objection comes after it."""
    world = half_year(own=1, others=0)
    place, at = world.place, world.at
    curator, director = world.person(place.home, DutyKind.CURATOR), world.signers[2][1]
    card = world.compose()
    transfer = place.group.transfers.get()
    transfer_deliver(transfer_id=transfer.pk, at=at)
    for signer in world.signers[:2]:
        card = world.sign(card, *signer)

    def sign() -> Any:
        return world.sign(card, "director", director)

    def dispute() -> Any:
        reasons = {place.own[0].pk: "Отметка другая"}
        return corrections.disputes_raise(actor=curator, transfer=transfer, reasons=reasons, at=world.tick())

    refused = beside(sign, first=dispute)
    assert isinstance(refused, CardBlockedError), refused
    card.refresh_from_db()
    assert card.state == CardState.COMPUTED
    raised = TransferDispute.objects.get()
    corrections.dispute_reject(actor=place.coordinator, dispute=raised, answer="Верно", at=world.tick())

    (late,) = beside(dispute, first=sign)
    card.refresh_from_db()
    assert (card.state, late.state, len(standing_of(card))) == (CardState.SENT, DisputeState.OPEN, 1)
    assert card.sent_at < late.raised_at
