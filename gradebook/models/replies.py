"""What the home school answers to a package of another portal, and what the host says to its objections (3.9)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from gradebook.enums import PUSH_TRANSITIONS, PushState, ReplyKind
from gradebook.models.intakes import Intake, IntakeLine
from gradebook.models.messages import PortalMessage
from network_portal.common.models import choices_check


class IntakeReply(models.Model):
    """The receipt of a package, or objections to lines of it, on the way to the host's portal."""

    TRANSITIONS: ClassVar = PUSH_TRANSITIONS

    intake = models.ForeignKey(Intake, models.PROTECT, related_name="replies", verbose_name="ведомость")
    kind = models.CharField("ответ", max_length=30, choices=ReplyKind)
    sent_at = models.DateTimeField("дан")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто ответил")
    person = models.CharField("в каком качестве", max_length=300)
    state = models.CharField("состояние", max_length=20, choices=PushState, default=PushState.WAITING)
    reason = models.CharField("причина остановки", max_length=500, blank=True)
    delivered_at = models.DateTimeField("доставлен", null=True)

    class Meta:
        verbose_name = "ответ на ведомость другого портала"
        verbose_name_plural = "ответы на ведомости других порталов"
        ordering = ["intake", "pk"]
        constraints = [
            choices_check("kind", ReplyKind, name="gradebook_reply_kind"),
            choices_check("state", PushState, name="gradebook_reply_state"),
        ]
        triggers = [pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class IntakeDispute(models.Model):
    """An objection to a line of a package; the host answers it, or sends a corrected package."""

    reply = models.ForeignKey(IntakeReply, models.PROTECT, related_name="disputes", verbose_name="возражения")
    line = models.ForeignKey(IntakeLine, models.PROTECT, related_name="disputes", verbose_name="строка")
    reason = models.TextField("возражение", max_length=1000)
    answer = models.TextField("ответ", max_length=1000, blank=True)
    answered_in = models.ForeignKey(
        PortalMessage, models.PROTECT, null=True, related_name="+", verbose_name="в каком сообщении"
    )

    class Meta:
        verbose_name = "возражение по строке ведомости другого портала"
        verbose_name_plural = "возражения по строкам ведомостей других порталов"
        ordering = ["reply", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["reply", "line"], name="gradebook_intake_dispute_once"),
            models.CheckConstraint(
                condition=Q(answered_in=None, answer="") | Q(answered_in__isnull=False) & ~Q(answer=""),
                name="gradebook_intake_dispute_answer",
            ),
        ]
        triggers = [pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.reason
