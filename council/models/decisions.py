"""What the council adopted: effect, execution, extracts (3.12, S1-5.7)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from council.enums import EXECUTION_TRANSITIONS, ExecutionState
from council.models._triggers import OF_ITEM, closed_meeting_is_final, kept, only_adds
from council.models.agenda import AgendaItem
from council.models.councils import CouncilMember
from network_portal.common.models import choices_check
from network_portal.documents.models import Document


class Decision(models.Model):
    """What the council adopted; it takes effect from the signed minutes only (3.12)."""

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="decision", verbose_name="вопрос")
    text = models.TextField("решение")
    executor = models.CharField("исполнитель", max_length=150, blank=True)
    responsible = models.ForeignKey(
        CouncilMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="отвечает член совета"
    )
    due = models.DateField("срок", null=True, blank=True)
    effective_at = models.DateTimeField("вступило в силу", null=True)

    class Meta:
        verbose_name = "решение"
        verbose_name_plural = "решения"
        triggers = [
            closed_meeting_is_final(OF_ITEM),
            only_adds("only_the_effect_is_added", "effective_at"),
            kept("decision_is_kept"),
        ]

    def __str__(self) -> str:
        return self.text


class Execution(models.Model):
    """What came of a decision in effect: what the portal did by itself, what people report (S1-5.7, C-18)."""

    TRANSITIONS: ClassVar = EXECUTION_TRANSITIONS

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="execution", verbose_name="решение")
    state = models.CharField("состояние", max_length=20, choices=ExecutionState, default=ExecutionState.CONTROL)
    due = models.DateField("срок", null=True)
    effect = models.CharField("что сделал портал", max_length=500, blank=True)
    failure = models.CharField("почему портал не смог исполнить", max_length=500, blank=True)
    report = models.TextField("отчёт об исполнении", blank=True)
    revoked_by = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="revoked", verbose_name="отменено решением"
    )

    class Meta:
        verbose_name = "исполнение решения"
        verbose_name_plural = "исполнение решений"
        constraints = [
            choices_check("state", ExecutionState, name="council_execution_state"),
            models.CheckConstraint(
                condition=~Q(state=ExecutionState.REVOKED) | Q(revoked_by__isnull=False),
                name="council_revoked_by_a_decision",
                violation_error_message="Решение отменяется только другим решением.",
            ),
        ]
        triggers = [kept("execution_is_kept")]

    def __str__(self) -> str:
        return self.get_state_display()


class Extract(models.Model):
    """An extract from the minutes, one question of them (T19)."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="extracts", verbose_name="вопрос")
    addressee = models.CharField("для кого", max_length=200)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="выписка")

    class Meta:
        verbose_name = "выписка из протокола"
        verbose_name_plural = "выписки из протоколов"
        ordering = ["-pk"]
        triggers = [kept("extract_is_kept")]

    def __str__(self) -> str:
        return f"Выписка для {self.addressee}"
