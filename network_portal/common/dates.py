"""Dates of the school year and of the Russian working calendar, and how they are written."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from django.utils import timezone
from holidays.holiday_base import HolidayBase

from network_portal.common.russian import NBSP

MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
MONTHS_GENITIVE = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip


# --- school year and months -------------------------------------------------------------------------------------


def school_year(day: date) -> int:
    """Return the school year of `day` as the integer of its first calendar year.

    A school year lasts from 1 September to 31 August: the summer still belongs to the year that ends, because papers
    of June to August (orders, report cards) close it. What is planned for the next year names that year itself.
    """
    return day.year if day.month >= 9 else day.year - 1


def school_year_label(year: int) -> str:
    """Return «2026/2027» for 2026."""
    return f"{year}/{year + 1}"


def month_range(year: int, month: int) -> tuple[date, date]:
    """Return the first and the last day of the month."""
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def month_name(month: int) -> str:
    """Return «ноябрь» for 11."""
    return MONTHS[month - 1]


def month_label(year: int, month: int) -> str:
    """Return «ноябрь 2026 г.»."""
    return f"{month_name(month)} {year}{NBSP}г."


def years_before(day: date, years: int) -> date:
    """Return the same day `years` ago; the last day of February stands for the 29th where there is none.

    Whoever was born after it is younger than `years` on `day`.
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


# --- working days -----------------------------------------------------------------------------------------------


@cache
def _calendar() -> HolidayBase:
    return holidays.country_holidays("RU")


def is_public_holiday(day: date) -> bool:
    """Tell whether `day` is a public holiday of Russia or a day off moved by the government; plain weekends are not."""
    return day in _calendar()


def is_working_day(day: date) -> bool:
    """Tell whether `day` is a working day of the five-day week in Russia."""
    return _calendar().is_working_day(day)


def add_working_days(day: date, count: int) -> date:
    """Return the last day of a term of `count` working days that runs from the day after `day`.

    Args:
        day: the day of the event; it is not counted.
        count: working days, 0 or more; 0 gives `day` itself.
    """
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


# --- moments and days -------------------------------------------------------------------------------------------


def local_day(moment: datetime, tz_name: str) -> date:
    """Return the calendar day of an aware `moment` in the time zone of the network (I-10)."""
    return moment.astimezone(ZoneInfo(tz_name)).date()


# --- writing ----------------------------------------------------------------------------------------------------

Dated = date | datetime | str | None


def ru_date(value: Dated) -> str:
    """Return «2 сентября 2026 г.»; an empty string for an empty value."""
    if not value:
        return ""
    day = _local(value)
    return f"{day.day}{NBSP}{MONTHS_GENITIVE[day.month - 1]} {day.year}{NBSP}г."


def ru_day(value: Dated) -> str:
    """Return «02.09.2026»; an empty string for an empty value."""
    return f"{_local(value):%d.%m.%Y}" if value else ""


def ru_moment(value: Dated, zone: str = "") -> str:
    """Return «02.09.2026 16:45» in the time zone `zone`, or the current one; a plain date is written without a time."""
    if not value:
        return ""
    moment = _local(value)
    if zone and isinstance(moment, datetime):
        moment = moment.astimezone(ZoneInfo(zone))
    return f"{moment:%d.%m.%Y %H:%M}" if isinstance(moment, datetime) else f"{moment:%d.%m.%Y}"


def ru_time(value: datetime | time | str | None) -> str:
    """Return «16:45» in the current time zone; an empty string for an empty value."""
    if not value:
        return ""
    if isinstance(value, str):
        value = time.fromisoformat(value) if len(value) <= len("00:00:00") else datetime.fromisoformat(value)
    return f"{_local(value) if isinstance(value, datetime) else value:%H:%M}"


def zone_label(moment: datetime) -> str:
    """Return the distance of the current time zone from UTC at `moment`: «UTC+3»."""
    seconds = int((timezone.localtime(moment).utcoffset() or timedelta()).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    sign = "+" if seconds >= 0 else "−"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def _local(value: date | datetime | str) -> date | datetime:
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == len("2026-09-02") else datetime.fromisoformat(value)
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value
