"""The agreement T06 as two directors get it to sign: its HTML and the PDF/A, one by one and by the thousand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

from network_portal.documents import rendering
from network_portal.documents.selectors import current_version
from schools.enums import DutyKind, Side
from schools.services import agreement_create, agreement_send
from schools.terms import DutyTerms
from tests.factories.schools import TERMS, DutyFactory, acting_as
from tests.load.region import network_of

CORES, PAPERS = 2, 24
DUTIES = tuple(
    DutyTerms(what=f"{no}) проводить занятия, вести журнал и отвечать за детей в пути", party=Side.HOST)
    for no in range(1, 7)
)


def bench() -> dict[str, float]:
    _, (home, host) = network_of(2)
    deputy = acting_as(DutyFactory(organisation=home, kind=DutyKind.DEPUTY))
    for school in (home, host):
        DutyFactory(organisation=school, kind=DutyKind.DIRECTOR)
    at = datetime(2026, 9, 2, 9, 0, tzinfo=UTC)
    agreement = agreement_create(actor=deputy, host=host, terms=replace(TERMS, duties=DUTIES), at=at)
    agreement = agreement_send(actor=deputy, agreement=agreement, at=at)
    document, version = agreement.document, current_version(agreement.document)
    document.number, document.registered_on, document.state = 1, agreement.date_from, "registered"
    html = rendering.page_of(document, version)
    rendering.render(html)
    taken = [timed(lambda: rendering.page_of(document, version)) for _ in range(15)]
    laid_out = [timed(lambda: rendering.render(html)) for _ in range(15)]
    with ProcessPoolExecutor(CORES) as pool:
        list(pool.map(size, [html] * CORES))
        batch = timed(lambda: list(pool.map(size, [html] * PAPERS)))
    return {
        "pdf.agreement.p50_ms": median(taken) + median(laid_out),
        "pdf.agreement.html_p50_ms": median(taken),
        "pdf.agreement.bytes": size(html),
        "pdf.per_1000_s": batch / PAPERS,
    }


def size(html: str) -> int:
    return len(rendering.render(html).content)


def timed(act: Callable[[], Any]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000
