"""The ways of a transfer to the home school beside its inbox on the portal: push and e-mail."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from gradebook.enums import PUSH_TRANSITIONS, PushState
from gradebook.models.transfers import MonthlyTransfer
from network_portal.common.models import choices_check
from schools.models import Organisation


class PushEndpoint(models.Model):
    """Where a home school's own system takes transfers by signed HTTP push (Standard Webhooks).

    After a new key was made the old one signs too until `previous_until`: the school changes its own side meanwhile.
    """

    organisation = models.OneToOneField(
        Organisation, models.CASCADE, related_name="push_endpoint", verbose_name="школа"
    )
    url = models.URLField("адрес", max_length=500)
    thin = models.BooleanField("отправлять только извещение, без персональных данных", default=False)
    secret = models.TextField("ключ подписи, зашифрованный")
    previous_secret = models.TextField("прежний ключ подписи, зашифрованный", blank=True)
    previous_until = models.DateTimeField("прежний ключ подписывает до", null=True)
    access_key = models.TextField("ключ доступа, который выдал получатель, зашифрованный", blank=True)

    class Meta:
        verbose_name = "адрес внешней системы"
        verbose_name_plural = "адреса внешних систем"

    def __str__(self) -> str:
        return self.url


class TransferPush(models.Model):
    """One transfer on its way to the home school's own system."""

    TRANSITIONS: ClassVar = PUSH_TRANSITIONS

    transfer = models.OneToOneField(MonthlyTransfer, models.PROTECT, related_name="push", verbose_name="ведомость")
    state = models.CharField("состояние", max_length=20, choices=PushState, default=PushState.WAITING)
    reason = models.CharField("причина остановки", max_length=500, blank=True)
    delivered_at = models.DateTimeField("доставлена", null=True)

    class Meta:
        verbose_name = "отправка во внешнюю систему"
        verbose_name_plural = "отправки во внешние системы"
        constraints = [choices_check("state", PushState, name="gradebook_push_state")]

    def __str__(self) -> str:
        return str(self.get_state_display())


class MailChannel(models.Model):
    """The address to which a home school takes its transfers by e-mail, with the paper and a table."""

    organisation = models.OneToOneField(
        Organisation, models.CASCADE, related_name="transfer_mail", verbose_name="школа"
    )
    email = models.EmailField("электронная почта")

    class Meta:
        verbose_name = "почта для ведомостей"
        verbose_name_plural = "почта для ведомостей"

    def __str__(self) -> str:
        return self.email
