"""The list of a home school's deputy with 1,000 applications that wait for a decision."""

from __future__ import annotations

from schools.enums import DutyKind
from tests.factories.schools import DutyFactory, acting_as
from tests.load.region import applications_of, courses_of, network_of, pupils_of
from tests.load.web import Client, analysed, p50s, queries, served, signed_in, weight

PATH = "/applications/"


def bench() -> dict[str, float]:
    network, schools = network_of(10)
    courses = courses_of(network, schools[1:], 60)
    applications_of(pupils_of(schools[0], 1000), courses)
    deputy = acting_as(DutyFactory(organisation=schools[0], kind=DutyKind.DEPUTY))
    analysed()
    with served() as port, served("tests.load.floor_settings") as bare:
        portal, floor = Client(port, signed_in(deputy)), Client(bare, signed_in(deputy))
        page, least = p50s(lambda: portal.get(PATH), lambda: floor.get(f"/applications/{schools[0].pk}"))
        size, _ = weight(portal.get(PATH).body)
    return {
        "applications.list_1000.p50_ms": page,
        "applications.list_1000.floor_p50_ms": least,
        "applications.list_1000.queries": queries(PATH, deputy),
        "applications.list_1000.bytes": size,
    }
