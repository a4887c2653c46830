"""Forming the groups of a region: 5,000 pupils of 200 classes, 200 courses, ways between all schools."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from time import perf_counter

from enrollment.allocation import Application, Group, Problem, Pupil, Quota, Wish, allocate
from enrollment.clashes import Lesson

OPENS = datetime(2026, 8, 20, 6, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 9, 1), date(2027, 5, 31)
HOMES, HOSTS, CLASSES = 40, 25, 5


def region(pupils: int, courses: int, seed: int = 7) -> Problem:
    """Return a season: popular courses, small ones that will not open, quotas, late applications, second courses."""
    random = Random(seed)
    groups = tuple(
        Group(
            key=course * 10 + part,
            course=course,
            programme=course,
            host=1 + course % HOSTS,
            capacity=random.choice((15, 20, 25)),
            min_size=8,
            lessons=(
                Lesson(
                    random.randint(1, 6),
                    start := random.choice((840, 900, 960, 1020)),
                    start + 90,
                    FIRST,
                    LAST,
                    place=random.choice((1 + course % HOSTS, 1 + course % HOSTS, 0)),
                ),
            ),
        )
        for course in range(courses)
        for part in range(random.choice((1, 1, 2)))
    )
    popularity = [1 / (1 + course % 50) for course in range(courses)]
    applications: list[Application] = []
    for pupil in range(pupils):
        for _ in range(random.choice((1, 1, 1, 2))):
            registered = OPENS + timedelta(seconds=random.randrange(10 * 86400))
            chosen = dict.fromkeys(random.choices(range(courses), popularity, k=random.randint(1, 5)))
            late = random.random() < 0.05
            key = len(applications)
            applications.append(
                Application(key, pupil, tuple(Wish(course, registered, late) for course in chosen), number=key)
            )
    quotas = tuple(
        Quota(
            1 + home, tuple(course for course in range(courses) if course % HOSTS == host), seats=random.randint(2, 12)
        )
        for home in range(HOMES)
        for host in range(0, HOSTS, 3)
    )
    weeks = {
        1 + school * CLASSES + letter: tuple(
            Lesson(weekday, 510, random.choice((810, 855, 900)), place=1 + school) for weekday in range(1, 7)
        )
        for school in range(HOMES)
        for letter in range(CLASSES)
    }
    ways = {(one, other): random.randint(5, 45) for one in range(1, HOMES + 1) for other in range(one + 1, HOMES + 1)}
    children = tuple(
        Pupil(key, 1 + (school := key % HOMES), week=1 + school * CLASSES + key // HOMES % CLASSES)
        for key in range(pupils)
    )
    return Problem(groups, children, tuple(applications), quotas, weeks=weeks, ways=ways)


def bench() -> dict[str, float]:
    """Return the seconds of one run on one core."""
    problem = region(5000, 200)
    began = perf_counter()
    answer = allocate(problem)
    seconds = perf_counter() - began
    assert answer.places
    return {"allocation.5000x200.seconds": seconds}
