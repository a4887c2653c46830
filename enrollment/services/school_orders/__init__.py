"""Orders beside that of enrolment: T04 of the home school, and the orders of either school that change others (3.5).

A registered order is never edited: another one, «О внесении изменений», says what is different from now on.
"""

from enrollment.services.school_orders.drafts import (
    Exit,
    correction_create,
    home_change_create,
    host_change_create,
    organise_order_create,
)
from enrollment.services.school_orders.signing import order_acquaint, school_order_return, school_order_sign

__all__ = [
    "Exit",
    "correction_create",
    "home_change_create",
    "host_change_create",
    "order_acquaint",
    "organise_order_create",
    "school_order_return",
    "school_order_sign",
]
