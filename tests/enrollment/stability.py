"""What is wrong with an outcome of the forming of groups, told independently of how it was found."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from enrollment.allocation import Allocation, Application, Group, Problem, Pupil, Quota
from enrollment.clashes import weeks_clash


def place_in_queue(one: Application, course: int) -> tuple[bool, datetime, int, int]:
    wish = next(wish for wish in one.wishes if wish.course == course)
    return wish.late, wish.registered, one.number, one.key


def seniority(one: Application) -> tuple[bool, datetime, int, int]:
    return place_in_queue(one, one.wishes[0].course)


def breaches(problem: Problem, answer: Allocation) -> list[str]:
    """Return what is wrong with an outcome, told independently of how it was found."""
    groups = {one.key: one for one in problem.groups}
    applications = {one.key: one for one in problem.applications}
    pupils = {one.key: one for one in problem.pupils}
    homes = {one.key: one.home for one in problem.pupils}
    closed = {one.group for one in answer.closed}
    sizes = Counter(answer.places.values())
    wrong = []
    for key, group in groups.items():
        if group.taken + sizes[key] > group.capacity:
            wrong.append(f"beyond the capacity of {key}")
        held_by_hand = group.taken or any(answer.places.get(one) == key for one in problem.fixed)
        if 0 < sizes[key] < group.min_size and not held_by_hand:
            wrong.append(f"below the minimum of {key}")
    for quota in problem.quotas:
        if quota_use(quota, answer.places, applications, groups, homes) > quota.seats - quota.taken:
            wrong.append(f"beyond {quota}")
    for key, place in answer.places.items():
        if place in closed:
            wrong.append(f"{key} in the closed {place}")
        if key not in problem.fixed and not attendable(groups[place], pupils[applications[key].pupil], problem):
            wrong.append(f"{key} cannot come to {place}")
        if groups[place].course not in {wish.course for wish in applications[key].wishes}:
            wrong.append(f"{key} never wished {place}")
        for other, second in answer.places.items():
            own = other > key and applications[other].pupil == applications[key].pupil
            if own and together(groups[place], groups[second], problem):
                wrong.append(f"{key} and {other} at once")
    for key, one in applications.items():
        if key not in problem.fixed:
            wrong += [f"{key} blocks with {place}" for place in blocking(one, problem, answer, groups, closed, homes)]
    return wrong


def together(first: Group, second: Group, problem: Problem) -> bool:
    return first.programme == second.programme or weeks_clash(first.lessons, second.lessons, problem.ways) is not None


def attendable(group: Group, pupil: Pupil, problem: Problem) -> bool:
    """Tell whether the class's lessons leave the time for the group, told minute by minute."""
    for mine in group.lessons:
        for other in problem.weeks.get(pupil.week, ()) if mine.place else ():
            way = problem.ways.get((min(mine.place, other.place), max(mine.place, other.place)), 0)
            taken = set(range(other.starts - way, other.ends + way))
            if mine.weekday == other.weekday and taken & set(range(mine.starts, mine.ends)):
                return False
    return True


def quota_use(quota: Quota, places: dict[int, int], applications: dict, groups: dict, homes: dict) -> int:
    return sum(
        groups[place].course in quota.courses and homes[applications[key].pupil] == quota.home
        for key, place in places.items()
    )


def blocking(
    one: Application, problem: Problem, answer: Allocation, groups: dict, closed: set[int], homes: dict
) -> list[int]:
    """Return the open groups that `one` wants more and could enter by displacing only those later in the queue."""
    applications = {other.key: other for other in problem.applications}
    order = [key for wish in one.wishes for key in sorted(groups) if groups[key].course == wish.course]
    mine = answer.places.get(one.key)
    better = order if mine is None else order[: order.index(mine)]
    found = []
    for key in better:
        group = groups[key]
        pupil = next(pupil for pupil in problem.pupils if pupil.key == one.pupil)
        if key in closed or not attendable(group, pupil, problem):
            continue
        rest = {other: place for other, place in answer.places.items() if other != one.key}
        own = [
            other
            for other in rest
            if applications[other].pupil == one.pupil and together(groups[rest[other]], group, problem)
        ]
        if any(other in problem.fixed or seniority(applications[other]) < seniority(one) for other in own):
            continue
        turn = place_in_queue(one, group.course)
        for other in own:
            del rest[other]
        stays = {
            other: place
            for other, place in rest.items()
            if other in problem.fixed or place_in_queue(applications[other], groups[place].course) < turn
        }
        if group.taken + list(stays.values()).count(key) >= group.capacity:
            continue
        if any(
            group.course in quota.courses
            and quota.home == homes[one.pupil]
            and quota.taken + quota_use(quota, stays, applications, groups, homes) >= quota.seats
            for quota in problem.quotas
        ):
            continue
        found.append(key)
    return found
