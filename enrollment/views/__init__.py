"""Pages of enrolment by noun: applications, lists, orders, groups."""

from enrollment.views import applications, groups, orders, requests

__all__ = ["applications", "groups", "orders", "requests"]
