"""What portals tell each other about a package that was delivered: receipts, objections, answers."""

from __future__ import annotations

import pgtrigger
from django.db import models

from schools.models import Organisation


class PortalMessage(models.Model):
    """A message that the portal of a partner school sent, byte for byte; taken once per message id (3.9)."""

    recipient = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кому")
    sender = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="от кого")
    message_id = models.CharField("номер сообщения", max_length=120)
    raw = models.BinaryField("сообщение")
    sha256 = models.CharField("контрольная сумма сообщения", max_length=64)
    person = models.CharField("кто, по словам отправителя", max_length=300)
    received_at = models.DateTimeField("получено")

    class Meta:
        verbose_name = "сообщение другого портала"
        verbose_name_plural = "сообщения других порталов"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "sender", "message_id"], name="gradebook_message_once")
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.message_id
