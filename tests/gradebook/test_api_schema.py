"""The machine interface asked by schemathesis as it describes itself: no request ends in a fault of the portal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gradebook.selectors.pushes import full_body
from gradebook.services import endpoints, intakes, transfers
from network_portal.documents.kinds import canonical, content_sha256
from network_portal.outbox import sender
from schools.enums import DutyKind
from tests.factories.gradebook import DECEMBER, month_of_marks, scene, seal

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def sum_of(data: dict[str, Any]) -> str:
    """Return the sum of a package; of one that has no canonical form any."""
    try:
        return content_sha256(canonical(data))
    except (TypeError, UnicodeEncodeError):
        return "0" * 64


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Let requests use the connection of the test, with its transaction, as Django's own client of tests does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize(("examples", "seconds"), [(2, 0), pytest.param(10, 60, marks=pytest.mark.slow)])
def test_interface_answers_as_it_says(examples: int, seconds: int) -> None:
    interface = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operations = [found.ok() for found in interface.get_all_operations()]
    place = scene()
    month_of_marks(place)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # making requests up may take long
    for number, school in enumerate((place.host, place.home)):
        school.ogrn = f"102590000000{number}"
        school.save(update_fields=["ogrn"])
    transfer = seal(place)
    transfers.transfer_deliver(transfer_id=transfer.pk, at=DECEMBER)
    message = json.loads(full_body(transfer))
    package = message["data"]
    deputy, now = place.staff(place.home, DutyKind.DEPUTY), timezone.now()
    reads = intakes.api_key_issue(actor=deputy, title="Журнал", partner=None, at=now)
    brings = intakes.api_key_issue(actor=deputy, title="Портал", partner=place.host, at=now)
    endpoints.endpoint_set(actor=deputy, url="https://home.example/", key=brings.signing, at=now)
    receipt = {
        "timestamp": now.isoformat(),
        "type": "transfer.acknowledged",
        "data": {"sha256": transfer.sha256, "person": "Новикова Ирина Сергеевна"},
    }
    parts = cycle(receipt)
    statuses: list[int] = []
    statuses_of_signed: list[int] = []
    statuses_of_receipts: list[int] = []

    def ask(case: Case, headers: dict[str, str], **body: bytes) -> None:
        response = case.call(headers=headers, **body)
        statuses.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    def ask_signed(case: Case) -> None:
        """Send as a partner would a message of which one part was made up, or what was made up instead of one."""
        body: Any = case.body
        receives = "receipts" in case.path
        if receives and isinstance(body, dict) and isinstance(body.get("data"), dict):
            case.path_parameters = {"home_id": place.home.pk}
            part = next(parts)
            body = {**receipt, part: body.get(part)}
        elif isinstance(body, dict) and isinstance(body.get("data"), dict) and "group" in body["data"]:
            part = list(body["data"])[len(statuses_of_signed) % len(body["data"])]
            data = {**package, part: body["data"][part]}
            body = {**message, **body, "type": message["type"], "data": data, "sha256": sum_of(data)}
        sent = json.dumps(body, ensure_ascii=False, default=str).encode(errors="replace")
        headers = sender.signed_headers(
            secret=brings.signing, message_id=f"msg_{time.monotonic_ns()}", at=timezone.now(), body=sent
        )
        headers |= {"Authorization": f"Bearer {brings.access}", "Content-Type": "application/json"}
        case.headers.clear()
        ask(case, headers, data=sent)
        (statuses_of_receipts if receives else statuses_of_signed).append(statuses[-1])

    asks = [
        lambda case: ask(case, {}),
        lambda case: ask(case, {"Authorization": f"Bearer {reads.access}"}),
        lambda case: ask_signed(case) if case.method == "POST" else ask(case, {"Authorization": "Bearer np_strange"}),
    ]
    quiet = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=not seconds,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    requests = [operation.as_strategy(mode) for operation in operations for mode in GenerationMode]
    end = time.monotonic() + seconds
    while True:
        for made_up in requests:
            for act in asks:
                quiet(given(made_up)(act))()
        if time.monotonic() >= end:
            break
    assert {200, 401, 403, 404, 422} <= set(statuses)
    assert 201 in statuses_of_signed
    assert 201 in statuses_of_receipts
