"""Reading keys of programs and packages of other portals."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from gradebook.enums import IntakeState
from gradebook.message import MOST_URL
from gradebook.models import ApiKey, Intake, IntakeLine, MonthlyTransfer
from gradebook.package import Change, since
from gradebook.selectors.months import Month
from gradebook.selectors.replies import CONFIRMED, DISPUTED
from network_portal.documents.kinds import canonical, content_sha256
from schools.acting import Acting

FORMAT = "monthly-transfer-2"
MOST_LINES = 1000
#: How many packages the list goes back.
SHOWN = 200


@dataclass(frozen=True)
class Envelope:
    """A pushed message taken apart and checked: the package and what names it."""

    package: dict[str, Any]
    sha256: str
    number: int
    version: int
    year: int
    month: int
    receipt_url: str


def kind_of(body: bytes) -> str:
    """Return the type of a message; an empty string when it says none."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    kind = message.get("type") if isinstance(message, dict) else ""
    return kind if isinstance(kind, str) else ""


def envelope_of(body: bytes) -> Envelope:
    """Take a message of the type «transfer.sealed» apart.

    Raises:
        ValueError: it is not one; the Russian sentence says what is wrong.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("Сообщение не читается: это не JSON или оно оборвано.") from error
    if not isinstance(message, dict) or message.get("type") != "transfer.sealed":
        raise ValueError("Такие сообщения не принимаются: нужен вид transfer.sealed.")
    package = message.get("data")
    if not isinstance(package, dict) or package.get("format") != FORMAT:
        raise ValueError(f"Нужна ведомость целиком в виде {FORMAT}.")
    try:
        sealed = canonical(package)
        if content_sha256(sealed) != message.get("sha256"):
            raise ValueError("Контрольная сумма ведомости не сходится.")
        return _checked(message, package)
    except (KeyError, TypeError, AttributeError, RecursionError, UnicodeEncodeError) as error:
        raise ValueError("В ведомости нет нужных сведений.") from error


def _checked(message: dict[str, Any], package: dict[str, Any]) -> Envelope:
    period, correction = package["period"], package["correction"]
    year, month, number = period["year"], period["month"], message["number"]
    date(year, month, 1)
    version = correction["version"] if correction else 0
    numbers = (year, month, number, version, package["group"]["id"])
    texts = [package[key][name] for key in ("host", "home") for name in ("short_name", "ogrn")]
    texts += [package["group"]["name"], package["course"]["title"]]
    lines = package["lines"]
    for line in lines:
        texts += [line[name] for name in ("last_name", "first_name", "patronymic", "class")]
        if not all(isinstance(line[name], list) for name in ("marks", "attendance")):
            raise TypeError
    if not all(isinstance(text, str) and len(text) <= 100 and "\0" not in text for text in texts):
        raise ValueError("В ведомости нет нужных сведений.")
    if not all(type(value) is int and 0 <= value < 2**31 for value in numbers) or not isinstance(lines, list):
        raise ValueError("В ведомости нет нужных сведений.")
    if len(lines) > MOST_LINES or version > 99 or "\\u0000" in json.dumps(lines):
        raise ValueError("Таких ведомостей не бывает.")
    url = message.get("receipt_url")
    if not isinstance(url, str) or len(url) > MOST_URL or not url.isprintable():
        url = ""
    return Envelope(package, message["sha256"], number, version, year, month, url)


def digest_of(given: str) -> str:
    """Return what the portal keeps of a key: it is long and random, so one round is enough."""
    return hashlib.sha256(given.encode()).hexdigest()


def key_of(given: str) -> ApiKey | None:
    """Return the key that a program has shown; None for a strange or revoked one."""
    return (
        ApiKey.objects.filter(digest=digest_of(given), revoked_at=None)
        .select_related("organisation", "partner")
        .first()
    )


def keys_of(acting: Acting) -> list[ApiKey]:
    """Return the keys of the own school, revoked ones last."""
    found = ApiKey.objects.filter(organisation=acting.organisation_id).select_related("partner", "created_by")
    return sorted(found, key=lambda key: key.revoked_at is not None)


def transfers_of_key(key: ApiKey) -> QuerySet[MonthlyTransfer]:
    """Return what a reading key sees: the school's own transfers that came (2.3)."""
    return MonthlyTransfer.objects.filter(home=key.organisation_id, delivered_at__isnull=False).select_related(
        "document", "host", "home"
    )


def quarantined(intake: Intake) -> int:
    """Return how many lines of a package wait for the school to say whose they are."""
    return intake.lines.filter(student=None).count()


# --- pages --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IntakeView:
    """A package as its page shows it.

    Attributes:
        lines: each with what differs from the month before.
        compared: whether a package of the month before came too.
        changes: what a correction has changed.
        basis: why it was corrected.
    """

    lines: list[tuple[IntakeLine, list[str]]]
    compared: bool
    changes: list[Change]
    basis: str


def intake_view(intake: Intake) -> IntakeView:
    """Return the content of a package; what another portal has put together strangely is left out."""
    month = Month(intake.year, intake.month).shifted(-1) if intake.year and intake.month else None
    earlier = month and (
        Intake.objects.filter(
            home=intake.home_id, host=intake.host_id, group_key=intake.group_key, year=month.year, month=month.month
        )
        .exclude(state=IntakeState.REFUSED)
        .defer("raw")
        .order_by("version")
        .last()
    )
    before = {"lines": list(earlier.lines.values_list("content", flat=True))} if earlier else None
    changes, basis = _correction(intake)
    lines = intake.lines.select_related("student__school_class", "matched_by").order_by("no")
    return IntakeView([(line, _since(line.content, before)) for line in lines], earlier is not None, changes, basis)


def _since(line: dict[str, Any], before: dict[str, Any] | None) -> list[str]:
    try:
        found = since(line, before)
        return found.words(line) if found else []
    except (KeyError, TypeError, AttributeError):
        return []


def _correction(intake: Intake) -> tuple[list[Change], str]:
    if not intake.version:
        return [], ""
    try:
        correction = json.loads(bytes(intake.raw))["data"]["correction"]
        changes = [Change(**row) for row in correction["changes"]]
        if all(change.date == "" or date.fromisoformat(change.date) for change in changes):
            return changes, str(correction["basis"])
    except (KeyError, TypeError, ValueError):
        pass
    return [], ""


@dataclass(frozen=True)
class IntakeRow:
    """A package in the list; `superseded` by a later version of its month."""

    intake: Intake
    superseded: bool
    quarantined: int
    confirmed: bool
    disputed: bool

    @property
    def awaited(self) -> bool:
        """Tell whether the host waits for the school's word."""
        return bool(self.intake.receipt_url)


def intake_rows(acting: Acting) -> list[IntakeRow]:
    """Return the packages of the own school, the newest first."""
    found = list(
        Intake.objects.visible_to(acting)
        .defer("raw")
        .annotate(confirmed=CONFIRMED, disputed=DISPUTED)
        .select_related("host")
        .prefetch_related("lines")
        .order_by("-received_at", "-pk")[:SHOWN]
    )
    latest: dict[tuple[Any, ...], int] = {}
    for one in found:
        if not one.reason:
            place = (one.host_id, one.group_key, one.year, one.month)
            latest[place] = max(latest.get(place, 0), one.version)
    return [
        IntakeRow(
            one,
            not one.reason and one.version < latest[one.host_id, one.group_key, one.year, one.month],
            sum(line.student_id is None for line in one.lines.all()),
            one.confirmed,
            one.disputed,
        )
        for one in found
    ]
