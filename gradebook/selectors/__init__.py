"""Reads of the journal and of the transfers."""

from gradebook.selectors.waiting import tasks_for

__all__ = ["tasks_for"]
