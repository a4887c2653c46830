"""Reads of enrolment that span models; each module is one noun of the flow."""

from enrollment.selectors.groups import group_members
from enrollment.selectors.waiting import tasks_for

__all__ = ["group_members", "tasks_for"]
