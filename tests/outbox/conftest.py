"""Topics of the tests, and receivers in processes of their own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from network_portal.outbox import doorbell, handlers
from tests.factories.gradebook import KEY
from tests.services import Receiver, running_receiver


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with running_receiver(tmp_path, KEY) as running:
        yield running


@pytest.fixture
def topic() -> Iterator[Callable[..., None]]:
    """Return a function that registers a handler for the topic "test" until the test ends."""

    def register(handle: handlers.Handle, on_parked: handlers.Parked | None = None) -> None:
        handlers.handler("test", on_parked=on_parked)(handle)

    yield register
    handlers._handlers.pop("test", None)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep the doorbell still; return the ids it was rung for."""
    rung: list[int] = []
    monkeypatch.setattr(doorbell, "ring", lambda event_id: rung.append(event_id) is None)
    return rung


@pytest.fixture(autouse=True)
def closed_breaker() -> Iterator[None]:
    doorbell._closed_until = 0.0
    doorbell._hang_up()
    yield
    doorbell._closed_until = 0.0
    doorbell._hang_up()


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Return a function that starts a TLS server whose certificate no authority has signed."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    _self_signed(certificate, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            connected, _ = server.accept()
            context.wrap_socket(connected, server_side=True)

    def start() -> int:
        threading.Thread(target=serve, daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    yield start
    server.close()


def _self_signed(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
