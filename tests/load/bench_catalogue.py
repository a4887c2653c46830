"""The public catalogue of a region: 200 courses of 10 schools, as a guest opens it."""

from __future__ import annotations

from tests.load.region import courses_of, network_of
from tests.load.web import Client, analysed, p50s, served


def bench() -> dict[str, float]:
    network, schools = network_of(10)
    courses_of(network, schools, 200)
    analysed()
    with served() as port, served("tests.load.floor_settings") as bare:
        portal, floor = Client(port), Client(bare)
        page, least = p50s(lambda: portal.get("/catalogue/"), lambda: floor.get("/catalogue"))
    return {"catalogue.200.p50_ms": page, "catalogue.200.floor_p50_ms": least, "catalogue.200.ratio": page / least}
