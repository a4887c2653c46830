"""What the outbox does for enrolments: looks at studies that rested on an agreement that has ended."""

from __future__ import annotations

from django.utils import timezone

from enrollment.services import leaving
from network_portal.outbox.handlers import LocalEffect, handler
from network_portal.outbox.models import OutboxEvent


@handler("agreement.ended")
def review_studies(event: OutboxEvent) -> LocalEffect:
    """An agreement has ended: the studies under it need a decision of the home school (3.2)."""

    def effect() -> None:
        leaving.agreement_reviews(agreement_id=event.payload["agreement_id"], at=timezone.now())

    return effect
