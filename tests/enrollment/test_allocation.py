"""Forming groups: the arithmetic alone, without a database (I-2, I-3; rules on capacity, minimum, clashes, queues)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matching.games import HospitalResident

from enrollment.allocation import (
    Allocation,
    AllocationError,
    Application,
    Closing,
    Group,
    Obstacle,
    Problem,
    Pupil,
    Quota,
    Refusal,
    Why,
    Wish,
    allocate,
    problem_data,
    problem_of,
)
from enrollment.clashes import Lesson, weeks_clash
from tests.load.bench_allocation import region

AT = datetime(2026, 8, 24, 13, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 9, 1), date(2027, 5, 31)

quick = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def lesson(weekday: int, hour: int = 15) -> Lesson:
    return Lesson(weekday, hour * 60, hour * 60 + 60, FIRST, LAST)


def group(key: int, capacity: int = 10, min_size: int = 0, weekday: int = 0, **fields: Any) -> Group:
    """A group of a course and a programme of its own; without a weekday it has no timetable."""
    values = {"course": key, "programme": key, "host": 1, "lessons": (lesson(weekday),) if weekday else ()} | fields
    return Group(key=key, capacity=capacity, min_size=min_size, **values)


def applied(
    key: int, *courses: int, minute: int | None = None, pupil: int | None = None, late: bool = False
) -> Application:
    when = AT + timedelta(minutes=key if minute is None else minute)
    return Application(key, key if pupil is None else pupil, tuple(Wish(c, when, late) for c in courses), number=key)


def problem(groups: list[Group], applications: list[Application], **fields: Any) -> Problem:
    pupils = fields.pop("pupils", None) or tuple(Pupil(key, 1) for key in sorted({one.pupil for one in applications}))
    return Problem(tuple(groups), pupils, tuple(applications), **fields)


# --- exact cases --------------------------------------------------------------------------------------------------


def test_the_earlier_application_has_the_place_and_the_later_one_is_told_why() -> None:
    answer = allocate(problem([group(1, 2)], [applied(3, 1), applied(1, 1), applied(2, 1)]))
    assert answer.places == {1: 1, 2: 1}
    full = Obstacle(1, Why.FULL, seats=2, last=AT + timedelta(minutes=2))
    assert answer.placements[3].refused == (Refusal(1, (full,)),)
    assert answer.waiting == {1: (3,)}


def test_late_application_stands_after_all_timely_ones() -> None:
    answer = allocate(problem([group(1, 1)], [applied(1, 1, late=True), applied(2, 1)]))
    assert answer.places == {2: 1}


def test_same_moment_is_decided_by_the_number() -> None:
    answer = allocate(problem([group(1, 1)], [applied(2, 1, minute=0), applied(1, 1, minute=0)]))
    assert answer.places == {1: 1}


def test_next_wish_when_the_first_is_full_and_the_queue_of_the_first_is_kept() -> None:
    answer = allocate(problem([group(1, 1), group(2, 1)], [applied(1, 1), applied(2, 1, 2)]))
    assert answer.places == {1: 1, 2: 2}
    assert (answer.placements[2].rank, answer.waiting) == (2, {1: (2,)})


def test_who_does_not_wait_stands_in_no_queue() -> None:
    answer = allocate(problem([group(1, 1)], [applied(1, 1), replace(applied(2, 1), waits=False)]))
    assert answer.waiting == {}


def test_group_below_its_minimum_closes_and_its_pupils_are_placed_again() -> None:
    groups = [group(1, 10, min_size=8), group(2, 10, min_size=3)]
    answer = allocate(problem(groups, [applied(1, 1, 2), applied(2, 1, 2), applied(3, 2), applied(4, 1)]))
    assert answer.closed == (Closing(1, 8, 3),)
    assert answer.places == {1: 2, 2: 2, 3: 2}
    assert answer.placements[4].refused == (Refusal(1, (Obstacle(1, Why.CLOSED, seats=8, had=3),)),)
    assert answer.waiting == {}


def test_the_group_that_lacks_most_closes_first_and_saves_the_other() -> None:
    groups = [group(1, 10, min_size=5), group(2, 10, min_size=3)]
    wishes = [applied(1, 1, 2), applied(2, 2, 1), applied(3, 2, 1)]
    assert allocate(problem(groups, wishes)).closed == (Closing(1, 5, 1),)


def test_empty_group_is_left_for_those_who_come_from_a_closed_one() -> None:
    groups = [group(1, 10, min_size=3), group(2, 10, min_size=2)]
    answer = allocate(problem(groups, [applied(1, 1, 2), applied(2, 1, 2)]))
    assert (answer.places, answer.closed) == ({1: 2, 2: 2}, (Closing(1, 3, 2),))


def test_group_that_holds_places_already_is_not_closed() -> None:
    assert allocate(problem([group(1, 10, min_size=8, taken=1)], [applied(1, 1)])).places == {1: 1}


def test_second_group_of_a_course_is_filled_after_the_first() -> None:
    groups = [group(11, 1, course=1, programme=1), group(12, 1, course=1, programme=1)]
    answer = allocate(problem(groups, [applied(1, 1), applied(2, 1), applied(3, 1)]))
    assert answer.places == {1: 11, 2: 12}
    assert [one.why for one in answer.placements[3].refused[0].obstacles] == [Why.FULL, Why.FULL]


def test_second_group_is_taken_when_the_first_clashes() -> None:
    groups = [
        group(11, 5, weekday=1, course=1, programme=1), group(12, 5, weekday=2, course=1, programme=1),
        group(2, 5, weekday=1),
    ]  # fmt: skip
    answer = allocate(problem(groups, [applied(1, 2, pupil=7), applied(2, 1, pupil=7)]))
    assert answer.places == {1: 2, 2: 12}


def test_between_two_applications_of_a_pupil_the_earlier_one_decides() -> None:
    groups = [group(1, 5, weekday=1), group(2, 5, weekday=1), group(3, 5, weekday=2)]
    answer = allocate(problem(groups, [applied(2, 2, 3, pupil=7), applied(1, 1, pupil=7)]))
    assert answer.places == {1: 1, 2: 3}
    assert answer.placements[2].refused == (Refusal(2, (Obstacle(2, Why.CLASH, course=1),)),)


def test_one_place_on_a_programme_in_a_year() -> None:
    groups = [group(1, 5, programme=9), group(2, 5, programme=9)]
    answer = allocate(problem(groups, [applied(1, 1, pupil=7), applied(2, 2, pupil=7)]))
    assert answer.places == {1: 1}
    assert answer.placements[2].refused[0].obstacles == (Obstacle(2, Why.PROGRAMME, course=1),)


def test_busy_week_and_held_programme_are_kept_clear() -> None:
    groups = [group(1, 5, weekday=1), group(2, 5, programme=9), group(3, 5)]
    pupil = Pupil(1, 1, busy=(lesson(1),), programmes=(9,))
    answer = allocate(problem(groups, [applied(1, 1, 2, 3)], pupils=(pupil,)))
    assert answer.places == {1: 3}
    assert [one.obstacles[0].why for one in answer.placements[1].refused] == [Why.BUSY, Why.PROGRAMME]
    assert answer.waiting == {}


def test_lessons_that_only_touch_do_not_clash() -> None:
    summer = replace(lesson(1), first=date(2027, 6, 1), last=date(2027, 6, 30))
    assert weeks_clash([lesson(1, 15)], [lesson(1, 16)], {}) is None
    assert weeks_clash([lesson(1)], [summer], {}) is None
    assert weeks_clash([lesson(1)], [replace(lesson(1), starts=959, ends=1000)], {}) == 0


def test_the_way_between_two_schools_counts_and_none_is_needed_at_a_distance() -> None:
    at_one, at_two = replace(lesson(1, 15), place=1), replace(lesson(1, 16), place=2)
    for places, short in (((1, 2), 20), ((2, 1), 20), ((1, 1), None), ((0, 2), None), ((1, 3), None)):
        mine, other = replace(at_one, place=places[0]), replace(at_two, place=places[1])
        assert weeks_clash([mine], [other], {(1, 2): 20}) == short, places
        assert weeks_clash([other], [mine], {(1, 2): 20}) == short, places


def test_lessons_of_the_class_stop_what_the_pupil_goes_to_and_the_words_tell_the_way() -> None:
    """One class till 14:00, another till 14:45, 30 minutes to the host: at 15:00 only the first is in time (6.8)."""
    ends_at_14 = (Lesson(1, 510, 840, place=1),)
    ends_at_1445 = (Lesson(1, 510, 885, place=1),)
    visited = Lesson(1, 900, 960, FIRST, LAST, place=2)
    groups = [group(1, 5), group(2, 5), group(3, 5)]
    groups[0] = replace(groups[0], lessons=(visited,))
    groups[1] = replace(groups[1], lessons=(replace(visited, starts=870, ends=930),))
    groups[2] = replace(groups[2], lessons=(replace(visited, starts=870, ends=930, place=0),))
    pupils = (Pupil(1, 1, week=7), Pupil(2, 1, week=8), Pupil(3, 1), Pupil(4, 1, week=8))
    wishes = [applied(1, 1), applied(2, 1, 2, 3), applied(3, 1), applied(4, 1)]
    season = problem(groups, wishes, pupils=pupils, weeks={7: ends_at_14, 8: ends_at_1445}, ways={(1, 2): 30})
    answer = allocate(replace(season, fixed={4: 1}))
    assert answer.places == {1: 1, 2: 3, 3: 1, 4: 1}
    assert [refusal.obstacles for refusal in answer.placements[2].refused] == [
        (Obstacle(1, Why.WEEK, short=15),),
        (Obstacle(2, Why.WEEK),),
    ]
    assert answer.waiting == {}


def test_quota_of_a_home_school_over_two_courses() -> None:
    pupils = tuple(Pupil(key, 1 if key < 4 else 2) for key in range(1, 5))
    quota = Quota(home=1, courses=(1, 2), seats=2)
    wishes = [applied(1, 1), applied(2, 2), applied(3, 1, 2), applied(4, 1)]
    answer = allocate(problem([group(1), group(2)], wishes, pupils=pupils, quotas=(quota,)))
    assert answer.places == {1: 1, 2: 2, 4: 1}
    why = Obstacle(1, Why.QUOTA, seats=2, last=AT + timedelta(minutes=2))
    assert answer.placements[3].refused[0].obstacles == (why,)
    assert answer.waiting == {1: (3,), 2: (3,)}


def test_fixed_place_stays_and_is_named_to_those_behind() -> None:
    answer = allocate(problem([group(1, 1, min_size=8)], [applied(1, 1), applied(2, 1)], fixed={2: 1}))
    assert (answer.places, answer.placements[2].fixed, answer.closed) == ({2: 1}, True, ())
    assert answer.placements[1].refused[0].obstacles == (Obstacle(1, Why.FULL, seats=1, fixed=1),)


@pytest.mark.parametrize(
    "fixed",
    [{1: 1, 2: 1}, {1: 2}, {3: 3, 4: 4}],
    ids=["no seat for both", "not a wish", "two at one time for one pupil"],
)
def test_impossible_fixed_places_are_refused(fixed: dict[int, int]) -> None:
    groups = [group(1, 1), group(2), group(3, weekday=1), group(4, weekday=1)]
    wishes = [applied(1, 1), applied(2, 1), applied(3, 3, pupil=7), applied(4, 4, pupil=7)]
    with pytest.raises(AllocationError):
        allocate(problem(groups, wishes, fixed=fixed))


# --- a second run ---------------------------------------------------------------------------------------------------


def test_second_run_moves_nobody_into_a_freed_place_that_no_later_one_gets() -> None:
    wishes = [applied(2, 1, 2)]
    answer = allocate(problem([group(1, 1), group(2, 1)], wishes, previous={2: 2}))
    assert answer.places == {2: 2}
    assert answer.placements[2].refused[0].obstacles == (Obstacle(1, Why.FREE, seats=1),)
    assert answer.waiting == {1: (2,)}


def test_second_run_lets_nobody_newcome_overtake() -> None:
    wishes = [applied(2, 1, 2), applied(3, 1), applied(4, 2)]
    answer = allocate(problem([group(1, 1), group(2, 1)], wishes, previous={2: 2}))
    assert answer.places == {2: 1, 4: 2}


def test_earlier_application_that_comes_with_a_later_list_takes_its_place() -> None:
    answer = allocate(problem([group(1, 1)], [applied(1, 1), applied(2, 1)], previous={2: 1}))
    assert answer.places == {1: 1}


def test_second_run_gives_up_a_place_that_exists_no_more() -> None:
    wishes = [applied(1, 1), applied(2, 1, 2), applied(3, 2)]
    before = {1: 1, 2: 1, 3: 2}
    answer = allocate(problem([group(1, 1), group(2, 2)], wishes, previous=before))
    assert answer.places == {1: 1, 2: 2, 3: 2}


# --- properties -----------------------------------------------------------------------------------------------------


@st.composite
def problems(draw: st.DrawFn, *, plain: bool = False, own_queues: bool = False) -> Problem:
    """Draw a small season; `plain` has no minimum, clash, quota or second application.

    `own_queues` lets an application be late for one course and in time for the other.
    """
    courses = draw(st.integers(1, 5))
    groups = []
    for course in range(1, courses + 1):
        for part in range(1 if plain else draw(st.integers(1, 2))):
            groups.append(
                Group(
                    key=course * 10 + part,
                    course=course,
                    programme=course if plain else draw(st.integers(1, courses)),
                    host=1,
                    capacity=draw(st.integers(1, 4)),
                    min_size=0 if plain else draw(st.integers(0, 4)),
                    lessons=() if plain else (draw(lessons()),),
                )
            )
    count = draw(st.integers(1, 12))
    applications = []
    for key in range(1, count + 1):
        chosen = draw(st.lists(st.integers(1, courses), min_size=1, max_size=4, unique=True))
        moment, late = AT + timedelta(minutes=draw(st.integers(0, 5))), draw(st.booleans())
        wishes = tuple(Wish(course, moment, draw(st.booleans()) if own_queues else late) for course in chosen)
        pupil = key if plain else draw(st.integers(1, count))
        applications.append(Application(key, pupil, wishes, number=key))
    homes = 1 if plain else 2
    pupils = tuple(Pupil(key, 1 + key % homes, week=0 if plain else key % 3) for key in range(1, count + 1))
    weeks, ways = {}, {}
    if not plain:
        weeks = {
            key: (Lesson(draw(st.integers(1, 3)), 510, draw(st.sampled_from([880, 905, 930])), place=1),)
            for key in (1, 2)
        }
        ways = {pair: draw(st.sampled_from([0, 20, 40])) for pair in ((1, 2), (2, 3))}
    quotas: tuple[Quota, ...] = ()
    if not plain:
        quotas = tuple(
            Quota(home, tuple(draw(st.sets(st.integers(1, courses), min_size=1))), draw(st.integers(0, 3)))
            for home in draw(st.sets(st.sampled_from([1, 2])))
        )
    return Problem(tuple(groups), pupils, tuple(applications), quotas, weeks=weeks, ways=ways)


@st.composite
def lessons(draw: st.DrawFn) -> Lesson:
    return replace(lesson(draw(st.integers(1, 3)), draw(st.integers(15, 16))), place=draw(st.sampled_from([0, 2, 3])))


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


@quick
@given(problems())
def test_outcome_is_stable_within_capacity_minimum_quota_and_week(problem: Problem) -> None:
    answer = allocate(problem)
    assert (answer.unsettled, breaches(problem, answer)) == ((), [])


@quick
@given(problems(own_queues=True))
def test_outcome_is_stable_when_courses_rank_differently(problem: Problem) -> None:
    answer = allocate(problem)
    assert answer.unsettled or breaches(problem, answer) == []


@quick
@given(problems(own_queues=True), st.randoms(use_true_random=False))
def test_order_of_the_input_does_not_matter(problem: Problem, random: Random) -> None:
    def mixed(rows: tuple) -> tuple:
        return tuple(random.sample(rows, len(rows)))

    other = replace(
        problem,
        groups=mixed(problem.groups),
        pupils=mixed(problem.pupils),
        applications=mixed(problem.applications),
        quotas=mixed(problem.quotas),
    )
    assert allocate(other) == allocate(problem)


@quick
@given(problems(plain=True, own_queues=True), st.data())
def test_one_more_seat_makes_no_pupil_worse_off(problem: Problem, data: st.DataObject) -> None:
    """A theorem without minimum sizes, clashes and quotas; with them a fuller group may empty a small one."""
    before = allocate(problem)
    grown = data.draw(st.sampled_from(problem.groups))
    groups = tuple(replace(one, capacity=one.capacity + (one == grown)) for one in problem.groups)
    after = allocate(replace(problem, groups=groups))
    for key, placement in before.placements.items():
        assert (after.placements[key].rank or 99) <= (placement.rank or 99)


@quick
@given(problems(plain=True, own_queues=True))
def test_plain_case_equals_the_resident_optimal_matching(problem: Problem) -> None:
    group_of = {one.course: one.key for one in problem.groups}
    residents = {one.key: [group_of[wish.course] for wish in one.wishes] for one in problem.applications}
    hospitals = {
        group_of[course]: [
            one.key
            for one in sorted(
                (one for one in problem.applications if course in {wish.course for wish in one.wishes}),
                key=lambda one: place_in_queue(one, course),
            )
        ]
        for course in group_of
    }
    hospitals = {key: wanted for key, wanted in hospitals.items() if wanted}
    capacities = {one.key: one.capacity for one in problem.groups if one.key in hospitals}
    game = HospitalResident.create_from_dictionaries(residents, hospitals, capacities)
    expected = {
        resident.name: hospital.name
        for hospital, matched in game.solve(optimal="resident").items()
        for resident in matched
    }
    assert allocate(problem).places == expected


@quick
@given(problems(own_queues=True), st.data())
def test_fixed_places_are_kept(problem: Problem, data: st.DataObject) -> None:
    free = allocate(problem).places
    fixed = {key: free[key] for key in data.draw(st.sets(st.sampled_from(sorted(free))))} if free else {}
    answer = allocate(replace(problem, fixed=fixed))
    assert {key: answer.places.get(key) for key in fixed} == fixed
    assert answer.unsettled or breaches(replace(problem, fixed=fixed), answer) == []


@quick
@given(problems(own_queues=True))
def test_second_run_of_the_same_problem_changes_nothing(problem: Problem) -> None:
    told = allocate(problem)
    assert told.unsettled or allocate(replace(problem, previous=told.places)).places == told.places


@quick
@given(problems(), st.data())
def test_second_run_changes_a_place_only_for_a_reason(problem: Problem, data: st.DataObject) -> None:
    """Some applications are withdrawn, some come new: whoever was told keeps the place, or a reason holds."""
    keys = [one.key for one in problem.applications]
    new = data.draw(st.sets(st.sampled_from(keys)))
    gone = data.draw(st.sets(st.sampled_from(keys))) - new
    told = allocate(replace(problem, applications=tuple(o for o in problem.applications if o.key not in new))).places
    rest = tuple(one for one in problem.applications if one.key not in gone)
    second = replace(problem, applications=rest, previous={k: g for k, g in told.items() if k not in gone})
    answer = allocate(second)
    applications = {one.key: one for one in rest}
    groups = {one.key: one for one in problem.groups}
    closed = {one.group for one in answer.closed}
    newly = {key: place for key, place in answer.places.items() if told.get(key) != place}
    for key, place in told.items():
        if key in gone or answer.places.get(key) == place:
            continue
        one, course = applications[key], groups[place].course
        lost = place in closed or any(
            applications[other].pupil == one.pupil and other != key and together(groups[place], groups[seat], problem)
            for other, seat in answer.places.items()
        )
        earlier = any(
            place_in_queue(applications[other], groups[seat].course) < place_in_queue(one, course)
            for other, seat in newly.items()
            if seat == place or any({groups[seat].course, course} <= set(quota.courses) for quota in problem.quotas)
        )
        wanted = [wish.course for wish in one.wishes]
        got = answer.places.get(key)
        rose = got is not None and wanted.index(groups[got].course) <= wanted.index(course)
        assert lost or earlier or rose, (key, place, answer.places, told)


@quick
@given(problems(own_queues=True))
def test_problem_survives_being_written_down(problem: Problem) -> None:
    written = json.dumps(problem_data(problem))
    assert allocate(problem_of(json.loads(written))) == allocate(problem)
    assert json.dumps(problem_data(problem_of(json.loads(written)))) == written


def test_season_of_a_region_is_stable() -> None:
    season = region(300, 20)
    answer = allocate(season)
    assert (answer.unsettled, breaches(season, answer), len(answer.closed) > 0) == ((), [], True)
