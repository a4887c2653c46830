"""Pushes: signatures that the reference library takes, addresses that are refused, receivers that misbehave."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.utils import timezone as django_timezone
from standardwebhooks.webhooks import Webhook

from network_portal.common.errors import RuleError
from network_portal.outbox import sender
from network_portal.outbox.handlers import Permanent, Temporary
from tests.factories.gradebook import KEY
from tests.services import Receiver

BODY = '{"type":"transfer.sealed","data":{"ФИО":"Ёлкин"}}'.encode()


@pytest.fixture
def closed_network(settings: Any) -> None:
    settings.PUSH_ALLOWED_NETWORKS = ["127.0.0.0/8"]


def headers() -> dict[str, str]:
    return sender.signed_headers(secret=KEY, message_id="msg_1", at=django_timezone.now(), body=BODY)


def test_signature_is_taken_by_the_reference_library_in_any_time_zone() -> None:
    moscow = datetime.now(timezone(timedelta(hours=3)))
    made = sender.signed_headers(secret=KEY, message_id="msg_1", at=moscow, body=BODY)
    assert Webhook(KEY).verify(BODY, made)["type"] == "transfer.sealed"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(KEY).verify(BODY + b" ", made)


def test_receiver_takes_a_signed_push(receiver: Receiver, closed_network: None) -> None:
    sender.post(receiver.url, BODY, headers())
    sender.post(receiver.url, BODY, headers())
    assert [(entry["valid"], entry["new"]) for entry in receiver.log] == [(True, True), (True, False)]


@pytest.mark.parametrize(
    ("mode", "error", "words"),
    [
        ("500", Temporary, "кодом 500"),
        ("garbage", Temporary, "не по протоколу HTTP"),
        ("slow", Temporary, "не ответил"),
        ("drip", Temporary, "не закончил ответ"),
        ("410", Permanent, "код 410"),
        ("redirect", Permanent, "перенаправляет"),
    ],
)
def test_receiver_that_misbehaves(
    receiver: Receiver,
    closed_network: None,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    error: type[Exception],
    words: str,
) -> None:
    monkeypatch.setattr(sender, "READ_SECONDS", 1)
    monkeypatch.setattr(sender, "WHOLE_SECONDS", 2)
    receiver.behave(mode)
    with pytest.raises(error, match=words):
        sender.post(receiver.url, BODY, headers())


def test_receiver_that_is_down(closed_network: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Temporary, match="соединение не установлено"):
        sender.post(f"http://127.0.0.1:{port}/", BODY, headers())


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name resolve to `addresses`; return the names that were asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolve_to(monkeypatch, address)
    with pytest.raises(Permanent, match="во внутреннюю сеть"):
        sender.post("https://journal.school.example/hook", BODY, headers())


def test_one_address_inside_spoils_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(Permanent, match="во внутреннюю сеть"):
        sender.post("https://journal.school.example/hook", BODY, headers())


def test_name_is_resolved_once_and_the_checked_address_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolve_to(monkeypatch, "93.184.216.34")
    reached: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        reached.append(address)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Temporary):
        sender.post("https://journal.school.example:8443/hook", BODY, headers())
    assert (asked, reached) == (["journal.school.example"], [("93.184.216.34", 8443)])


def test_plain_http_is_refused_outside_allowed_networks(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    with pytest.raises(Permanent, match="https://"):
        sender.post("http://journal.school.example/", BODY, headers())
    settings.PUSH_ALLOWED_NETWORKS = ["10.0.0.0/8"]
    resolve_to(monkeypatch, "93.184.216.34")
    with pytest.raises(Permanent, match="https://"):
        sender.post("http://journal.school.example/", BODY, headers())


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example/", "https://", "https://u:p@x.example/", "javascript:alert(1)", "https://x.example:99999/", ""],
)
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(RuleError):
        sender.target_of(url)


def test_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(Temporary, match="Имя сервера не найдено"):
        sender.post("https://journal.school.example/", BODY, headers())


def test_certificate_of_nobody_is_refused(tmp_path: Any, closed_network: None, tls_server: Callable[[], int]) -> None:
    with pytest.raises(Permanent, match="Сертификат"):
        sender.post(f"https://127.0.0.1:{tls_server()}/", BODY, headers())
