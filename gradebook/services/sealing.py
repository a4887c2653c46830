"""Sealing a school's month at once: the rows are read, written down and summed up set by set (3.9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from courses.models import StudyGroup
from gradebook.documents import TransferSheet
from gradebook.enums import TransferState, Verb
from gradebook.models import MailChannel, MonthlyTransfer, PushEndpoint, TransferPush
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.snapshots import LINES, around, parameters_of
from gradebook.selectors.transfers import (
    MonthLessons,
    SealRow,
    blockers,
    heads_of,
    lessons_by_month,
    policies_of,
    requests_of,
    with_pupils,
)
from gradebook.services.transfers import already_sealed, blocked, deliver_key, mail_key, push_key, uncovered
from network_portal.audit.services import Note, record_notes
from network_portal.common.errors import RuleError
from network_portal.documents.models import Document
from network_portal.documents.services import Query, documents_issue
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
    studied = with_pupils(pairs, month)
    found = [(group, home) for group, home in sealable if (group.pk, home.pk) in studied]
    return (_seal(actor, found, month, at) if found else []), refused


def _sealable(wanted: list[Pair], month: Month, at: datetime) -> tuple[list[Pair], list[str]]:
    ids = {group.pk for group, _ in wanted}
    lessons = lessons_by_month(ids, *month.days)
    sealed = {
        (transfer.group_id, transfer.home_id): transfer
        for transfer in MonthlyTransfer.objects.filter(group__in=ids, year=month.year, month=month.month)
        .select_related("document")
        .defer("payload")
    }
    requests = requests_of(ids, month)
    standing = {
        group.pk: blockers(group, month, lessons.get((group.pk, month), MonthLessons()), group_day(group, at))
        for group in {group.pk: group for group, _ in wanted}.values()
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


_SEAL = """
INSERT INTO gradebook_monthlytransfer
    (host_id, home_id, group_id, year, month, version, state, payload, sha256, document_id, sealed_at, sealed_by_id)
SELECT %(host)s, sealed.home_id, sealed.group_id, %(year)s, %(month)s, 0, %(state)s, sealed.payload,
    encode(sha256(convert_to(sealed.payload, 'UTF8')), 'hex'), sealed.document_id, %(at)s, %(by)s
FROM (
    SELECT place.group_id, place.home_id, place.document_id,
        place.before || line.lessons || place.between || line.lines || place.after AS payload
    FROM unnest(
        %(groups)s::bigint[], %(homes)s::bigint[], %(documents)s::bigint[],
        %(before)s::text[], %(between)s::text[], %(after)s::text[]
    ) AS place (group_id, home_id, document_id, before, between, after)
    JOIN ({lines}) line ON line.group_id = place.group_id AND line.home_id = place.home_id
    OFFSET 0
) sealed
RETURNING id
"""

_SHEETS = """
SELECT document_id, %(begins)s || payload || %(between)s || sha256 || %(ends)s AS content
FROM gradebook_monthlytransfer WHERE document_id = ANY (%(documents)s)
"""


def _seal(actor: Acting | None, found: list[Pair], month: Month, at: datetime) -> list[MonthlyTransfer]:
    """Seal what stands in nobody's way: the marks never leave the database, which writes, sums up and keeps them."""
    host = found[0][0].course.programme.host
    user = actor.user if actor else None
    sealed_by = f"{actor.capacity}, {actor.user.short_name}" if actor else None
    ids: list[int] = []

    def contents(documents: list[Document]) -> Query:
        heads = [around({**head, "sealed_at": at}, "lessons", "lines") for head in heads_of(found, month)]
        pairs = [(group.pk, home.pk) for group, home in found]
        params = {
            **parameters_of(pairs, policies_of(group for group, _ in found), *month.days),
            "groups": [group for group, _ in pairs],
            "homes": [home for _, home in pairs],
            "documents": [document.pk for document in documents],
            "before": [before for before, _, _ in heads],
            "between": [between for _, between, _ in heads],
            "after": [after for _, _, after in heads],
            "host": host.pk,
            "year": month.year,
            "month": month.month,
            "state": TransferState.SEALED.value,
            "at": at,
            "by": user.pk if user else None,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SEAL.format(lines=LINES), params)
            ids.extend(pk for (pk,) in cursor)
        return _SHEETS, {**sheet_pieces(sealed_by), "documents": params["documents"]}

    documents_issue(
        actor=user,
        organisation=host,
        kind="T16",
        count=len(found),
        contents=contents,
        on=group_day(found[0][0], at),
        at=at,
    )
    transfers = list(
        MonthlyTransfer.objects.filter(pk__in=ids).select_related("document").defer("payload").order_by("pk")
    )
    record_notes(_notes(transfers), actor=user, organisation=host, at=at)
    _send(transfers, at)
    return transfers


def sheet_pieces(sealed_by: str | None) -> dict[str, str]:
    """Return what stands around package and sum in the canonical content of the paper T16 (`kinds.content_of`)."""
    assert set(TransferSheet.__dataclass_fields__) == {"package", "sha256", "sealed_by"}
    begins, ends = around({"kind": "T16"}, "paper")
    before, between, after = around({"sealed_by": sealed_by}, "package", "sha256")
    return {"begins": begins + before, "between": f'{between}"', "ends": f'"{after}{ends}'}


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
