"""Forming groups: what holds of every outcome, whatever the season (rules on capacity, minimum, clashes, queues)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matching.games import HospitalResident

from enrollment.allocation import Application, Group, Problem, Pupil, Quota, Wish, allocate, problem_data, problem_of
from enrollment.clashes import Lesson
from tests.enrollment.problems import AT, lesson
from tests.enrollment.stability import breaches, place_in_queue, together
from tests.load.bench_allocation import region

quick = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


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
