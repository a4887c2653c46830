"""Choices of the accounts."""

from django.db import models


class Gender(models.TextChoices):
    MALE = "m", "мужской"
    FEMALE = "f", "женский"


class Verb(models.TextChoices):
    SIGNED_UP = "account.signed_up", "Учётная запись создана"
