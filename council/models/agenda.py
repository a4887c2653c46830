"""Questions of the agenda: what they are about, who was asked before, how the council voted (S1-5.3, 3.12)."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from council.enums import (
    ABOUT_MEMBER,
    ABOUT_PERSON,
    ABOUT_SCHOOL,
    ITEM_TRANSITIONS,
    PROPOSAL_TRANSITIONS,
    Choice,
    ItemKind,
    ItemRule,
    ItemState,
    ProposalState,
    Stance,
)
from council.models._tally import Tallied, tally_checks
from council.models._triggers import OF_ITEM, OF_MEETING, append_only, closed_meeting_is_final, kept
from council.models.councils import Council, CouncilMember
from council.models.meetings import Meeting
from courses.models import NetworkCourse, Programme, StudyGroup
from enrollment.models import AllocationRun
from network_portal.accounts.models import User
from network_portal.common.models import choices_check
from schools.models import Agreement, Duty, Organisation


class AgendaItem(models.Model):
    """A question of the agenda with the draft of its decision; its kind says by what rule it is decided."""

    TRANSITIONS: ClassVar = ITEM_TRANSITIONS

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items", verbose_name="заседание")
    position = models.PositiveSmallIntegerField("номер")
    kind = models.CharField("о чём вопрос", max_length=20, choices=ItemKind, default=ItemKind.OTHER)
    title = models.CharField("вопрос", max_length=300)
    speaker = models.CharField("докладчик", max_length=150)
    heard = models.TextField("слушали", blank=True)
    discussed = models.TextField("выступили", blank=True)
    proposal = models.TextField("проект решения")
    rule = models.CharField("правило", max_length=20, choices=ItemRule, default=ItemRule.ORDINARY)
    candidate = models.ForeignKey(
        CouncilMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="член совета"
    )
    appointee = models.ForeignKey(
        Duty, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="сотрудник школы"
    )
    school = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="школа"
    )
    run = models.ForeignKey(
        AllocationRun, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="распределение"
    )
    run_sha256 = models.CharField("версия распределения", max_length=64, blank=True)
    revokes = models.ForeignKey(
        "Decision", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="отменяемое решение"
    )
    evidence = models.TextField("сведения о явке", blank=True)
    proposed_by = models.ForeignKey(
        CouncilMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="предложил"
    )
    #: The same question on the agenda of an earlier meeting, which did not come to it.
    carried_from = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="carried_to",
        editable=False,
        verbose_name="перенесён с заседания",
    )
    #: An interrupted vote is another round: what was cast before does not count.
    round = models.PositiveSmallIntegerField("тур голосования", default=0, editable=False)
    state = models.CharField("состояние", max_length=20, choices=ItemState, default=ItemState.OPEN)

    class Meta:
        verbose_name = "вопрос повестки"
        verbose_name_plural = "повестка"
        ordering = ["position"]
        constraints = [
            choices_check("kind", ItemKind, name="council_item_kind"),
            choices_check("rule", ItemRule, name="council_item_rule"),
            choices_check("state", ItemState, name="council_item_state"),
            models.UniqueConstraint(
                fields=["meeting", "position"], name="council_item_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state=ItemState.VOTING), name="council_one_open_vote"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(ABOUT_MEMBER)) | Q(candidate__isnull=False),
                name="council_item_candidate",
                violation_error_message="Укажите члена совета, о котором вопрос.",
            ),
            models.CheckConstraint(
                condition=(~Q(kind__in=sorted(ABOUT_PERSON)) | Q(appointee__isnull=False))
                & (~Q(kind__in=sorted(ABOUT_SCHOOL)) | Q(school__isnull=False))
                & (~Q(kind=ItemKind.ALLOCATION) | Q(run__isnull=False))
                & (~Q(kind=ItemKind.REVOCATION) | Q(revokes__isnull=False)),
                name="council_item_subject",
                violation_error_message="Укажите, о ком или о чём вопрос.",
            ),
        ]
        triggers = [
            closed_meeting_is_final(OF_MEETING),
            pgtrigger.Protect(
                name="judged_item_keeps_its_words",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state NOT IN ('open', 'voting')"
                    " AND to_jsonb(OLD) - 'heard' - 'discussed' - 'position'"
                    " IS DISTINCT FROM to_jsonb(NEW) - 'heard' - 'discussed' - 'position'"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title


#: The fields of a thing, of which one is given.
THINGS = ("group", "programme", "agreement", "course")


class ItemThing(models.Model):
    """What a question is about: a group with its timetable, a programme, an agreement, a course routes are made of."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="things", verbose_name="вопрос")
    group = models.ForeignKey(StudyGroup, models.PROTECT, null=True, related_name="+", verbose_name="группа")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+", verbose_name="программа")
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="+", verbose_name="договор")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, null=True, related_name="+", verbose_name="курс")
    #: The words of the day on which it was attached: a timetable may change afterwards.
    words = models.CharField("что именно", max_length=500)

    class Meta:
        verbose_name = "предмет вопроса"
        verbose_name_plural = "предметы вопросов"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, (Q(**{f"{one}__isnull": one != given for one in THINGS}) for given in THINGS)),
                name="council_thing_is_one",
            )
        ]
        triggers = [closed_meeting_is_final(OF_ITEM)]

    def __str__(self) -> str:
        return self.words


class Proposal(models.Model):
    """A question that a member wants on an agenda (S1-5.8)."""

    TRANSITIONS: ClassVar = PROPOSAL_TRANSITIONS

    council = models.ForeignKey(Council, models.PROTECT, related_name="proposals", verbose_name="совет")
    member = models.ForeignKey(CouncilMember, models.PROTECT, related_name="+", verbose_name="кто предложил")
    title = models.CharField("вопрос", max_length=300)
    proposal = models.TextField("проект решения")
    at = models.DateTimeField("когда")
    state = models.CharField("состояние", max_length=20, choices=ProposalState, default=ProposalState.PROPOSED)
    answer = models.CharField("причина отказа", max_length=300, blank=True)

    class Meta:
        verbose_name = "предложение в повестку"
        verbose_name_plural = "предложения в повестку"
        ordering = ["-at", "-pk"]
        constraints = [choices_check("state", ProposalState, name="council_proposal_state")]

    def __str__(self) -> str:
        return self.title


class Opinion(models.Model):
    """What a school that a question concerns says of it before the vote (S4-1.4.6)."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="opinions", verbose_name="вопрос")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    asked_at = models.DateTimeField("запрошено")
    stance = models.CharField("мнение", max_length=20, choices=Stance, blank=True)
    text = models.TextField("пояснение", blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="кто ответил")
    answered_at = models.DateTimeField("отвечено", null=True)

    class Meta:
        verbose_name = "мнение школы"
        verbose_name_plural = "мнения школ"
        ordering = ["organisation__short_name", "pk"]
        constraints = [
            choices_check("stance", Stance, name="council_opinion_stance", blank=True),
            models.UniqueConstraint(fields=["item", "organisation"], name="council_opinion_once"),
        ]
        triggers = [closed_meeting_is_final(OF_ITEM)]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_stance_display()}"


class Ballot(models.Model):
    """How one member voted in one round, by name; who keeps the record may note it for somebody without a phone."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="ballots", verbose_name="вопрос")
    round = models.PositiveSmallIntegerField("тур")
    member = models.ForeignKey(CouncilMember, models.PROTECT, related_name="+", verbose_name="член совета")
    choice = models.CharField("голос", max_length=20, choices=Choice)
    at = models.DateTimeField("когда")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="кто внёс")

    class Meta:
        verbose_name = "голос"
        verbose_name_plural = "голоса"
        ordering = ["member__duty__user__sort_key", "pk"]
        constraints = [
            choices_check("choice", Choice, name="council_ballot_choice"),
            models.UniqueConstraint(
                fields=["item", "round", "member"],
                name="council_ballot_once",
                violation_error_message="Этот член совета уже проголосовал.",
            ),
        ]
        triggers = [closed_meeting_is_final(OF_ITEM), append_only()]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_choice_display()}"


class Vote(Tallied):
    """The tally of one item, with the numbers it was judged by (S1-5.5, 3.12)."""

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="vote", verbose_name="вопрос")

    class Meta:
        verbose_name = "голосование"
        verbose_name_plural = "голосования"
        constraints = tally_checks("council_vote")
        triggers = [closed_meeting_is_final(OF_ITEM), append_only()]


class AgendaVote(Tallied):
    """A vote on the agenda itself; it holds for the questions that stood on it then (T18)."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="agenda_votes", verbose_name="заседание")
    #: The questions, by their ids in their order: when the agenda is changed, it is voted on anew.
    questions = models.JSONField("вопросы повестки")

    class Meta:
        verbose_name = "голосование за повестку"
        verbose_name_plural = "голосования за повестку"
        ordering = ["at", "pk"]
        constraints = tally_checks("council_agendavote")
        triggers = [closed_meeting_is_final(OF_MEETING), append_only()]


class Dissent(models.Model):
    """A member's dissenting opinion on a question that was put to the vote; it prints in the minutes (T18)."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="dissents", verbose_name="вопрос")
    member = models.ForeignKey(CouncilMember, models.PROTECT, related_name="+", verbose_name="член совета")
    text = models.TextField("особое мнение")

    class Meta:
        verbose_name = "особое мнение"
        verbose_name_plural = "особые мнения"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["item", "member"], name="council_dissent_once")]
        triggers = [closed_meeting_is_final(OF_ITEM), kept("dissent_is_kept")]

    def __str__(self) -> str:
        return self.text
