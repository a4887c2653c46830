"""What a run of the forming of groups says: places, waiting lists, closed groups, and what stood in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property


class Why(StrEnum):
    """What stands between an application and a group."""

    FULL = "full"
    QUOTA = "quota"
    CLOSED = "closed"
    WEEK = "week"
    CLASH = "clash"
    BUSY = "busy"
    PROGRAMME = "programme"
    KEPT = "kept"
    FREE = "free"


@dataclass(frozen=True)
class Obstacle:
    """Why an application has no place in a group that it wants more than what it got.

    Attributes:
        seats: FULL and KEPT: the capacity; QUOTA: its seats; CLOSED: the minimum.
        had: CLOSED: how many would have been in the group.
        taken: FULL and KEPT: seats held before the run.
        fixed: FULL and KEPT: seats given by hand.
        last: FULL and QUOTA: the moment of the latest application that has a place; None when all were held before.
        last_late: whether that one was late.
        course: CLASH and PROGRAMME: the course of the other place of the pupil.
        short: WEEK, CLASH and BUSY: the minutes missing for the way; 0 when the lessons are at one time.
    """

    group: int
    why: Why
    seats: int = 0
    had: int = 0
    taken: int = 0
    fixed: int = 0
    last: datetime | None = None
    last_late: bool = False
    course: int | None = None
    short: int = 0


@dataclass(frozen=True)
class Refusal:
    """A wish that was not met: what stands against each group of the course."""

    course: int
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Placement:
    """What became of an application: `group` None is no place; `rank` counts from 1; `refused` explains the rest."""

    application: int
    group: int | None
    rank: int | None
    fixed: bool
    refused: tuple[Refusal, ...]


@dataclass(frozen=True)
class Closing:
    """A group that did not reach its minimum."""

    group: int
    min_size: int
    had: int


@dataclass(frozen=True)
class Allocation:
    """The answer.

    Attributes:
        placements: by the key of the application.
        waiting: for each course those who agreed to wait, want it more than what they got, and only lack a seat.
        closed: in the order of closing.
        unsettled: applications that were stopped, see the module's words.
    """

    placements: Mapping[int, Placement]
    waiting: Mapping[int, tuple[int, ...]]
    closed: tuple[Closing, ...]
    unsettled: tuple[int, ...] = ()

    @cached_property
    def places(self) -> dict[int, int]:
        """The group of each application that has one."""
        return {key: one.group for key, one in self.placements.items() if one.group is not None}
