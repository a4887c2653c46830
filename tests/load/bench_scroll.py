"""The whole course in one grid, 40 pupils with 90 lessons, scrolled in Chromium: how long a frame takes."""

from __future__ import annotations

import os
from datetime import date, time, timedelta
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import sync_playwright

from tests.factories.schools import acting_as
from tests.load.region import LAST, courses_of, groups_of, journal_of, network_of, pupils_of
from tests.load.web import analysed, served, signed_in

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PUPILS, LESSONS = 40, 90
FIRST = date(2026, 9, 1)
#: Scroll by a hand's breadth a frame, there and back, along both sides, and note how far apart the frames are.
SCROLL = """
    () => new Promise((done) => {
        const box = document.querySelector(".journal-box");
        const frames = [];
        let last = performance.now(), step = 0;
        const right = box.scrollWidth - box.clientWidth, down = box.scrollHeight - box.clientHeight;
        function frame(now) {
            if (step) frames.push(now - last);
            last = now;
            const turn = Math.abs((step / 60) % 2 - 1);
            box.scrollTo(right * (1 - turn), down * (1 - turn));
            if (step++ < 360) requestAnimationFrame(frame);
            else done(frames);
        }
        requestAnimationFrame(frame);
    })
"""


def bench() -> dict[str, float]:
    network, schools = network_of(2)
    courses = courses_of(network, schools[1:], 1, groups=0, until=LAST)
    (group,) = groups_of(courses, 1, open=True, capacity=PUPILS)
    times = [(FIRST + timedelta(days=3 * no), time(15)) for no in range(LESSONS)]
    journal_of([group], pupils_of(schools[0], PUPILS), times=times)
    analysed()
    session = signed_in(acting_as(group.teacher))
    with served() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        address = f"http://127.0.0.1:{port}"
        page.context.add_cookies([{"name": "sid", "value": session, "url": address}])
        page.goto(f"{address}/journals/{group.pk}/?month=all")
        assert page.locator("thead th[data-lesson]").count() == LESSONS
        assert page.locator("tbody tr").count() == PUPILS
        ready = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
        frames = frames_of(page)
        keys = keys_of(page)
        browser.close()
    return {
        "journal.scroll.frame_p50_ms": median(frames),
        "journal.scroll.frame_p95_ms": quantiles(frames, n=20)[-1],
        "journal.scroll.ready_ms": ready,
        "journal.scroll.key_p95_ms": quantiles(keys, n=20)[-1],
    }


def frames_of(page: Any) -> list[float]:
    """Return how many milliseconds lie between two frames while the grid is scrolled; once to warm up."""
    page.evaluate(SCROLL)
    return [float(frame) for frame in page.evaluate(SCROLL)]


#: One press of an arrow, until the next frame is drawn.
PRESS = """
    (key) => new Promise((done) => {
        const began = performance.now();
        const how = { key, code: key, bubbles: true, cancelable: true };
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", how));
        document.querySelector(".journal-box").offsetTop;
        done(performance.now() - began);
    })
"""


def keys_of(page: Any) -> list[float]:
    """Return what a step by an arrow key takes, the layout included, along a row and back."""
    page.locator("td.w").first.click()
    return [float(page.evaluate(PRESS, key)) for key in ["ArrowRight"] * 80 + ["ArrowLeft"] * 80]
