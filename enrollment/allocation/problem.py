"""What a run of the forming of groups starts from, as frozen data, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from enrollment.clashes import Lesson, Ways


class AllocationError(ValueError):
    """The places fixed by hand contradict each other or the seats."""


@dataclass(frozen=True, order=True)
class Group:
    """A group: `taken` of its `capacity` seats are held already; `min_size` counts them too."""

    key: int
    course: int
    programme: int
    host: int
    capacity: int
    min_size: int = 0
    taken: int = 0
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, order=True)
class Pupil:
    """A pupil: lessons that cannot be moved, programmes on which a place is held, the class whose week counts."""

    key: int
    home: int
    busy: tuple[Lesson, ...] = ()
    programmes: tuple[int, ...] = ()
    week: int = 0


@dataclass(frozen=True, order=True)
class Wish:
    """A course and the place in its queue."""

    course: int
    registered: datetime
    late: bool = False


@dataclass(frozen=True, order=True)
class Application:
    """One wanted place: wishes in order; `number` breaks ties of the same moment; `waits` agrees to waiting lists."""

    key: int
    pupil: int
    wishes: tuple[Wish, ...]
    number: int = 0
    waits: bool = True


@dataclass(frozen=True, order=True)
class Quota:
    """At most `seats` places for pupils of one home school in `courses` together; `taken` are held already."""

    home: int
    courses: tuple[int, ...]
    seats: int
    taken: int = 0


@dataclass(frozen=True)
class Problem:
    """Everything that the outcome depends on.

    Attributes:
        fixed: places given by hand: application to group.
        previous: places that families were told of: application to group.
        weeks: the lessons of a class at home; they stop only what the pupils go to: from a lesson at a distance the
            school may free a pupil.
        ways: minutes between schools.
    """

    groups: tuple[Group, ...]
    pupils: tuple[Pupil, ...]
    applications: tuple[Application, ...]
    quotas: tuple[Quota, ...] = ()
    fixed: Mapping[int, int] = field(default_factory=dict)
    previous: Mapping[int, int] = field(default_factory=dict)
    weeks: Mapping[int, tuple[Lesson, ...]] = field(default_factory=dict)
    ways: Ways = field(default_factory=dict)


def problem_data(problem: Problem) -> dict[str, Any]:
    """Return a problem as plain data in one order, from which `problem_of` makes it again."""

    def lesson(one: Lesson) -> list[Any]:
        return [one.weekday, one.starts, one.ends, one.first.isoformat(), one.last.isoformat(), one.place]

    return {
        "groups": [asdict(one) | {"lessons": [lesson(x) for x in one.lessons]} for one in sorted(problem.groups)],
        "pupils": [
            asdict(one) | {"busy": [lesson(x) for x in one.busy], "programmes": sorted(one.programmes)}
            for one in sorted(problem.pupils)
        ],
        "applications": [
            asdict(one) | {"wishes": [[wish.course, wish.registered.isoformat(), wish.late] for wish in one.wishes]}
            for one in sorted(problem.applications)
        ],
        "quotas": [asdict(one) | {"courses": sorted(one.courses)} for one in sorted(problem.quotas)],
        "fixed": [[key, group] for key, group in sorted(problem.fixed.items())],
        "previous": [[key, group] for key, group in sorted(problem.previous.items())],
        "weeks": [[key, [lesson(one) for one in week]] for key, week in sorted(problem.weeks.items())],
        "ways": [[*pair, minutes] for pair, minutes in sorted(problem.ways.items())],
    }


def problem_of(data: Mapping[str, Any]) -> Problem:
    """Return the problem that `problem_data` wrote down."""

    def lessons(rows: Iterable[list[Any]]) -> tuple[Lesson, ...]:
        return tuple(
            Lesson(weekday, starts, ends, date.fromisoformat(first), date.fromisoformat(last), place)
            for weekday, starts, ends, first, last, place in rows
        )

    return Problem(
        groups=tuple(Group(**one | {"lessons": lessons(one["lessons"])}) for one in data["groups"]),
        pupils=tuple(
            Pupil(**one | {"busy": lessons(one["busy"]), "programmes": tuple(one["programmes"])})
            for one in data["pupils"]
        ),
        applications=tuple(
            Application(
                **one
                | {
                    "wishes": tuple(
                        Wish(course, datetime.fromisoformat(registered), late)
                        for course, registered, late in one["wishes"]
                    )
                }
            )
            for one in data["applications"]
        ),
        quotas=tuple(Quota(**one | {"courses": tuple(one["courses"])}) for one in data["quotas"]),
        fixed=dict(data["fixed"]),
        previous=dict(data["previous"]),
        weeks={key: lessons(rows) for key, rows in data["weeks"]},
        ways={(first, second): minutes for first, second, minutes in data["ways"]},
    )
