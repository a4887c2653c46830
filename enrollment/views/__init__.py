"""Pages of enrolment by noun: applications, lists, orders, groups."""

from enrollment.views import allocation, applications, groups, orders, requests

__all__ = ["allocation", "applications", "groups", "orders", "requests"]
