"""Forming groups: who gets which place, over all courses at once, from the wishes ranked by the families.

Pure arithmetic over frozen data; nothing here knows of the database. Equal problems give equal answers, in whatever
order their parts are listed.

The rules, in words:

* An application wants one place: the course of its first wish, otherwise the next one. A pupil may have several.
* Each course ranks applications: those in time before late ones, then by the moment of registration, then by number.
* Deferred acceptance with the applications proposing: the outcome is stable, and best for the pupils among the stable
  ones. Groups of one course are tried in the order of their keys.
* Between two applications of one pupil the one registered earlier decides: the later one takes nothing that clashes
  with the place of the earlier one, and nothing of the same programme (I-2).
* A group whose members are fewer than its minimum is closed, one at a time: the one that lacks most; then the one with
  fewer members; then the one with the greater key. Its pupils go on to their next wishes. A closed group stays closed.
  One that holds places given by hand or before the run is not closed: a person has decided on it.
* Nothing is given that clashes with the lessons of the pupil's class or leaves too little time for the way to them,
  unless it is attended at a distance (6.8).
* A place fixed by hand stays, whatever else happens.
* A second run after families were told keeps the place of each one, unless (a) it exists no more or clashes now, or the
  group is closed, (b) an application that is earlier in its queue takes it, or (c) a later application would otherwise
  newly get into a course that this one wants more. Nobody is moved for any other reason, also not to a better place:
  that is what the waiting list asks the family about.

When all courses rank the applications alike, stable outcomes are unique and always exist. Where queues differ (late for
one course, in time for the other) together with clashes or quotas, there may be none; an application that would go on
moving in a circle is stopped after `MOST_MOVES` and named in `unsettled`.
"""

from enrollment.allocation.answer import Allocation, Closing, Obstacle, Placement, Refusal, Why
from enrollment.allocation.problem import (
    AllocationError,
    Application,
    Group,
    Problem,
    Pupil,
    Quota,
    Wish,
    problem_data,
    problem_of,
)
from enrollment.allocation.settling import allocate

__all__ = [
    "Allocation",
    "AllocationError",
    "Application",
    "Closing",
    "Group",
    "Obstacle",
    "Placement",
    "Problem",
    "Pupil",
    "Quota",
    "Refusal",
    "Why",
    "Wish",
    "allocate",
    "problem_data",
    "problem_of",
]
