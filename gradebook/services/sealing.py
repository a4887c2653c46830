"""Sealing a school's month at once: the rows are read, written down and summed up set by set (3.9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction

from courses.models import StudyGroup
from gradebook.documents import TransferSheet
from gradebook.enums import Verb
from gradebook.models import Lesson, MailChannel, MonthlyTransfer, PushEndpoint, TransferPush
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.snapshots import with_text
from gradebook.selectors.transfers import SealRow, Snapshot, blockers, requests_of, snapshots
from gradebook.services.transfers import already_sealed, blocked, deliver_key, mail_key, push_key, uncovered
from network_portal.audit.services import Note, record_notes
from network_portal.common.errors import RuleError
from network_portal.documents.kinds import content_sha256
from network_portal.documents.services import documents_issue
from network_portal.outbox import services as outbox
from schools.acting import Acting
from schools.agreements import agreement_covers
from schools.models import Organisation

#: How many transfers one transaction seals: what is in memory at once.
AT_ONCE = 100

Pair = tuple[StudyGroup, Organisation]


def transfers_seal_all(*, actor: Acting, rows: list[SealRow], at: datetime) -> tuple[int, list[str]]:
    """Seal every row of one month that can be sealed, a hundred in a transaction.

    Returns:
        How many were sealed, and the refusals in words.
    """
    sealed, refused = 0, []
    pairs = iter([(row.group.pk, row.home.pk) for row in rows])
    while batch := list(islice(pairs, AT_ONCE)):
        done, reasons = transfers_seal(actor=actor, pairs=batch, month=rows[0].month, at=at)
        sealed += len(done)
        refused += reasons
    return sealed, refused


@transaction.atomic
def transfers_seal(
    *, actor: Acting | None, pairs: Sequence[tuple[int, int]], month: Month, at: datetime
) -> tuple[list[MonthlyTransfer], list[str]]:
    """Seal a month of several groups of one host; the rules are those of `transfer_seal`.

    Args:
        actor: the host's coordinator or deputy director; None for the portal itself.
        pairs: ids of groups of one host and of home schools.
        month: the month.
        at: the moment of the seal.

    Returns:
        The transfers without their payloads, and the refusals in words; what is refused does not hold up the others.
    """
    ids = sorted({group for group, _ in pairs})
    list(StudyGroup.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    groups = StudyGroup.objects.select_related(
        "course__programme__host", "course__programme__policy", "course__network"
    ).in_bulk(ids)
    homes = Organisation.objects.in_bulk({home for _, home in pairs})
    wanted = [(groups[group], homes[home]) for group, home in pairs]
    sealable, refused = _sealable(wanted, month, at)
    found = [snapshot for snapshot in snapshots(sealable, month) if snapshot.lines != "[]"]
    return (_seal(actor, found, month, at) if found else []), refused


def _sealable(wanted: list[Pair], month: Month, at: datetime) -> tuple[list[Pair], list[str]]:
    ids = {group.pk for group, _ in wanted}
    lessons: dict[int, list[Lesson]] = {}
    for lesson in Lesson.objects.filter(group__in=ids, date__range=month.days).order_by("date", "starts"):
        lessons.setdefault(lesson.group_id, []).append(lesson)
    sealed = {
        (transfer.group_id, transfer.home_id): transfer
        for transfer in MonthlyTransfer.objects.filter(group__in=ids, year=month.year, month=month.month)
        .select_related("document")
        .defer("payload")
    }
    requests = requests_of(ids, month)
    standing = {
        group.pk: blockers(group, month, lessons.get(group.pk, []), group_day(group, at)) for group, _ in wanted
    }
    covered: dict[tuple[int, int], bool] = {}
    good, refused = [], []
    for group, home in wanted:
        host = group.course.programme.host
        if (home.pk, host.pk) not in covered:
            first, last = month.days
            covered[home.pk, host.pk] = agreement_covers(home=home, host=host, first=first, last=last)
        in_the_way = [*standing[group.pk], *requests.get((group.pk, home.pk), [])]
        error: RuleError | None = None
        if before := sealed.get((group.pk, home.pk)):
            error = already_sealed(before)
        elif in_the_way:
            error = blocked(in_the_way)
        elif not covered[home.pk, host.pk]:
            error = uncovered(home)
        if error:
            refused.append(f"{home}, {group}: {error.message}")
        else:
            good.append((group, home))
    return good, refused


def _seal(actor: Acting | None, found: list[Snapshot], month: Month, at: datetime) -> list[MonthlyTransfer]:
    host = found[0].group.course.programme.host
    user = actor.user if actor else None
    sealed_by = f"{actor.capacity}, {actor.user.short_name}" if actor else None
    payloads = [with_text({**one.head, "sealed_at": at}, "lines", one.lines) for one in found]
    sums = [content_sha256(payload) for payload in payloads]
    documents = documents_issue(
        actor=user,
        organisation=host,
        kind="T16",
        contents=[sheet_content(payload, sha256, sealed_by) for payload, sha256 in zip(payloads, sums, strict=True)],
        on=group_day(found[0].group, at),
        at=at,
    )
    transfers = MonthlyTransfer.objects.bulk_create(
        MonthlyTransfer(
            host=host,
            home=one.home,
            group=one.group,
            year=month.year,
            month=month.month,
            payload=payload,
            sha256=sha256,
            document=document,
            sealed_at=at,
            sealed_by=user,
        )
        for one, payload, sha256, document in zip(found, payloads, sums, documents, strict=True)
    )
    record_notes(_notes(transfers), actor=user, organisation=host, at=at)
    _send(transfers, at)
    return transfers


def sheet_content(payload: str, sha256: str, sealed_by: str | None) -> str:
    """Return the canonical content of the paper T16 of a payload, as `kinds.content_of` would give it."""
    values = {"sha256": sha256, "sealed_by": sealed_by}
    assert set(TransferSheet.__dataclass_fields__) == {*values, "package"}
    return with_text({"kind": "T16"}, "paper", with_text(values, "package", payload))


def _notes(transfers: list[MonthlyTransfer]) -> Iterator[Note]:
    for one in transfers:
        changes = {"sha256": one.sha256, "number": one.document.number, "version": 0}
        yield Note(Verb.TRANSFER_SEALED, one, changes)


def _send(transfers: list[MonthlyTransfer], at: datetime) -> None:
    """Put the transfers on their ways, to the inbox and to the channels of the home schools."""
    homes = {one.home_id for one in transfers}
    pushed = set(PushEndpoint.objects.filter(organisation__in=homes).values_list("organisation", flat=True))
    mailed = set(MailChannel.objects.filter(organisation__in=homes).values_list("organisation", flat=True))
    TransferPush.objects.bulk_create(TransferPush(transfer=one) for one in transfers if one.home_id in pushed)
    for topic, key, chosen in (
        ("transfer.deliver", deliver_key, homes),
        ("transfer.push", push_key, pushed),
        ("transfer.mail", mail_key, mailed),
    ):
        events = [(key(one.pk), {"transfer_id": one.pk}) for one in transfers if one.home_id in chosen]
        outbox.emit_all(topic=topic, events=events, at=at)
