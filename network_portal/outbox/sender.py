"""Signed HTTP pushes (Standard Webhooks) that cannot be turned against the portal's own network.

The address is resolved once and checked, and the connection goes to the checked IP with the right name for TLS, so a
name that changes its answer gains nothing. Redirects are answers, not orders; time and size are bounded.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from network_portal.common.errors import RuleError
from network_portal.outbox.handlers import Permanent, Temporary

CONNECT_SECONDS = 3
READ_SECONDS = 10
WHOLE_SECONDS = 30
MOST_BYTES = 64 * 1024
#: Ranges that lead elsewhere although Python calls them global: 6to4, Teredo, NAT64.
DISGUISED = tuple(ip_network(net) for net in ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48"))
#: How much of a receiver's own words is kept.
LONGEST_REASON = 300
RETRIED = frozenset({408, 425, 429})

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Target:
    """A checked address of a receiver; `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """Take `url` apart.

    Raises:
        RuleError: it is not an address that a push may go to; plain http only inside `PUSH_ALLOWED_NETWORKS`, which
            is looked at when the name is resolved.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RuleError("Адрес записан с ошибкой. Пример: https://school.example/webhook", field="url") from error
    if parts.scheme not in {"https", "http"} or not parts.hostname or not parts.hostname.isprintable():
        raise RuleError("Адрес должен начинаться с https:// и содержать имя сервера.", field="url")
    if parts.username or parts.password:
        raise RuleError("Имя и пароль в адресе не допускаются: подлинность подтверждает подпись.", field="url")
    if parts.scheme == "http" and not settings.PUSH_ALLOWED_NETWORKS:
        raise RuleError(
            "Ведомость содержит персональные данные: нужен адрес, который начинается с https://.", field="url"
        )
    path = parts.path or "/"
    return Target(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or (443 if parts.scheme == "https" else 80),
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def signed_headers(
    *, secret: str, message_id: str, at: datetime, body: bytes, previous: str | None = None
) -> dict[str, str]:
    """Return the headers of Standard Webhooks.

    Args:
        secret: "whsec_" and the key in base64.
        previous: the key before, while the receiver may still check with it; both sign then.
        message_id: the same for every attempt; the receiver keeps it and takes a message once.
        at: the aware moment of this attempt.
        body: the exact bytes that are sent.
    """
    moment = int(at.timestamp())
    signed = f"{message_id}.{moment}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(signature(key, signed) for key in (secret, previous) if key),
    }


def signature(secret: str, signed: bytes) -> str:
    """Return one signature of Standard Webhooks: «v1,» and the sum in base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def post(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Send `body` as JSON; returns when the receiver answered 2xx.

    Raises:
        Temporary: no connection, no answer in time, an answer that is not HTTP, 408, 425, 429 or 5xx.
        Permanent: the address is not allowed, the certificate is wrong, or any other answer.
    """
    try:
        target = target_of(url)
    except RuleError as error:
        raise Permanent(error.message) from error
    addresses = _checked(target)
    try:
        connection = _connect(target, addresses)
    except ssl.SSLCertVerificationError as error:
        raise Permanent("Сертификат сервера не прошёл проверку.") from error
    except OSError as error:
        raise Temporary("Сервер не отвечает: соединение не установлено.") from error
    dragged_on = threading.Event()
    watchdog = threading.Timer(WHOLE_SECONDS, _cut, [connection.sock, dragged_on])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request("POST", target.path, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        status = answer.status
        told = answer.read(MOST_BYTES)
    except TimeoutError as error:
        raise Temporary(f"Сервер принял соединение, но не ответил за {READ_SECONDS} секунд.") from error
    except http.client.HTTPException as error:
        raise Temporary("Сервер ответил не по протоколу HTTP.") from error
    except (OSError, ValueError) as error:
        raise Temporary("Соединение с сервером оборвалось.") from error
    finally:
        watchdog.cancel()
        connection.close()
    if dragged_on.is_set():
        raise Temporary(f"Сервер не закончил ответ за {WHOLE_SECONDS} секунд.")
    _judge(status, told)


def _judge(status: int, told: bytes) -> None:
    if 200 <= status < 300:
        return
    if status in RETRIED or status >= 500:
        raise Temporary(f"Сервер ответил кодом {status}.")
    if 300 <= status < 400:
        raise Permanent(f"Сервер перенаправляет на другой адрес (код {status}). Укажите конечный адрес.")
    raise Permanent(f"Сервер отказался принять сообщение (код {status}){_reason(told)}.")


def _reason(told: bytes) -> str:
    """Return what a refusal tells people, as other portals do, to stand after the code; empty when it tells nothing."""
    try:
        said = json.loads(told)
    except (ValueError, RecursionError):
        return ""
    detail = said.get("detail") if isinstance(said, dict) else None
    words = " ".join(detail.split()).rstrip(".") if isinstance(detail, str) else ""
    return f": {words[:LONGEST_REASON]}" if words.isprintable() and words else ""


def _checked(target: Target) -> list[Address]:
    """Resolve the name once and return its addresses; one that a push may not go to spoils them all."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Temporary("Имя сервера не найдено.") from error
    addresses = list(dict.fromkeys(_plain(str(item[4][0])) for item in found))
    for address in addresses:
        if any(address in ip_network(allowed) for allowed in settings.PUSH_ALLOWED_NETWORKS):
            continue
        if target.scheme != "https":
            raise Permanent("Ведомость содержит персональные данные: нужен адрес, который начинается с https://.")
        if not address.is_global or address.is_multicast or any(address in net for net in DISGUISED):
            raise Permanent("Адрес ведёт во внутреннюю сеть: отправка туда запрещена.")
    return addresses


def _plain(text: str) -> Address:
    address = ip_address(text.partition("%")[0])
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _connect(target: Target, addresses: list[Address]) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(target.host, target.port, timeout=READ_SECONDS)
    plain = _reach(addresses, target.port)
    try:
        connection.sock = (
            tls_context().wrap_socket(plain, server_hostname=target.host) if target.scheme == "https" else plain
        )
    except BaseException:
        plain.close()
        raise
    connection.sock.settimeout(READ_SECONDS)
    return connection


def _reach(addresses: list[Address], port: int) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return socket.create_connection((str(address), port), timeout=CONNECT_SECONDS)
        except OSError:
            continue
    return socket.create_connection((str(addresses[-1]), port), timeout=CONNECT_SECONDS)


@cache
def tls_context() -> ssl.SSLContext:
    """Return the rules for certificates, read once: the system's authorities, the right name."""
    return ssl.create_default_context()


def _cut(connected: socket.socket, dragged_on: threading.Event) -> None:
    """End a conversation that drags on a byte at a time."""
    dragged_on.set()
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
