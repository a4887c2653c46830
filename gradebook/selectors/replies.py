"""Reading how far a home school and the host's portal have come with a package that came from there (3.9)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef
from django.db.models.functions import Greatest

from gradebook.enums import IntakeLineState, IntakeState, PushState, ReplyKind
from gradebook.models import ApiKey, Intake, IntakeDispute, IntakeReply
from network_portal.common.dates import add_working_days, local_day

#: What the school has said about a package; what the host's portal did not take was not said.
CONFIRMED = Exists(
    IntakeReply.objects.filter(intake=OuterRef("pk"), kind=ReplyKind.ACKNOWLEDGED).exclude(state=PushState.PARKED)
)
DISPUTED = Exists(
    IntakeDispute.objects.filter(reply__intake=OuterRef("pk"), answered_in=None).exclude(reply__state=PushState.PARKED)
)
_SAME_MONTH = {name: OuterRef(name) for name in ("home", "host", "group_key", "year", "month")}


@dataclass(frozen=True)
class Standing:
    """A package with what was said about it.

    Attributes:
        intake: the package.
        newer: the last version of its month, when the package is an earlier one.
        replies: what the school answered, the first first.
        unsettled: how many lines are in quarantine and nobody has objected to.
    """

    intake: Intake
    newer: Intake | None
    replies: list[IntakeReply]
    unsettled: int

    @property
    def acknowledged(self) -> IntakeReply | None:
        taken = (one for one in self.replies if one.kind == ReplyKind.ACKNOWLEDGED and one.state != PushState.PARKED)
        return next(taken, None)

    @property
    def due(self) -> date:
        """Until when the school answers; the term runs from the arrival, and anew from the host's last answer."""
        answers = [dispute.answered_in for reply in self.replies for dispute in reply.disputes.all()]
        return _due(max([self.intake.received_at, *(one.received_at for one in answers if one is not None)]))

    @property
    def open_disputes(self) -> list[IntakeDispute]:
        """Objections that the host has still to answer."""
        return [
            dispute
            for reply in self.replies
            if reply.state != PushState.PARKED
            for dispute in reply.disputes.all()
            if dispute.answered_in_id is None
        ]

    @property
    def refusal(self) -> str:
        """Why nothing can be answered to the package any more; empty when something can."""
        if self.intake.state == IntakeState.REFUSED:
            return "Ведомость не принята: отвечать не на что."
        if self.newer is not None:
            return "Эту ведомость уже исправила новая. Откройте последнюю."
        if self.acknowledged is not None:
            return "Получение этой ведомости уже подтверждено."
        if not self.intake.receipt_url:
            return "Портал принимающей школы не принимает ответов отсюда: подтвердите получение на её портале."
        return ""

    @property
    def receipt_refusal(self) -> str:
        """Why the receipt cannot be confirmed now; empty when it can."""
        if self.refusal:
            return self.refusal
        if self.open_disputes:
            return "Принимающая школа ещё не ответила на возражения. Подтвердите получение после её ответа."
        if self.unsettled:
            return "Сначала укажите, чьи строки в карантине, или оспорьте их."
        return ""


def standing_of(intake: Intake) -> Standing:
    """Return how far the exchange about a package has come."""
    newer = Intake.objects.filter(
        home=intake.home_id,
        host=intake.host_id,
        group_key=intake.group_key,
        year=intake.year,
        month=intake.month,
        version__gt=intake.version,
    ).exclude(state=IntakeState.REFUSED)
    replies = intake.replies.select_related("sent_by").prefetch_related("disputes__line", "disputes__answered_in")
    return Standing(
        intake=intake,
        newer=newer.defer("raw").order_by("version").last(),
        replies=list(replies.order_by("pk")),
        unsettled=intake.lines.filter(state=IntakeLineState.QUARANTINED, disputes=None).count(),
    )


@dataclass(frozen=True)
class Awaited:
    """A package on which the host waits for the school's word."""

    intake: Intake
    due: date


def awaited(home_id: int | None = None) -> list[Awaited]:
    """Return the packages that wait for the word of a school, or of all: the last version, with nothing open."""
    later = Intake.objects.filter(**_SAME_MONTH, version__gt=OuterRef("version")).exclude(state=IntakeState.REFUSED)
    found = (
        Intake.objects.filter(~Exists(later), ~CONFIRMED, ~DISPUTED)
        .exclude(state=IntakeState.REFUSED)
        .exclude(receipt_url="")
        .annotate(since=Greatest("received_at", Max("replies__disputes__answered_in__received_at")))
        .select_related("home", "host")
        .defer("raw")
        .order_by("pk")
    )
    if home_id is not None:
        found = found.filter(home=home_id)
    return [Awaited(one, _due(one.since)) for one in found]


def _due(since: datetime) -> date:
    return add_working_days(local_day(since, settings.TIME_ZONE), settings.TRANSFER_ANSWER_DAYS)


# --- on the way ---------------------------------------------------------------------------------------------------


def reply_on_its_way(reply_id: int) -> tuple[IntakeReply, ApiKey | None]:
    """Return a reply, and the key that the host's portal used last: it signs both ways. None when all are revoked."""
    reply = IntakeReply.objects.select_related("intake").defer("intake__raw").get(pk=reply_id)
    intake = reply.intake
    keys = ApiKey.objects.filter(organisation=intake.home_id, partner=intake.host_id, revoked_at=None)
    return reply, keys.order_by(F("used_at").desc(nulls_last=True), "-pk").first()


def reply_body(reply: IntakeReply) -> bytes:
    """Return the message to the host's portal; lines are named as in the package, pupils are not."""
    data: dict[str, Any] = {"sha256": reply.intake.package_sha256, "person": reply.person}
    if reply.kind == ReplyKind.DISPUTED:
        data["lines"] = [
            {"enrolment": dispute.line.content.get("enrolment"), "reason": dispute.reason}
            for dispute in reply.disputes.select_related("line").order_by("pk")
        ]
    message = {"type": reply.kind, "timestamp": reply.sent_at.isoformat(), "data": data}
    return json.dumps(message, ensure_ascii=False).encode()
