"""The days of the walk, the words that its steps share, and waiting for the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import holidays
from django.utils import timezone

from gradebook.selectors.months import Month
from network_portal.common.dates import school_year
from network_portal.outbox import services as outbox
from tests.services import wait_until

TITLE, GROUP = "Физика: решение задач", "ФЗ-1"


SPARE = "Английский язык: академическое письмо"


HOME, HOST, STRANGER = "МАОУ СОШ № 7", "МАОУ гимназия № 40", "МАОУ лицей № 12"


TUESDAY, THURSDAY = 2, 4


@dataclass(frozen=True)
class Days:
    """The days of the story; on any day of the year the last month is over and has lessons."""

    today: date

    @property
    def year(self) -> int:
        return school_year(self.today)

    @property
    def month(self) -> Month:
        return Month.of(self.today).shifted(-1)

    @property
    def first(self) -> date:
        """In September lessons began in the middle of August: earlier the year may not begin."""
        return max(self.month.days[0], date(self.year, 8, 15))

    @property
    def last(self) -> date:
        return min(self.today + timedelta(days=60), date(self.year + 1, 8, 31))

    @property
    def day_off(self) -> date:
        """School holidays, of one day, on the second Tuesday."""
        tuesday = self.first + timedelta(days=(1 - self.first.weekday()) % 7)
        return tuesday + timedelta(days=7)

    def lessons(self, last: date) -> list[date]:
        """Return the days of lessons up to `last`, counted without the portal."""
        free = {self.day_off, *holidays.country_holidays("RU", years=[self.year, self.year + 1])}
        days = (self.first + timedelta(days=number) for number in range((last - self.first).days + 1))
        return [day for day in days if day.isoweekday() in (TUESDAY, THURSDAY) and day not in free]


def wait_for(done: Callable[[], Any]) -> None:
    """Wait for the worker; whatever the broker did not take is announced again, as the schedule does."""

    def swept() -> bool:
        outbox.sweep(at=timezone.now())
        return bool(done())

    wait_until(swept, 60)
