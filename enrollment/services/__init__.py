"""Every write of enrolment, by noun of the flow: applications and consents, lists and answers, orders, groups."""

from enrollment.services.applications import (
    application_accept,
    application_choose,
    application_prepare,
    application_rank,
    application_refuse,
    application_return,
    application_start,
    application_submit,
    application_unchoose,
    application_waitlist,
    application_withdraw,
)
from enrollment.services.consents import consent_give, consent_withdraw
from enrollment.services.groups import group_open
from enrollment.services.lines import line_accept, line_refuse, line_waitlist
from enrollment.services.orders import order_create, order_return, order_sign
from enrollment.services.requests import (
    request_add,
    request_create,
    request_remove,
    request_return,
    request_send,
    request_sign,
    request_submit,
)

__all__ = [
    "application_accept",
    "application_choose",
    "application_prepare",
    "application_rank",
    "application_refuse",
    "application_return",
    "application_start",
    "application_submit",
    "application_unchoose",
    "application_waitlist",
    "application_withdraw",
    "consent_give",
    "consent_withdraw",
    "group_open",
    "line_accept",
    "line_refuse",
    "line_waitlist",
    "order_create",
    "order_return",
    "order_sign",
    "request_add",
    "request_create",
    "request_remove",
    "request_return",
    "request_send",
    "request_sign",
    "request_submit",
]
