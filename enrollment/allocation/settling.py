"""The settling itself: deferred acceptance by the rules that stand in the package's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from heapq import heappop, heappush

from enrollment.allocation.answer import Allocation, Closing, Obstacle, Placement, Refusal, Why
from enrollment.allocation.problem import AllocationError, Application, Group, Problem, Pupil
from enrollment.clashes import weeks_clash

MOST_MOVES = 50


def allocate(problem: Problem) -> Allocation:
    """Return who gets which place.

    Raises:
        AllocationError: the fixed places contradict each other, the seats or the quotas.
    """
    kept = dict(problem.previous)
    while True:
        run = _Run(problem, kept)
        run.settle()
        overtaken = run.overtaken()
        if not overtaken:
            return run.answer()
        for key in overtaken:
            del kept[key]


class _Run:
    """One settling of a problem; `kept` are the places with which their applications begin."""

    def __init__(self, problem: Problem, kept: Mapping[int, int]) -> None:
        self.groups = {group.key: group for group in sorted(problem.groups)}
        self.pupils = {pupil.key: pupil for pupil in problem.pupils}
        self.applications = {one.key: one for one in sorted(problem.applications, key=_seniority)}
        self.quotas = sorted(problem.quotas)
        #: Applications by seniority: the order of proposing, and between two of one pupil.
        self.turn = {key: turn for turn, key in enumerate(self.applications)}
        self.groups_of: dict[int, list[int]] = defaultdict(list)
        for group in self.groups.values():
            self.groups_of[group.course].append(group.key)
        self.siblings: dict[int, list[int]] = defaultdict(list)
        for one in self.applications.values():
            self.siblings[one.pupil].append(one.key)
        self.queue = self._queue()
        self.choices = {one.key: list(self._choices(one)) for one in self.applications.values()}
        self.quotas_of: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, quota in enumerate(self.quotas):
            for course in quota.courses:
                self.quotas_of[quota.home, course].append(index)
        self.place: dict[int, int] = {}
        self.members: dict[int, dict[int, int]] = {key: {} for key in self.groups}
        self.quota_members: list[dict[int, int]] = [{} for _ in self.quotas]
        self.closed: dict[int, Closing] = {}
        self.fixed = {key: group for key, group in problem.fixed.items() if key in self.applications}
        self.kept = {
            key: group
            for key, group in kept.items()
            if key in self.applications and key not in self.fixed and group in self.choices[key]
        }
        for key, place in self.kept.items():
            self.choices[key].remove(place)
            self.choices[key].insert(0, place)
        self.rejected: dict[int, set[int]] = defaultdict(set)
        self.rejected_by_quota: dict[int, set[int]] = defaultdict(set)
        self.moves: dict[int, int] = defaultdict(int)
        self.unsettled: set[int] = set()
        self.weeks, self.ways = problem.weeks, problem.ways
        self.week_clashes: dict[tuple[int, int], int | None] = {}
        self.clashes: dict[tuple[int, int], int | None] = {}
        self.waiting_turns: list[int] = []
        self.waiting_keys: set[int] = set()
        self.by_turn = list(self.applications)
        self._seat_fixed()

    def _queue(self) -> dict[tuple[int, int], int]:
        """Number every wish in the order of the queues."""
        wishes = sorted(
            (wish.late, wish.registered, one.number, one.key, wish.course)
            for one in self.applications.values()
            for wish in one.wishes
        )
        return {(key, course): number for number, (_, _, _, key, course) in enumerate(wishes)}

    def _choices(self, one: Application) -> Iterator[int]:
        for wish in one.wishes:
            yield from self.groups_of.get(wish.course, ())

    def _seat_fixed(self) -> None:
        for key, group_key in sorted(self.fixed.items()):
            if group_key not in self.choices[key]:
                raise AllocationError(f"application {key} has no wish for group {group_key}")
            if self._displaced(key, group_key, by_hand=True) != []:
                raise AllocationError(f"application {key} cannot be fixed in group {group_key}")
            self._put(key, group_key)

    # --- settling -------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everyone propose; close groups that lack members, one at a time, and let their pupils go on."""
        for key in self.applications:
            self._call(key)
        self._propose()
        while (weakest := self._weakest()) is not None:
            group = self.groups[weakest]
            self.closed[weakest] = Closing(weakest, group.min_size, len(self.members[weakest]))
            self._leave(list(self.members[weakest]))
            self._propose()

    def _call(self, key: int) -> None:
        if key not in self.fixed and key not in self.waiting_keys:
            self.waiting_keys.add(key)
            heappush(self.waiting_turns, self.turn[key])

    def _propose(self) -> None:
        while self.waiting_turns:
            key = self.by_turn[heappop(self.waiting_turns)]
            self.waiting_keys.discard(key)
            current = self.place.get(key)
            for group in self.choices[key]:
                if group == current:
                    break
                displaced = self._displaced(key, group)
                if displaced is None:
                    continue
                if self.moves[key] >= MOST_MOVES:
                    self.unsettled.add(key)
                    break
                self.moves[key] += 1
                self._take(key, group, displaced)
                break

    def _weakest(self) -> int | None:
        short = [
            (group.min_size - len(self.members[key]), -len(self.members[key]), key)
            for key, group in self.groups.items()
            if 0 < len(self.members[key]) < group.min_size
            and key not in self.closed
            and not group.taken
            and not any(member in self.fixed for member in self.members[key])
        ]
        return max(short)[2] if short else None

    def _displaced(self, key: int, group_key: int, *, by_hand: bool = False) -> list[int] | None:
        """Return whom the application `key` displaces when it takes a place in the group; None when it may not.

        A person who fixes a place may know that the class frees the pupil: `by_hand` does not ask the class's week.
        """
        if group_key in self.closed:
            return None
        one, group = self.applications[key], self.groups[group_key]
        pupil = self.pupils[one.pupil]
        if self._stopped_by_pupil(pupil, group) or (not by_hand and self._class_clash(pupil, group) is not None):
            return None
        out: list[int] = []
        for sibling in self.siblings[one.pupil]:
            if sibling != key and sibling in self.place and self._together(group_key, self.place[sibling]):
                if sibling in self.fixed or self.turn[sibling] < self.turn[key]:
                    return None
                out.append(sibling)
        turn = self.queue[key, group.course]
        for index in self.quotas_of.get((pupil.home, group.course), ()):
            quota = self.quotas[index]
            held = [member for member in self.quota_members[index] if member != key and member not in out]
            if quota.taken + len(held) >= quota.seats:
                last = self._last(self.quota_members[index], held)
                if last is None or self.quota_members[index][last] < turn:
                    self.rejected_by_quota[index].add(key)
                    return None
                out.append(last)
        members = self.members[group_key]
        if group.taken + len(members) >= group.capacity:
            held = [member for member in members if member != key and member not in out]
            if group.taken + len(held) >= group.capacity:
                last = self._last(members, held)
                if last is None or members[last] < turn:
                    self.rejected[group_key].add(key)
                    return None
                out.append(last)
        return out

    def _stopped_by_pupil(self, pupil: Pupil, group: Group) -> bool:
        return group.programme in pupil.programmes or self._busy_clash(pupil, group) is not None

    def _busy_clash(self, pupil: Pupil, group: Group) -> int | None:
        return weeks_clash(group.lessons, pupil.busy, self.ways) if pupil.busy else None

    def _class_clash(self, pupil: Pupil, group: Group) -> int | None:
        """Return the minutes missing between the week of the pupil's class and the group, one answer for the class."""
        pair = (pupil.week, group.key)
        if pair not in self.week_clashes:
            visited = [lesson for lesson in group.lessons if lesson.place]
            self.week_clashes[pair] = weeks_clash(visited, self.weeks.get(pupil.week, ()), self.ways)
        return self.week_clashes[pair]

    def _together(self, first: int, second: int) -> bool:
        """Tell whether one pupil may not be in both groups."""
        return self._clash(first, second) is not None or self.groups[first].programme == self.groups[second].programme

    def _clash(self, first: int, second: int) -> int | None:
        pair = (first, second) if first < second else (second, first)
        if pair not in self.clashes:
            self.clashes[pair] = weeks_clash(self.groups[first].lessons, self.groups[second].lessons, self.ways)
        return self.clashes[pair]

    def _last(self, turns: Mapping[int, int], held: list[int]) -> int | None:
        movable = [member for member in held if member not in self.fixed]
        return max(movable, key=turns.__getitem__) if movable else None

    def _take(self, key: int, group_key: int, displaced: list[int]) -> None:
        leaving = [*displaced, key] if key in self.place else displaced
        left = [(member, self._remove(member)) for member in leaving]
        self._put(key, group_key)
        self._reconsider(left)

    def _leave(self, keys: list[int]) -> None:
        self._reconsider([(key, self._remove(key)) for key in keys])

    def _reconsider(self, left: list[tuple[int, int]]) -> None:
        """Let those go on who lost a place, and those for whom the loss may have opened one."""
        for key, group_key in left:
            one, group = self.applications[key], self.groups[group_key]
            if key not in self.place:
                self._call(key)
            # Also when the seat is taken again at once: who has it now may be later than who had it.
            self._call_all(self.rejected.pop(group_key, set()))
            for index in self.quotas_of.get((self.pupils[one.pupil].home, group.course), ()):
                self._call_all(self.rejected_by_quota.pop(index, set()))
            self._call_all(self.siblings[one.pupil])

    def _call_all(self, keys: Iterable[int]) -> None:
        for key in keys:
            self._call(key)

    def _put(self, key: int, group_key: int) -> None:
        group = self.groups[group_key]
        turn = self.queue[key, group.course]
        self.place[key] = group_key
        self.members[group_key][key] = turn
        for index in self.quotas_of.get((self.pupils[self.applications[key].pupil].home, group.course), ()):
            self.quota_members[index][key] = turn

    def _remove(self, key: int) -> int:
        group_key = self.place.pop(key)
        del self.members[group_key][key]
        home = self.pupils[self.applications[key].pupil].home
        for index in self.quotas_of.get((home, self.groups[group_key].course), ()):
            del self.quota_members[index][key]
        return group_key

    def overtaken(self) -> list[int]:
        """Return who was kept while someone later newly got into a course that this one wants more and could enter."""
        found = []
        for key, kept in self.kept.items():
            if self.place.get(key) != kept:
                continue
            for course in self._better_courses(key):
                turn = self.queue[key, course]
                newly = any(
                    later > turn and member not in self.fixed and self.kept.get(member) != group
                    for group in self.groups_of.get(course, ())
                    for member, later in self.members[group].items()
                )
                if newly and any(self._displaced(key, group) is not None for group in self.groups_of[course]):
                    found.append(key)
                    break
        return found

    def _better_courses(self, key: int) -> list[int]:
        """Return the courses that the application wants more than what it got, in its own order."""
        courses = [wish.course for wish in self.applications[key].wishes]
        got = self.place.get(key)
        return courses if got is None else courses[: courses.index(self.groups[got].course)]

    # --- the answer -----------------------------------------------------------------------------------------------

    def answer(self) -> Allocation:
        placements = {key: self._placement(key) for key in sorted(self.applications)}
        waiting: dict[int, list[int]] = defaultdict(list)
        seatless = {Why.FULL, Why.QUOTA, Why.KEPT, Why.FREE}
        for key, placement in placements.items():
            if self.applications[key].waits and not placement.fixed:
                for refusal in placement.refused:
                    if any(obstacle.why in seatless for obstacle in refusal.obstacles):
                        waiting[refusal.course].append(key)
        return Allocation(
            placements=placements,
            waiting={course: self._in_turn(course, waiting[course]) for course in sorted(waiting)},
            closed=tuple(self.closed.values()),
            unsettled=tuple(sorted(self.unsettled)),
        )

    def _in_turn(self, course: int, keys: list[int]) -> tuple[int, ...]:
        return tuple(sorted(keys, key=lambda key: self.queue[key, course]))

    def _placement(self, key: int) -> Placement:
        better = self._better_courses(key)
        group = self.place.get(key)
        refused = tuple(
            Refusal(course, tuple(self._obstacle(key, group) for group in self.groups_of.get(course, ())))
            for course in better
        )
        return Placement(key, group, None if group is None else len(better) + 1, key in self.fixed, refused)

    def _obstacle(self, key: int, group_key: int) -> Obstacle:
        """Say from the outcome what stands between an application and a group."""
        one, group = self.applications[key], self.groups[group_key]
        pupil = self.pupils[one.pupil]
        if closing := self.closed.get(group_key):
            return Obstacle(group_key, Why.CLOSED, seats=closing.min_size, had=closing.had)
        if group.programme in pupil.programmes:
            return Obstacle(group_key, Why.PROGRAMME)
        if (short := self._busy_clash(pupil, group)) is not None:
            return Obstacle(group_key, Why.BUSY, short=short)
        if (short := self._class_clash(pupil, group)) is not None:
            return Obstacle(group_key, Why.WEEK, short=short)
        for sibling in self.siblings[one.pupil]:
            senior = sibling in self.fixed or self.turn[sibling] < self.turn[key]
            if sibling != key and senior and sibling in self.place and self._together(group_key, self.place[sibling]):
                other = self.groups[self.place[sibling]]
                if other.programme == group.programme:
                    return Obstacle(group_key, Why.PROGRAMME, course=other.course)
                return Obstacle(group_key, Why.CLASH, course=other.course, short=self._clash(group_key, other.key) or 0)
        turn = self.queue[key, group.course]
        for index in self.quotas_of.get((pupil.home, group.course), ()):
            quota, held = self.quotas[index], self.quota_members[index]
            if quota.taken + len(held) - (key in held) >= quota.seats:
                last, late = self._latest({k: t for k, t in held.items() if k != key})
                return Obstacle(group_key, Why.QUOTA, seats=quota.seats, last=last, last_late=late)
        members = self.members[group_key]
        if group.taken + len(members) < group.capacity:
            return Obstacle(group_key, Why.FREE, seats=group.capacity)
        movable = {member: when for member, when in members.items() if member not in self.fixed}
        last, late = self._latest(movable)
        kept = any(when > turn for when in movable.values())
        return Obstacle(
            group_key,
            Why.KEPT if kept else Why.FULL,
            seats=group.capacity,
            taken=group.taken,
            fixed=len(members) - len(movable),
            last=None if kept else last,
            last_late=late and not kept,
        )

    def _latest(self, turns: Mapping[int, int]) -> tuple[datetime | None, bool]:
        if not turns:
            return None, False
        key = max(turns, key=turns.__getitem__)
        course = self.groups[self.place[key]].course
        wish = next(wish for wish in self.applications[key].wishes if wish.course == course)
        return wish.registered, wish.late


def _seniority(one: Application) -> tuple[bool, datetime, int, int]:
    first = one.wishes[0]
    return first.late, first.registered, one.number, one.key
