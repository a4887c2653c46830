"""Forming groups: the arithmetic alone, case by case, without a database (I-2, I-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from enrollment.allocation import AllocationError, Closing, Obstacle, Pupil, Quota, Refusal, Why, allocate
from enrollment.clashes import Lesson, weeks_clash
from tests.enrollment.problems import AT, FIRST, LAST, applied, group, lesson, problem


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
