"""School years, working days, and how dates are written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from network_portal.common import dates


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 9, 1), 2026),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
        (date(2027, 6, 30), 2026),
        (date(2027, 8, 31), 2026),
        (date(2027, 9, 1), 2027),
    ],
)
def test_school_year(day, year):
    assert dates.school_year(day) == year


def test_labels():
    assert dates.school_year_label(2026) == "2026/2027"
    assert dates.month_name(11) == "ноябрь"
    assert dates.month_label(2026, 11) == "ноябрь 2026\u00a0г."
    assert dates.month_range(2028, 2) == (date(2028, 2, 1), date(2028, 2, 29))


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        (date(2026, 9, 2), 0, date(2026, 9, 2)),
        (date(2026, 9, 2), 3, date(2026, 9, 7)),  # over a weekend
        (date(2026, 11, 3), 1, date(2026, 11, 5)),  # over the holiday of 4 November
        (date(2026, 12, 30), 1, date(2027, 1, 11)),  # over the new year holidays
        (date(2025, 10, 31), 1, date(2025, 11, 1)),  # a Saturday made a working day
        (date(2027, 2, 19), 2, date(2027, 2, 24)),  # a working Saturday, then a moved day off and a holiday
    ],
)
def test_working_days(day, count, last):
    assert dates.add_working_days(day, count) == last


def test_public_holidays_are_not_weekends():
    assert dates.is_public_holiday(date(2026, 11, 4))
    assert dates.is_public_holiday(date(2026, 1, 9))
    assert not dates.is_public_holiday(date(2026, 9, 5))


def test_day_of_a_moment_in_a_time_zone():
    moment = datetime(2026, 9, 1, 22, 30, tzinfo=UTC)
    assert dates.local_day(moment, "Europe/Moscow") == date(2026, 9, 2)
    assert dates.local_day(moment, "UTC") == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("value", "full", "short", "moment"),
    [
        (date(2026, 9, 2), "2\u00a0сентября 2026\u00a0г.", "02.09.2026", "02.09.2026"),
        ("2026-09-02", "2\u00a0сентября 2026\u00a0г.", "02.09.2026", "02.09.2026"),
        (datetime(2026, 9, 1, 22, 30, tzinfo=UTC), "2\u00a0сентября 2026\u00a0г.", "02.09.2026", "02.09.2026 01:30"),
        ("2026-09-01T22:30:00+00:00", "2\u00a0сентября 2026\u00a0г.", "02.09.2026", "02.09.2026 01:30"),
        (None, "", "", ""),
        ("", "", "", ""),
    ],
)
def test_writing(value, full, short, moment):
    assert (dates.ru_date(value), dates.ru_day(value), dates.ru_moment(value)) == (full, short, moment)


def test_times():
    moment = datetime(2026, 9, 2, 13, 45, tzinfo=UTC)
    assert [
        dates.ru_time(value) for value in (moment, moment.isoformat(), "16:45:00", "16:45", moment.time(), None)
    ] == [
        "16:45",
        "16:45",
        "16:45",
        "16:45",
        "13:45",
        "",
    ]


@pytest.mark.parametrize(
    ("zone", "label"),
    [("Europe/Moscow", "UTC+3"), ("Asia/Kolkata", "UTC+5:30"), ("America/Sao_Paulo", "UTC−3"), ("UTC", "UTC+0")],
)
def test_zone_label(zone, label):
    with timezone.override(zone):
        assert dates.zone_label(datetime(2026, 9, 2, tzinfo=UTC)) == label
