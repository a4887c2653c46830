"""A meeting: who was invited and came when, what was handed out, what members said of its minutes (3.11)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from council.enums import MEETING_TRANSITIONS, MeetingKind, MeetingState
from council.models._triggers import OF_MEETING, closed_meeting_is_final, kept, only_adds
from council.models.councils import Council, CouncilMember
from network_portal.accounts.models import User
from network_portal.common.dates import local_day
from network_portal.common.models import choices_check
from network_portal.documents.models import Document, KeptFile

if TYPE_CHECKING:
    from schools.acting import Acting


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
    invited = models.CharField(
        "приглашены без права голоса",
        max_length=300,
        blank=True,
        help_text="Фамилии и должности через точку с запятой.",
    )
    state = models.CharField("состояние", max_length=20, choices=MeetingState, default=MeetingState.PLANNED)
    convened_at = models.DateTimeField("приглашения направлены", null=True)
    short_notice = models.CharField("почему созвано позже срока", max_length=300, blank=True)
    cancel_reason = models.CharField("причина отмены", max_length=300, blank=True)
    opened_at = models.DateTimeField("начало", null=True)
    closed_at = models.DateTimeField("окончание", null=True)
    presiding = models.ForeignKey(
        CouncilMember, models.PROTECT, null=True, related_name="+", verbose_name="председательствующий"
    )
    secretary = models.ForeignKey(CouncilMember, models.PROTECT, null=True, related_name="+", verbose_name="секретарь")
    review_until = models.DateField("замечания к протоколу по", null=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="протокол")
    #: Grows with every change, so that screens that follow the meeting ask only for what is new.
    revision = models.PositiveIntegerField("изменений", default=0, editable=False)
    #: The number of the invitation in people's calendars.
    sequence = models.PositiveSmallIntegerField("приглашение", default=0, editable=False)

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
            models.CheckConstraint(
                condition=~Q(state=MeetingState.CANCELLED) | ~Q(cancel_reason=""),
                name="council_meeting_cancel_reason",
                violation_error_message="Укажите причину отмены.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="closed_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__state__in=[MeetingState.CLOSED, MeetingState.NOT_HELD, MeetingState.CANCELLED]
                ),
            ),
            kept("meeting_is_kept"),
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
            only_adds("only_the_departure_is_added", "left_at"),
            kept("presence_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.member}"


class Answer(models.Model):
    """What a member said to the invitation; the quorum is forecast from these, never counted."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="answers", verbose_name="заседание")
    member = models.ForeignKey(CouncilMember, models.PROTECT, related_name="+", verbose_name="член совета")
    coming = models.BooleanField("придёт")
    reason = models.CharField("причина отсутствия", max_length=200, blank=True)
    at = models.DateTimeField("когда")

    class Meta:
        verbose_name = "ответ на приглашение"
        verbose_name_plural = "ответы на приглашения"
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="council_answer_once")]
        triggers = [closed_meeting_is_final(OF_MEETING)]

    def __str__(self) -> str:
        return f"{self.member}: {'придёт' if self.coming else 'не придёт'}"


class Material(models.Model):
    """A file handed out with the agenda (S1-5.8)."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="materials", verbose_name="заседание")
    item = models.ForeignKey(
        "AgendaItem", models.CASCADE, null=True, blank=True, related_name="materials", verbose_name="вопрос"
    )
    title = models.CharField("название", max_length=200)
    file = models.ForeignKey(KeptFile, models.PROTECT, related_name="+", verbose_name="файл")

    class Meta:
        verbose_name = "материал заседания"
        verbose_name_plural = "материалы заседаний"
        ordering = ["item__position", "pk"]
        triggers = [closed_meeting_is_final(OF_MEETING)]

    def __str__(self) -> str:
        return self.title


class Remark(models.Model):
    """What a member said of the draft of the minutes; without a text it was read and found right (3.11)."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="remarks", verbose_name="заседание")
    member = models.ForeignKey(CouncilMember, models.PROTECT, related_name="+", verbose_name="член совета")
    text = models.TextField("замечание", blank=True)
    at = models.DateTimeField("когда")
    answer = models.TextField("ответ секретаря", blank=True)

    class Meta:
        verbose_name = "замечание к протоколу"
        verbose_name_plural = "замечания к протоколам"
        ordering = ["at", "pk"]
        triggers = [closed_meeting_is_final(OF_MEETING), kept("remark_is_kept")]

    def __str__(self) -> str:
        return self.text or "замечаний нет"


class Act(models.Model):
    """What a screen has sent and the portal has done: the same sending again does nothing."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="+", verbose_name="заседание")
    key = models.UUIDField("ключ отправки")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="кто")

    class Meta:
        verbose_name = "принятая отправка"
        verbose_name_plural = "принятые отправки"
        constraints = [models.UniqueConstraint(fields=["meeting", "key"], name="council_act_once")]

    def __str__(self) -> str:
        return str(self.key)
