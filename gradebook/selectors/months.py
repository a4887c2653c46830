"""A calendar month, and days in the zone of a group's network (I-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from courses.models import StudyGroup
from network_portal.common.dates import local_day, month_range


@dataclass(frozen=True)
class Month:
    """A calendar month; `str()` is what the address carries: «2026-11»."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def days(self) -> tuple[date, date]:
        return month_range(self.year, self.month)

    def shifted(self, months: int) -> Month:
        """Return the month that comes `months` later, or earlier when negative."""
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month | None:
        """Return the month written as «2026-11»; None for anything else."""
        try:
            return cls.of(date.fromisoformat(f"{text}-01"))
        except ValueError:
            return None


def group_day(group: StudyGroup, at: datetime) -> date:
    """Return the calendar day of the moment `at` in the time zone of the group's network (I-10)."""
    return local_day(at, group.course.network.time_zone)
