"""When two lessons of a week cannot both be attended: the one rule of applications, offers and the forming of groups.

Told on clock times, never on numbers of lessons (6.11). Ends that touch, with no way between, do not clash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

#: Minutes between two schools, either way, the smaller number first; no pair means that nobody has said yet.
Ways = Mapping[tuple[int, int], int]


@dataclass(frozen=True, order=True)
class Lesson:
    """A weekly lesson.

    Attributes:
        weekday: as `date.isoweekday()`.
        starts: minutes from midnight.
        ends: the same.
        first: the first day on which it may recur.
        last: the last such day.
        place: the school where it is; 0 when nobody goes anywhere: at a distance.
    """

    weekday: int
    starts: int
    ends: int
    first: date = date.min
    last: date = date.max
    place: int = 0


def way_between(first: int, second: int, ways: Ways) -> int:
    """Return the minutes of the way between two places."""
    if not first or not second or first == second:
        return 0
    return ways.get((first, second) if first < second else (second, first), 0)


def missing_minutes(one: Lesson, other: Lesson, ways: Ways) -> int | None:
    """Return how many minutes of the way are missing between two lessons.

    Returns:
        None when both can be attended; 0 when they are at one time; otherwise what the way needs beyond the break.
    """
    if one.weekday != other.weekday or one.last < other.first or other.last < one.first:
        return None
    early, late = (one, other) if (one.starts, one.ends) <= (other.starts, other.ends) else (other, one)
    gap = late.starts - early.ends
    if gap < 0:
        return 0
    short = way_between(early.place, late.place, ways) - gap
    return short if short > 0 else None


def weeks_clash(mine: Iterable[Lesson], others: Iterable[Lesson], ways: Ways) -> int | None:
    """Return the minutes missing between two weeks, as of `missing_minutes`; of several clashes the worst counts."""
    others = tuple(others)
    short = [found for a in mine for b in others if (found := missing_minutes(a, b, ways)) is not None]
    if not short:
        return None
    return 0 if 0 in short else max(short)
