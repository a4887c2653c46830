"""What the handlers of the outbox read; they act for the portal, so no gate stands before them."""

from __future__ import annotations

from dataclasses import dataclass

from courses.models import StudyGroup
from gradebook.enums import PushState
from gradebook.models import MonthlyTransfer, PushEndpoint, TransferPush


@dataclass(frozen=True)
class Push:
    """A transfer on its way; no endpoint means that the school has removed it meanwhile."""

    transfer: MonthlyTransfer
    endpoint: PushEndpoint | None


def push_of(transfer_id: int) -> Push | None:
    """Return what is to be pushed; None when it was delivered before."""
    push = TransferPush.objects.select_related("transfer__document").get(transfer=transfer_id)
    if push.state == PushState.DELIVERED:
        return None
    endpoint = PushEndpoint.objects.filter(organisation=push.transfer.home_id).first()
    return Push(push.transfer, endpoint)


def group_of(group_id: int) -> StudyGroup:
    return StudyGroup.objects.get(pk=group_id)
