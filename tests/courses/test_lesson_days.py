"""Days of lessons: slots, school holidays, public holidays, the ends of the year."""

from __future__ import annotations

from datetime import date, time

import pytest

from courses.enums import Weekday
from courses.selectors import lesson_days
from network_portal.common.errors import RuleError
from tests.factories.courses import AcademicYearFactory, HolidayFactory, StudyGroupFactory, TimetableSlotFactory


def group_with(*weekdays: Weekday, calendar: bool = True) -> object:
    group = StudyGroupFactory()
    for weekday in weekdays:
        TimetableSlotFactory(group=group, weekday=weekday)
    if calendar:
        year = AcademicYearFactory(organisation=group.course.host)
        HolidayFactory(academic_year=year, date_from=date(2026, 10, 26), date_to=date(2026, 11, 3))
        HolidayFactory(academic_year=year, date_from=date(2026, 12, 28), date_to=date(2027, 1, 10))
    return group


@pytest.mark.parametrize(
    ("weekday", "date_from", "date_to", "days"),
    [
        # 4 November, a Wednesday, is the Day of National Unity; the holidays end the day before.
        (Weekday.WEDNESDAY, date(2026, 10, 19), date(2026, 11, 15), [date(2026, 10, 21), date(2026, 11, 11)]),
        # Both ends of the holidays are free: Monday 26 October and Tuesday 3 November.
        (Weekday.MONDAY, date(2026, 10, 19), date(2026, 11, 9), [date(2026, 10, 19), date(2026, 11, 9)]),
        (Weekday.TUESDAY, date(2026, 10, 20), date(2026, 11, 10), [date(2026, 10, 20), date(2026, 11, 10)]),
        # Winter holidays of the school last until 10 January; the 11th is a school day.
        (Weekday.MONDAY, date(2026, 12, 21), date(2027, 1, 17), [date(2026, 12, 21), date(2027, 1, 11)]),
        # 23 February 2027 is a Tuesday, 8 March a Monday.
        (Weekday.TUESDAY, date(2027, 2, 16), date(2027, 3, 2), [date(2027, 2, 16), date(2027, 3, 2)]),
        (Weekday.MONDAY, date(2027, 3, 1), date(2027, 3, 15), [date(2027, 3, 1), date(2027, 3, 15)]),
        # A six-day week is a slot on Saturday.
        (Weekday.SATURDAY, date(2026, 9, 1), date(2026, 9, 13), [date(2026, 9, 5), date(2026, 9, 12)]),
        # Days outside the year of the school do not count, whatever is asked for.
        (Weekday.TUESDAY, date(2026, 8, 1), date(2026, 9, 8), [date(2026, 9, 1), date(2026, 9, 8)]),
        (Weekday.MONDAY, date(2027, 5, 24), date(2027, 8, 31), [date(2027, 5, 24), date(2027, 5, 31)]),
        (Weekday.MONDAY, date(2026, 9, 8), date(2026, 9, 7), []),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_lesson_days_skip_holidays(weekday: Weekday, date_from: date, date_to: date, days: list[date]) -> None:
    group = group_with(weekday)
    assert [day for day, _ in lesson_days(group, date_from=date_from, date_to=date_to)] == days


@pytest.mark.django_db
def test_public_holidays_are_skipped_without_school_holidays() -> None:
    group = group_with(Weekday.WEDNESDAY, Weekday.THURSDAY, calendar=False)
    AcademicYearFactory(organisation=group.course.host)
    november = [day for day, _ in lesson_days(group, date_from=date(2026, 11, 2), date_to=date(2026, 11, 8))]
    january = [day for day, _ in lesson_days(group, date_from=date(2027, 1, 1), date_to=date(2027, 1, 14))]
    assert november == [date(2026, 11, 5)]
    assert january == [date(2027, 1, 13), date(2027, 1, 14)]


@pytest.mark.django_db
def test_two_lessons_of_a_day_come_in_the_order_of_time() -> None:
    group = group_with(Weekday.MONDAY)
    TimetableSlotFactory(group=group, weekday=Weekday.MONDAY, starts=time(8, 30), ends=time(9, 15))
    found = lesson_days(group, date_from=date(2026, 9, 7), date_to=date(2026, 9, 7))
    assert [slot.starts for _, slot in found] == [time(8, 30), time(15, 0)]


@pytest.mark.django_db
def test_calendar_of_another_school_does_not_count() -> None:
    group = group_with(Weekday.MONDAY, calendar=False)
    AcademicYearFactory()
    with pytest.raises(RuleError, match="не внесён календарь учебного года 2026/2027"):
        lesson_days(group, date_from=date(2026, 9, 1), date_to=date(2026, 9, 30))
