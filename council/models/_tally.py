"""The numbers of a vote, whatever it is on (3.12)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Tallied(models.Model):
    """How those present voted, and how many they were of how many."""

    at = models.DateTimeField("когда")
    total = models.PositiveSmallIntegerField("членов совета")
    present = models.PositiveSmallIntegerField("присутствовали")
    votes_for = models.PositiveSmallIntegerField("за")
    against = models.PositiveSmallIntegerField("против")
    abstained = models.PositiveSmallIntegerField("воздержались")
    not_voted = models.PositiveSmallIntegerField("не голосовали")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.votes_for} / {self.against} / {self.abstained} / {self.not_voted}"


def tally_checks(table: str) -> list[models.BaseConstraint]:
    """Return what the database itself refuses in the votes of `table`: a wrong sum, no quorum (S1-5.5)."""
    return [
        models.CheckConstraint(
            condition=Q(present=F("votes_for") + F("against") + F("abstained") + F("not_voted")),
            name=f"{table}_sum",
            violation_error_message="Сумма голосов не равна числу присутствующих.",
        ),
        models.CheckConstraint(
            condition=Q(present__gt=F("total") - F("present")),
            name=f"{table}_quorum",
            violation_error_message="Кворума нет: голосовать нельзя.",
        ),
        models.CheckConstraint(
            condition=Q(present__lte=F("total")),
            name=f"{table}_present",
            violation_error_message="Присутствующих больше, чем членов совета.",
        ),
    ]
