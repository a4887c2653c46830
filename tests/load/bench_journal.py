"""The journal of a teacher: 1,000 pupils in 40 groups, each with 48 lessons and 1,200 marks in a month."""

from __future__ import annotations

import json
from datetime import date, time
from itertools import cycle

from schools.enums import Role
from tests.factories.schools import acting_as
from tests.load.region import LAST, courses_of, groups_of, journal_of, network_of, pupils_of
from tests.load.web import Client, analysed, p50s, queries, served, signed_in, together, weight

GROUPS, PUPILS, LESSONS = 40, 25, 48
MONTH = (2026, 11)


def bench() -> dict[str, float]:
    network, schools = network_of(10)
    courses = courses_of(network, schools[1:], GROUPS, groups=0, until=LAST)
    groups = groups_of(courses, 1, open=True, capacity=30)
    times = [(date(*MONTH, 1 + no // 2), time(15 + no % 2)) for no in range(LESSONS)]
    enrolments = journal_of(groups, pupils_of(schools[0], GROUPS * PUPILS), times=times)
    group, pupil = groups[0], enrolments[0]
    teacher, parent = acting_as(group.teacher), acting_as(pupil.student.parent, Role.PARENT)
    path, lesson = f"/journals/{group.pk}/?month=2026-11", group.lessons.earliest("date", "starts").pk
    analysed()
    with served() as port, served("tests.load.floor_settings") as bare:
        portal, floor = Client(port, signed_in(teacher)), Client(bare, signed_in(teacher))
        family = Client(port, signed_in(parent))
        values = cycle([("4", "5"), ("5", "4")])
        cell = {"lesson": lesson, "enrolment": pupil.pk}

        def entry(seen: str, value: str) -> dict[str, object]:
            cells = [{**cell, "value": value, "seen": seen}]
            return {"cells": json.dumps(cells), "period": "2026-11", "acted_as": teacher.key}

        def save() -> object:
            return portal.post(f"/journals/{group.pk}/cells/", entry(*next(values)))

        assert b'"saved"' in portal.post(f"/journals/{group.pk}/cells/", entry("2", "4")).body

        grid, grid_floor = p50s(lambda: portal.get(path), lambda: floor.get(f"/journal/{group.pk}"))
        saved, saved_floor = p50s(save, lambda: floor.post("/mark", {**cell, "value": "5"}))
        (diary,) = p50s(lambda: family.get("/diary/"))
        rate, p95 = together([Client(port, signed_in(teacher)) for _ in range(8)], path)
        floor_rate, _ = together([Client(bare, signed_in(teacher)) for _ in range(8)], f"/journal/{group.pk}")
        size, packed = weight(portal.get(path).body)
    return {
        "journal.grid.p50_ms": grid,
        "journal.grid.floor_p50_ms": grid_floor,
        "journal.grid.ratio": grid / grid_floor,
        "journal.grid.rps_c8": rate,
        "journal.grid.floor_rps_c8": floor_rate,
        "journal.grid.rps_ratio": rate / floor_rate,
        "journal.grid.p95_c8_ms": p95,
        "journal.grid.queries": queries(path, teacher),
        "journal.grid.bytes": size,
        "journal.grid.gzip_bytes": packed,
        "journal.save.p50_ms": saved,
        "journal.save.floor_p50_ms": saved_floor,
        "journal.save.ratio": saved / saved_floor,
        "journal.save.queries": queries(f"/journals/{group.pk}/cells/", teacher, entry(*next(values))),
        "journal.diary.p50_ms": diary,
    }
