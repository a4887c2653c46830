"""The council, its seats, and the regulation that it keeps in force (S1-1.6, S1-3.1, S1-5.4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from council.enums import Capacity
from council.models._triggers import one_vote_each, seats_come_from_decisions
from network_portal.accounts.models import User
from network_portal.common.models import choices_check, in_force
from network_portal.documents.models import KeptFile
from schools.enums import Role
from schools.models import Duty, Network, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


class CouncilQuerySet(models.QuerySet["Council"]):
    def visible_to(self, acting: Acting) -> CouncilQuerySet:
        """Councils in which the duty acted in sits, as a member or as the secretary."""
        if not acting.is_(Role.COUNCIL_MEMBER, Role.COUNCIL_SECRETARY):
            return self.none()
        return self.filter(members__duty=acting.duty)


class Council(models.Model):
    """The coordinating council of a network (S1-1.6). Its minutes are registered by the school that keeps them."""

    network = models.OneToOneField(Network, models.PROTECT, related_name="council", verbose_name="сеть")
    keeper = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="организация, которая хранит протоколы"
    )
    chair = models.ForeignKey(
        "CouncilMember", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="председатель"
    )
    notice_days = models.PositiveSmallIntegerField("дней от приглашения до заседания", default=5)
    remark_days = models.PositiveSmallIntegerField("дней на замечания к протоколу", default=3)
    sign_days = models.PositiveSmallIntegerField("рабочих дней на подписание протокола", default=3)
    missed_for_removal = models.PositiveSmallIntegerField("пропущенных заседаний для исключения", default=2)

    objects = CouncilQuerySet.as_manager()

    class Meta:
        verbose_name = "координационный совет"
        verbose_name_plural = "координационные советы"
        constraints = [
            models.CheckConstraint(
                condition=Q(notice_days__lte=60, remark_days__lte=30, sign_days__lte=30),
                name="council_terms",
                violation_error_message="Слишком долгий срок.",
            ),
            models.CheckConstraint(
                condition=Q(missed_for_removal__gte=1),
                name="council_missed_for_removal",
                violation_error_message="Основание исключения – хотя бы одно пропущенное заседание.",
            ),
        ]

    def __str__(self) -> str:
        return f"Координационный совет сети «{self.network}»"


class CouncilMemberQuerySet(models.QuerySet["CouncilMember"]):
    def voting_on(self, day: date) -> CouncilMemberQuerySet:
        """Members with a vote on the date `day`: the total composition that quorum and thirds are counted from."""
        return self.serving_on(day).filter(voting=True)

    def serving_on(self, day: date) -> CouncilMemberQuerySet:
        """Everyone who has a seat on the date `day`, a secretary without a vote included."""
        return self.filter(in_force(day, start="duty__date_from", end="duty__date_to"))


class CouncilMember(models.Model):
    """A seat in the council; the dates are those of the duty. A secretary who is no member has no vote.

    The founders have no decision behind them; whoever comes later has (S1-5.4).
    """

    council = models.ForeignKey(Council, models.PROTECT, related_name="members", verbose_name="совет")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="council_member", verbose_name="полномочие")
    capacity = models.CharField("в качестве", max_length=20, choices=Capacity)
    voting = models.BooleanField("с правом голоса", default=True)
    admitted_by = models.ForeignKey(
        "Decision", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="введён решением"
    )
    ended_by = models.ForeignKey(
        "Decision", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="выведен решением"
    )

    objects = CouncilMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "член совета"
        verbose_name_plural = "члены совета"
        ordering = ["duty__user__sort_key", "pk"]
        constraints = [choices_check("capacity", Capacity, name="council_member_capacity")]
        triggers = [one_vote_each(), seats_come_from_decisions()]

    def __str__(self) -> str:
        return f"{self.duty.user}, {self.duty.organisation}"

    @property
    def user(self) -> User:
        """The person on the seat."""
        return self.duty.user


class Regulation(models.Model):
    """An edition of the regulation on the network; it is in force from the minutes that adopted it (S1-3.1, S1-5.4)."""

    council = models.ForeignKey(Council, models.PROTECT, related_name="regulations", verbose_name="совет")
    no = models.PositiveSmallIntegerField("редакция")
    text = models.TextField("что изменено")
    file = models.ForeignKey(KeptFile, models.PROTECT, null=True, related_name="+", verbose_name="текст положения")
    item = models.OneToOneField(
        "AgendaItem", models.CASCADE, null=True, related_name="regulation", verbose_name="вопрос повестки"
    )
    in_force_from = models.DateField("действует с", null=True)
    in_force_to = models.DateField("действует по", null=True)

    class Meta:
        verbose_name = "редакция положения"
        verbose_name_plural = "редакции положения"
        ordering = ["-no"]
        constraints = [models.UniqueConstraint(fields=["council", "no"], name="council_regulation_once")]

    def __str__(self) -> str:
        return f"Положение о сетевом взаимодействии, редакция {self.no}"
