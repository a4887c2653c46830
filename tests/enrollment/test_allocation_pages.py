"""Pages of forming groups: who reads names, the same number of queries for one row and for three."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enrollment import services
from enrollment.enums import AllocationState
from enrollment.models import AllocationRun
from schools.acting import SESSION_KEY, Acting
from schools.enums import DutyKind
from tests.enrollment.network import AT, World
from tests.enrollment.test_allocation_runs import Season, parent_of
from tests.factories.schools import DutyFactory, acting_as
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def season(world: World) -> Season:
    return Season(world)


def opened(acting: Acting, url: str) -> tuple[str, int]:
    """Return the page and how many queries it took."""
    client = Client()
    client.force_login(acting.user)
    session = client.session
    session[SESSION_KEY] = acting.key
    session.save()
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode(), len(queries)


def test_pages_take_as_many_queries_for_three_rows_as_for_one(season: Season) -> None:
    counts: dict[str, list[int]] = {}
    run: Any = None
    for rows in (1, 3):
        while season.minute < rows:
            season.apply(season.world.course)
        run = run or season.start()
        services.allocation_compute(actor=season.world.host.deputy, run=run, at=AT)
        for url in (f"/allocations/{run.pk}/", "/allocations/", f"/courses/{season.world.course.pk}/queue/"):
            counts.setdefault(url, []).append(opened(season.world.host.deputy, url)[1])
    assert {url: one == three for url, (one, three) in counts.items()} == dict.fromkeys(counts, True)


def test_council_reads_numbers_and_no_names(season: Season) -> None:
    application = season.apply(season.world.course)
    run = season.start()
    secretary = acting_as(DutyFactory(organisation=season.world.stranger.organisation, kind=DutyKind.COUNCIL_SECRETARY))
    page, _ = opened(secretary, f"/allocations/{run.pk}/")
    assert application.student.last_name not in page
    assert "Ф-1" in page


def test_family_reads_nothing_of_a_draft(season: Season) -> None:
    season.apply(season.world.course)
    refused = season.apply(season.world.course)
    third = season.apply(season.world.course)
    run = season.start()
    parent = parent_of(third)
    assert "Все 2" not in opened(parent, f"/applications/{third.pk}/")[0]
    season.approve(AllocationRun.objects.get(pk=run.pk, state=AllocationState.DRAFT))
    page, _ = opened(parent, f"/applications/{third.pk}/")
    assert "поданными раньше вашего: последнее" in page
    assert refused.student.last_name not in page
