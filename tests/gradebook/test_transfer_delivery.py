"""A sealed transfer on its way: the inbox of the home school, its receipt, the push to its own system (3.9)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gradebook import handlers
from gradebook.enums import PushState, TransferState
from gradebook.models import MonthlyTransfer, PushEndpoint, TransferPush
from gradebook.services import pushes, transfers
from network_portal.common.errors import StaleError
from network_portal.documents.kinds import canonical
from network_portal.notices.models import Notice
from network_portal.outbox import sender
from network_portal.outbox.handlers import Permanent, Temporary
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import retry
from schools.enums import DutyKind
from tests.factories.gradebook import (
    DECEMBER,
    PushEndpointFactory,
    scene,
    seal,
)
from tests.gradebook.acts import work

pytestmark = pytest.mark.django_db


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
