"""How long a school waits for a file with 5,000 pupils: reading, comparing and saving, as the worker does them."""

from __future__ import annotations

import io
import time
from datetime import UTC, date, datetime

from openpyxl import Workbook

from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from schools.acting import Acting
from schools.enums import DutyKind, ImportState, Role
from schools.models import PupilImport, Student
from schools.services.imports import import_confirm, import_receive
from tests.factories.schools import DutyFactory

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
ROWS = 5_000
LETTERS = "абвгдежзик"


def bench() -> dict[str, float]:
    """Return seconds from the file to the saved pupils, in the database that is open; the caller throws it away."""
    duty = DutyFactory(kind=DutyKind.DEPUTY)
    actor = Acting(duty.user, Role.DEPUTY, duty)
    content = _workbook()
    begun = time.perf_counter()
    received = import_receive(actor=actor, year=2026, name="список.xlsx", content=content, at=AT)
    _work(received)
    shown = time.perf_counter()
    import_confirm(actor=actor, pupil_import=received, seen=received.digest, at=AT)
    _work(received)
    saved = time.perf_counter()
    assert received.state == ImportState.SAVED
    assert Student.objects.filter(home_school=duty.organisation).count() == ROWS
    return {
        "import.5000.preview_seconds": round(shown - begun, 2),
        "import.5000.seconds": round(saved - begun, 2),
    }


def _work(received: PupilImport) -> None:
    for pk in OutboxEvent.objects.open().filter(payload__import_id=received.pk).values_list("pk", flat=True):
        deliver(event_id=pk, at=AT)
    received.refresh_from_db()


def _workbook() -> bytes:
    book = Workbook()
    book.active.append(["ФИО", "Дата рождения", "Класс", "Родитель 1", "Эл. почта родителя 1", "Родитель 2"])
    for number in range(ROWS):
        name = "".join(LETTERS[int(digit)] for digit in f"{number:04}")
        book.active.append(
            [
                f"Иванов{name} Иван Петрович",
                date(2009 + number % 9, 1 + number % 12, 1 + number % 28),
                f"{1 + number % 11} {'АБВГ'[number % 4]}",
                f"Иванова{name} Мария Олеговна",
                f"parent{number}@demo.example",
                f"Иванов{name} Пётр Ильич",
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
