"""Reading the council: composition, calendar, a meeting as it runs, minutes, decisions, what waits for whom."""

from council.selectors.waiting import tasks_for

__all__ = ["tasks_for"]
