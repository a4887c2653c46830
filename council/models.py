"""The coordinating council: members, meetings, who was present when, agenda, votes, decisions, minutes (S1-5)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from council.enums import (
    ITEM_TRANSITIONS,
    MEETING_TRANSITIONS,
    Capacity,
    ItemRule,
    ItemState,
    MeetingKind,
    MeetingState,
)
from network_portal.accounts.models import User
from network_portal.common.dates import local_day
from network_portal.common.models import choices_check, in_force
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import Duty, Network, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


def closed_meeting_is_final(meeting_ids: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses every change of what belongs to a meeting whose record is closed (I-6).

    Args:
        meeting_ids: SQL that lists the meeting of the old and of the new row.
    """
    return pgtrigger.Trigger(
        name="closed_meeting_is_final",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF EXISTS (
                SELECT 1 FROM council_meeting WHERE state IN ('closed', 'not_held') AND id IN ({meeting_ids})
            ) THEN
                RAISE EXCEPTION 'the record of this meeting is closed';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


def one_vote_each() -> pgtrigger.Trigger:
    """Return the trigger that refuses a person a second seat with a vote in the same council at the same time."""
    return pgtrigger.Trigger(
        name="one_vote_each",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="""
            IF NEW.voting AND EXISTS (
                SELECT FROM schools_duty own, council_councilmember seat JOIN schools_duty other
                    ON other.id = seat.duty_id
                WHERE own.id = NEW.duty_id AND seat.council_id = NEW.council_id AND seat.voting AND seat.id <> NEW.id
                    AND other.user_id = own.user_id
                    AND own.date_from <= COALESCE(other.date_to, 'infinity')
                    AND other.date_from <= COALESCE(own.date_to, 'infinity')
            ) THEN
                RAISE EXCEPTION 'У этого человека уже есть место с правом голоса в совете.'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'council_one_vote_each';
            END IF;
            RETURN NEW;
        """,
    )


OF_MEETING = "OLD.meeting_id, NEW.meeting_id"
OF_ITEM = "SELECT meeting_id FROM council_agendaitem WHERE id IN (OLD.item_id, NEW.item_id)"


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

    objects = CouncilQuerySet.as_manager()

    class Meta:
        verbose_name = "координационный совет"
        verbose_name_plural = "координационные советы"

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
    """A seat in the council; the dates are those of the duty. A secretary who is no member has no vote."""

    council = models.ForeignKey(Council, models.PROTECT, related_name="members", verbose_name="совет")
    duty = models.OneToOneField(Duty, models.PROTECT, related_name="council_member", verbose_name="полномочие")
    capacity = models.CharField("в качестве", max_length=20, choices=Capacity)
    voting = models.BooleanField("с правом голоса", default=True)

    objects = CouncilMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "член совета"
        verbose_name_plural = "члены совета"
        ordering = ["duty__user__sort_key", "pk"]
        constraints = [choices_check("capacity", Capacity, name="council_member_capacity")]
        triggers = [one_vote_each()]

    def __str__(self) -> str:
        return f"{self.duty.user}, {self.duty.organisation}"

    @property
    def user(self) -> User:
        """The person on the seat."""
        return self.duty.user


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, acting: Acting) -> MeetingQuerySet:
        """Meetings of the councils in which the duty acted in sits."""
        return self.filter(council__in=Council.objects.visible_to(acting))


class Meeting(models.Model):
    """One meeting; nobody but the secretary keeps it, the presiding member signs with the secretary (S1-5.5)."""

    TRANSITIONS: ClassVar = MEETING_TRANSITIONS

    council = models.ForeignKey(Council, models.PROTECT, related_name="meetings", verbose_name="совет")
    kind = models.CharField("вид", max_length=20, choices=MeetingKind, default=MeetingKind.REGULAR)
    planned_at = models.DateTimeField("назначено на")
    place = models.CharField("место или ссылка", max_length=200)
    state = models.CharField("состояние", max_length=20, choices=MeetingState, default=MeetingState.PLANNED)
    opened_at = models.DateTimeField("начало", null=True)
    closed_at = models.DateTimeField("окончание", null=True)
    presiding = models.ForeignKey(
        CouncilMember, models.PROTECT, null=True, related_name="+", verbose_name="председательствующий"
    )
    secretary = models.ForeignKey(CouncilMember, models.PROTECT, null=True, related_name="+", verbose_name="секретарь")
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="протокол")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "заседание"
        verbose_name_plural = "заседания"
        ordering = ["-planned_at", "-pk"]
        constraints = [
            choices_check("state", MeetingState, name="council_meeting_state"),
            choices_check("kind", MeetingKind, name="council_meeting_kind"),
            models.CheckConstraint(
                condition=Q(presiding__isnull=True) | Q(secretary__isnull=True) | ~Q(presiding=F("secretary")),
                name="council_meeting_two_people",
                violation_error_message="Председательствующий и секретарь – два разных человека.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="council_meeting_times",
                violation_error_message="Заседание не может закончиться раньше, чем началось.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="closed_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=[MeetingState.CLOSED, MeetingState.NOT_HELD]),
            ),
            pgtrigger.Protect(name="meeting_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"Заседание {timezone.localtime(self.planned_at):%d.%m.%Y}"

    @property
    def day(self) -> date:
        """The day of the meeting in the network's time zone; the composition of the council is that of this day."""
        return local_day(self.opened_at or self.planned_at, self.council.network.time_zone)


class Presence(models.Model):
    """A member at a meeting from–to; someone who comes back gets another row."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="presences", verbose_name="заседание")
    member = models.ForeignKey(CouncilMember, models.PROTECT, related_name="presences", verbose_name="член совета")
    arrived_at = models.DateTimeField("прибытие")
    left_at = models.DateTimeField("уход", null=True)

    class Meta:
        verbose_name = "присутствие"
        verbose_name_plural = "присутствие"
        ordering = ["arrived_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "member"],
                condition=Q(left_at=None),
                name="council_present_once",
                violation_error_message="Этот член совета уже отмечен присутствующим.",
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("arrived_at")),
                name="council_presence_times",
                violation_error_message="Уход раньше прибытия.",
            ),
        ]
        triggers = [
            closed_meeting_is_final(OF_MEETING),
            pgtrigger.Protect(
                name="only_the_departure_is_added",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.left_at IS NOT NULL OR to_jsonb(OLD) - 'left_at' IS DISTINCT FROM to_jsonb(NEW) - 'left_at'"
                ),
            ),
            pgtrigger.Protect(name="presence_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.member}"


class AgendaItem(models.Model):
    """A question of the agenda with the draft of its decision."""

    TRANSITIONS: ClassVar = ITEM_TRANSITIONS

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items", verbose_name="заседание")
    position = models.PositiveSmallIntegerField("номер")
    title = models.CharField("вопрос", max_length=300)
    speaker = models.CharField("докладчик", max_length=150)
    heard = models.TextField("слушали", blank=True)
    proposal = models.TextField("проект решения")
    rule = models.CharField("правило", max_length=20, choices=ItemRule, default=ItemRule.ORDINARY)
    candidate = models.ForeignKey(
        CouncilMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="кандидат"
    )
    state = models.CharField("состояние", max_length=20, choices=ItemState, default=ItemState.OPEN)

    class Meta:
        verbose_name = "вопрос повестки"
        verbose_name_plural = "повестка"
        ordering = ["position"]
        constraints = [
            choices_check("rule", ItemRule, name="council_item_rule"),
            choices_check("state", ItemState, name="council_item_state"),
            models.UniqueConstraint(
                fields=["meeting", "position"], name="council_item_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=~Q(rule__in=[ItemRule.ELECTION, ItemRule.REMOVAL]) | Q(candidate__isnull=False),
                name="council_item_candidate",
                violation_error_message="Укажите члена совета, о котором вопрос.",
            ),
        ]
        triggers = [
            closed_meeting_is_final(OF_MEETING),
            pgtrigger.Protect(
                name="judged_item_keeps_its_words",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'open' AND to_jsonb(OLD) - 'heard' - 'position'"
                    " IS DISTINCT FROM to_jsonb(NEW) - 'heard' - 'position'"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Vote(models.Model):
    """The tally of one item, with the numbers it was judged by (S1-5.5, 3.12)."""

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="vote", verbose_name="вопрос")
    at = models.DateTimeField("когда")
    total = models.PositiveSmallIntegerField("членов совета")
    present = models.PositiveSmallIntegerField("присутствовали")
    votes_for = models.PositiveSmallIntegerField("за")
    against = models.PositiveSmallIntegerField("против")
    abstained = models.PositiveSmallIntegerField("воздержались")
    not_voted = models.PositiveSmallIntegerField("не голосовали")

    class Meta:
        verbose_name = "голосование"
        verbose_name_plural = "голосования"
        constraints = [
            models.CheckConstraint(
                condition=Q(present=F("votes_for") + F("against") + F("abstained") + F("not_voted")),
                name="council_vote_sum",
                violation_error_message="Сумма голосов не равна числу присутствующих.",
            ),
            models.CheckConstraint(
                condition=Q(present__gt=F("total") - F("present")),
                name="council_vote_quorum",
                violation_error_message="Кворума нет: голосовать нельзя.",
            ),
            models.CheckConstraint(
                condition=Q(present__lte=F("total")),
                name="council_vote_present",
                violation_error_message="Присутствующих больше, чем членов совета.",
            ),
        ]
        triggers = [
            closed_meeting_is_final(OF_ITEM),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.votes_for} / {self.against} / {self.abstained} / {self.not_voted}"


class Decision(models.Model):
    """What the council adopted; it takes effect from the signed minutes only (3.12)."""

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="decision", verbose_name="вопрос")
    text = models.TextField("решение")
    executor = models.CharField("исполнитель", max_length=150, blank=True)
    due = models.DateField("срок", null=True, blank=True)
    effective_at = models.DateTimeField("вступило в силу", null=True)

    class Meta:
        verbose_name = "решение"
        verbose_name_plural = "решения"
        triggers = [
            closed_meeting_is_final(OF_ITEM),
            pgtrigger.Protect(
                name="only_the_effect_is_added",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.effective_at IS NOT NULL"
                    " OR to_jsonb(OLD) - 'effective_at' IS DISTINCT FROM to_jsonb(NEW) - 'effective_at'"
                ),
            ),
            pgtrigger.Protect(name="decision_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.text
