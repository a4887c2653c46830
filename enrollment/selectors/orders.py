"""Orders of enrolment as pages show them."""

from __future__ import annotations

from django.db.models import QuerySet

from enrollment import access
from enrollment.enums import OrderState
from enrollment.models import Enrolment, Order
from schools.acting import Acting

TONES = {OrderState.DRAFT: "warn", OrderState.REGISTERED: "good", OrderState.CANCELLED: "neutral"}


def members_of_order(acting: Acting, order: Order) -> QuerySet[Enrolment]:
    """Return whom an order enrols, as far as the acting person may see them."""
    return access.enrolments_for(acting).filter(order=order)
