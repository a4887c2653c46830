"""Reading transfers after the seal: what came, how it differs, what is disputed, asked for, corrected and late."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook import access
from gradebook.enums import AWAITED, CorrectionState, DisputeState, TransferState
from gradebook.models import Correction, MonthlyTransfer, TransferDispute, TransferPush
from gradebook.package import Change, Package, cells, since
from gradebook.selectors.entries import entries_of
from gradebook.selectors.months import Month
from gradebook.selectors.transfers import due_day, enrolled_in, studied_between
from network_portal.common.dates import month_label
from schools.acting import Acting
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF, Organisation, Student

#: How many transfers a page about a pupil shows.
LATEST = 6


@dataclass(frozen=True)
class LineView:
    """A pupil's line with what differs from the month before and what was objected to."""

    line: dict[str, Any]
    since: list[str]
    disputes: list[TransferDispute]

    @property
    def enrolment(self) -> int:
        return int(self.line["enrolment"])

    @property
    def disputed(self) -> bool:
        """Tell whether an objection to the line waits, so that another one cannot be made."""
        return any(one.state in (DisputeState.OPEN, DisputeState.ACCEPTED) for one in self.disputes)


@dataclass(frozen=True)
class TransferView:
    """A transfer with what it holds; a class teacher has the lines of the own class, a parent the own child's."""

    transfer: MonthlyTransfer
    content: dict[str, Any]
    lines: list[LineView]
    label: str
    compared: bool
    changes: list[Change] = field(default_factory=list)
    versions: list[MonthlyTransfer] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)

    @property
    def last(self) -> MonthlyTransfer:
        return self.versions[-1]

    @property
    def opened(self) -> bool:
        """Tell whether cells are open for a correction that is to be sealed."""
        return any(one.state == CorrectionState.APPROVED for one in self.corrections)


def latest_transfers(acting: Acting) -> list[MonthlyTransfer]:
    """Return the newest transfers that the acting person sees, for a page about a pupil."""
    seen = access.transfers_for(acting).select_related("document", "host", "group__course__programme")
    return list(seen.defer("payload").order_by("-year", "-month", "-version", "-pk")[:LATEST])


def transfer_view(acting: Acting, transfer: MonthlyTransfer) -> TransferView:
    """Return the content of a transfer that the acting person's gate has let through."""
    content: dict[str, Any] = json.loads(transfer.payload)
    lines = content["lines"]
    if acting.is_(Role.CLASS_TEACHER, *FAMILY_READERS):
        own = set(Student.objects.visible_to(acting).values_list("pk", flat=True))
        lines = [line for line in lines if line["student"] in own]
    shown = {line["enrolment"] for line in lines}
    before = _month_before(transfer)
    disputes: dict[int, list[TransferDispute]] = {}
    for dispute in transfer.disputes.select_related("raised_by", "raised_in", "answered_by", "correction").order_by(
        "pk"
    ):
        disputes.setdefault(dispute.enrolment_id, []).append(dispute)
    correction = content.get("correction") or {}
    return TransferView(
        transfer=transfer,
        content=content,
        lines=[
            LineView(line, _since(line, before), disputes.get(line["enrolment"], []) if _answers(acting) else [])
            for line in lines
        ],
        label=month_label(transfer.year, transfer.month),
        compared=before is not None,
        changes=[Change(**row) for row in correction.get("changes", []) if row["enrolment"] in shown],
        versions=list(_same_month(transfer).select_related("document").defer("payload").order_by("version")),
        corrections=list(
            transfer.corrections.select_related("requested_by", "decided_by", "result__document").order_by("pk")
        )
        if _at_host(acting, transfer)
        else [],
    )


def _answers(acting: Acting) -> bool:
    return not acting.is_(Role.CLASS_TEACHER, *FAMILY_READERS)


def _at_host(acting: Acting, transfer: MonthlyTransfer) -> bool:
    return acting.organisation_id == transfer.host_id and _answers(acting)


def _same_month(transfer: MonthlyTransfer) -> Any:
    return MonthlyTransfer.objects.filter(
        group=transfer.group_id, home=transfer.home_id, year=transfer.year, month=transfer.month
    )


def _month_before(transfer: MonthlyTransfer) -> Package | None:
    earlier = Month(transfer.year, transfer.month).shifted(-1)
    last = (
        MonthlyTransfer.objects.filter(
            group=transfer.group_id, home=transfer.home_id, year=earlier.year, month=earlier.month
        )
        .order_by("version")
        .last()
    )
    return json.loads(last.payload) if last else None


def _since(line: dict[str, Any], before: Package | None) -> list[str]:
    found = since(line, before)
    return found.words(line) if found else []


# --- what came ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReceivedRow:
    """What a home school awaits from a group in a month; `transfer` is the last version, None until one came."""

    group: StudyGroup
    host: Organisation
    transfer: MonthlyTransfer | None
    due: date

    def late(self, today: date) -> bool:
        """Tell whether the host is late with it, or the own school with its answer."""
        if self.transfer is None:
            return today > self.due
        return is_late(self.transfer, today)


def received_rows(acting: Acting, month: Month) -> list[ReceivedRow]:
    """Return the groups in which pupils of the own school, or own children, studied in `month`, with what came."""
    if not acting.is_(*SCHOOL_STAFF, Role.CURATOR, Role.CLASS_TEACHER, *FAMILY_READERS):
        return []
    pupils = Enrolment.objects.filter(studied_between(*month.days))
    if acting.is_(*FAMILY_READERS, Role.CLASS_TEACHER):
        pupils = pupils.filter(pk__in=Enrolment.objects.visible_to(acting).values("pk"))
    else:
        pupils = pupils.filter(home=acting.organisation_id)
    seen = access.transfers_for(acting).filter(year=month.year, month=month.month)
    if not acting.is_(*FAMILY_READERS):
        seen = seen.filter(home=acting.organisation_id)
    came = {
        transfer.group_id: transfer
        for transfer in seen.exclude(state=TransferState.SEALED)
        .select_related("document")
        .defer("payload")
        .order_by("version")
    }
    groups = (
        StudyGroup.objects.filter(pk__in=pupils.values("group"))
        .select_related("course__programme__host", "course__network")
        .order_by("course__programme__host__short_name", "course__programme__title", "name")
    )
    return [
        ReceivedRow(group, group.course.programme.host, came.get(group.pk), due_day(group, month)) for group in groups
    ]


def transfers_of_study(acting: Acting, enrolment: Enrolment) -> list[MonthlyTransfer]:
    """Return the last version of each transfer that came with the line of an enrolment, the newest month first."""
    came = (
        access.transfers_for(acting)
        .filter(group=enrolment.group_id, home=enrolment.home_id)
        .exclude(state=TransferState.SEALED)
        .select_related("document")
        .defer("payload")
        .order_by("year", "month", "version")
    )
    last = {Month(one.year, one.month): one for one in came}
    return [one for month, one in reversed(last.items()) if enrolled_in(enrolment, month)]


def push_of_transfer(transfer: MonthlyTransfer) -> TransferPush | None:
    """Return the push of a transfer to the home school's own system, if there is one."""
    return TransferPush.objects.filter(transfer=transfer).first()


# --- what is late -------------------------------------------------------------------------------------------------


def is_late(transfer: MonthlyTransfer, today: date) -> bool:
    """Tell whether the home school's answer is overdue."""
    return transfer.state in AWAITED and transfer.due_on is not None and transfer.due_on < today


def unanswered(school_id: int, today: date) -> Sequence[MonthlyTransfer]:
    """Return the transfers of a school, sent or received, on which the home school's answer is overdue."""
    return list(
        MonthlyTransfer.objects.filter(Q(host=school_id) | Q(home=school_id), state__in=AWAITED, due_on__lt=today)
        .select_related("document", "host", "home", "group")
        .defer("payload")
        .order_by("due_on", "pk")
    )


# --- corrections --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenCell:
    """A cell that a correction names: the lesson, the pupil, what was sealed and what stands in the journal now."""

    lesson: int
    enrolment: int
    day: str
    name: str
    sealed: str
    now: str


def correction_cells(correction: Correction) -> list[OpenCell]:
    """Return the cells of a correction in the order of the transfer's lines and of the days."""
    content = json.loads(correction.transfer.payload)
    named = set(correction.cells.values_list("lesson", "enrolment"))
    days = {lesson["id"]: lesson["date"] for lesson in content["lessons"]["held"]}
    current = entries_of(sorted({lesson for lesson, _ in named}), sorted({pupil for _, pupil in named}))
    found = []
    for line in content["lines"]:
        texts = cells(line)
        for lesson, day in days.items():
            place = (lesson, line["enrolment"])
            if place in named:
                sealed = texts.get(lesson, ("", ""))[1]
                now = current[place].text if place in current else ""
                name = " ".join((line["last_name"], line["first_name"]))
                found.append(OpenCell(*place, day, name, sealed, now))
    return found
