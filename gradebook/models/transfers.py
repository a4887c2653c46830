"""The monthly transfers with their versions, the objections to their lines, and the corrections (3.8, 3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.enums import (
    CORRECTION_TRANSITIONS,
    DISPUTE_TRANSITIONS,
    TRANSFER_TRANSITIONS,
    CorrectionState,
    DisputeState,
    TransferState,
)
from gradebook.models.guards import final_but
from gradebook.models.lessons import Lesson
from gradebook.models.messages import PortalMessage
from network_portal.accounts.models import User
from network_portal.common.models import choices_check
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting

#: What may still change in a sealed transfer, as an array of PostgreSQL.
CHANGEABLE = "{state,delivered_at,due_on,acknowledged_at,acknowledged_by_id,acknowledged_in_id}"


def steps_of(table: Mapping[Any, frozenset[Any]]) -> list[tuple[str, str]]:
    """Return the table of a state as the trigger takes it."""
    return sorted((str(state), str(to)) for state, targets in table.items() for to in targets)


class MonthlyTransferQuerySet(models.QuerySet["MonthlyTransfer"]):
    def visible_to(self, acting: Acting) -> MonthlyTransferQuerySet:
        """The host's staff and teacher; the home's staff, curator, class teacher, families once it came (2.4)."""
        if acting.is_(*FAMILY_READERS):
            children = Enrolment.objects.visible_to(acting).filter(group=OuterRef("group"), home=OuterRef("home"))
            return self.filter(Exists(children)).exclude(state=TransferState.SEALED)
        own = Q(host=acting.organisation_id)
        received = Q(home=acting.organisation_id) & ~Q(state=TransferState.SEALED)
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(own | received)
        if acting.is_(Role.CURATOR):
            return self.filter(received)
        if acting.is_(Role.CLASS_TEACHER):
            own_class = Enrolment.objects.visible_to(acting)
            return self.filter(received, group__in=own_class.values("group"))
        if acting.is_(Role.NETWORK_TEACHER):
            return self.filter(own, group__teacher__user=acting.user_id)
        return self.none()


class MonthlyTransfer(models.Model):
    """What the host recorded of one home school's pupils in one group in one month, sealed (S1-4.9, 4.11, T16).

    `version` 0 is the transfer itself, 1 and on are the corrections К1, К2…: each names the one it corrects, which
    stays as it was (I-6). `payload` is the canonical JSON that `sha256` is of; the rows of the month are locked by
    triggers from the seal on.
    """

    TRANSITIONS: ClassVar = TRANSFER_TRANSITIONS

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="transfers", verbose_name="группа")
    year = models.PositiveSmallIntegerField("год")
    month = models.PositiveSmallIntegerField("месяц")
    version = models.PositiveSmallIntegerField("номер исправления", default=0)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", verbose_name="какую ведомость исправляет"
    )
    state = models.CharField("состояние", max_length=20, choices=TransferState, default=TransferState.SEALED)
    payload = models.TextField("содержание")
    sha256 = models.CharField("контрольная сумма", max_length=64)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    sealed_at = models.DateTimeField("запечатана")
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто запечатал"
    )
    delivered_at = models.DateTimeField("доставлена", null=True)
    due_on = models.DateField("ответить до", null=True)
    acknowledged_at = models.DateTimeField("подтверждена", null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто подтвердил"
    )
    acknowledged_in = models.ForeignKey(
        PortalMessage, models.PROTECT, null=True, related_name="+", verbose_name="в каком сообщении подтверждена"
    )

    objects = MonthlyTransferQuerySet.as_manager()

    class Meta:
        verbose_name = "ведомость передачи"
        verbose_name_plural = "ведомости передачи"
        ordering = ["-year", "-month", "group", "home", "version"]
        constraints = [
            choices_check("state", TransferState, name="gradebook_transfer_state"),
            models.UniqueConstraint(
                fields=["group", "home", "year", "month", "version"],
                name="gradebook_transfer_once",
                violation_error_message="Ведомость за этот месяц уже запечатана.",
            ),
            models.CheckConstraint(
                condition=Q(version=0, corrects=None) | Q(version__gt=0, corrects__isnull=False),
                name="gradebook_transfer_version",
                violation_error_message="Исправление называет ведомость, которую исправляет.",
            ),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="gradebook_transfer_month"),
            models.CheckConstraint(
                condition=Q(acknowledged_by=None) | Q(acknowledged_in=None),
                name="gradebook_transfer_acknowledged_once",
            ),
        ]
        triggers = [
            final_but(CHANGEABLE),
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
            pgtrigger.FSM(name="state_by_the_table", field="state", transitions=steps_of(TRANSFER_TRANSITIONS)),
        ]

    def __str__(self) -> str:
        return f"{self.host} → {self.home}, {self.month:02}.{self.year}"

    @property
    def label(self) -> str:
        """«№ 13», and of a correction «№ 13-К1»."""
        return f"№\u00a0{self.document.number}" + (f"-К{self.version}" if self.version else "")

    @property
    def acknowledger(self) -> str:
        """Who confirmed the receipt, here or on the home school's own portal; empty while nobody has."""
        return _who(self.acknowledged_by, self.acknowledged_in)


def _who(user: User | None, message: PortalMessage | None) -> str:
    if message is not None:
        return f"{message.person} (портал школы)"
    return user.short_name if user else ""


class TransferDispute(models.Model):
    """The home school's objection to one pupil's line of a transfer, and the host's answer (3.9)."""

    TRANSITIONS: ClassVar = DISPUTE_TRANSITIONS

    transfer = models.ForeignKey(MonthlyTransfer, models.PROTECT, related_name="disputes", verbose_name="ведомость")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+", verbose_name="строка")
    reason = models.TextField("возражение", max_length=1000)
    state = models.CharField("состояние", max_length=20, choices=DisputeState, default=DisputeState.OPEN)
    raised_at = models.DateTimeField("заявлено")
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто заявил"
    )
    raised_in = models.ForeignKey(
        PortalMessage, models.PROTECT, null=True, related_name="disputes", verbose_name="в каком сообщении заявлено"
    )
    due_on = models.DateField("ответить до")
    answer = models.TextField("ответ", max_length=1000, blank=True)
    answered_at = models.DateTimeField("рассмотрено", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто рассмотрел"
    )

    class Meta:
        verbose_name = "возражение по строке ведомости"
        verbose_name_plural = "возражения по строкам ведомостей"
        ordering = ["transfer", "pk"]
        constraints = [
            choices_check("state", DisputeState, name="gradebook_dispute_state"),
            models.UniqueConstraint(
                fields=["transfer", "enrolment"],
                condition=Q(state__in=[DisputeState.OPEN, DisputeState.ACCEPTED]),
                name="gradebook_dispute_open_once",
                violation_error_message="По этой строке возражение уже есть.",
            ),
            models.CheckConstraint(
                condition=~Q(state=DisputeState.REJECTED) | ~Q(answer=""),
                name="gradebook_dispute_answer",
                violation_error_message="Укажите, почему возражение отклонено.",
            ),
            models.CheckConstraint(
                condition=Q(raised_by=None, raised_in__isnull=False) | Q(raised_by__isnull=False, raised_in=None),
                name="gradebook_dispute_raised",
                violation_error_message="Возражение заявляет сотрудник школы или её портал.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
            pgtrigger.FSM(name="state_by_the_table", field="state", transitions=steps_of(DISPUTE_TRANSITIONS)),
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def objector(self) -> str:
        """Who objected, here or on the home school's own portal."""
        return _who(self.raised_by, self.raised_in)


class Correction(models.Model):
    """Named cells of a sealed month that are open to be written once more: asked for, decided on, sealed anew (3.8).

    Only these cells are open, and only while the correction is approved: the triggers of `guards` look here.
    """

    TRANSITIONS: ClassVar = CORRECTION_TRANSITIONS

    transfer = models.ForeignKey(
        MonthlyTransfer, models.PROTECT, related_name="corrections", verbose_name="какую ведомость исправить"
    )
    dispute = models.OneToOneField(
        TransferDispute, models.PROTECT, null=True, related_name="correction", verbose_name="по какому возражению"
    )
    reason = models.TextField("основание", max_length=1000)
    state = models.CharField("состояние", max_length=20, choices=CorrectionState, default=CorrectionState.REQUESTED)
    requested_at = models.DateTimeField("запрошено")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто запросил"
    )
    due_on = models.DateField("решить до")
    decision = models.TextField("решение", max_length=1000, blank=True)
    decided_at = models.DateTimeField("решено", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто решил"
    )
    result = models.ForeignKey(
        MonthlyTransfer, models.PROTECT, null=True, related_name="made_by", verbose_name="новая ведомость"
    )

    class Meta:
        verbose_name = "исправление ведомости"
        verbose_name_plural = "исправления ведомостей"
        ordering = ["transfer", "pk"]
        constraints = [
            choices_check("state", CorrectionState, name="gradebook_correction_state"),
            models.CheckConstraint(
                condition=Q(state=CorrectionState.DONE, result__isnull=False)
                | ~Q(state=CorrectionState.DONE) & Q(result=None),
                name="gradebook_correction_result",
                violation_error_message="Исправление завершает новая ведомость.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
            pgtrigger.FSM(name="state_by_the_table", field="state", transitions=steps_of(CORRECTION_TRANSITIONS)),
        ]

    def __str__(self) -> str:
        return self.reason


class CorrectionCell(models.Model):
    """One cell that a correction names: what is recorded of one pupil at one lesson."""

    correction = models.ForeignKey(Correction, models.PROTECT, related_name="cells", verbose_name="исправление")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+", verbose_name="обучающийся")

    class Meta:
        verbose_name = "исправляемая запись"
        verbose_name_plural = "исправляемые записи"
        constraints = [
            models.UniqueConstraint(fields=["correction", "lesson", "enrolment"], name="gradebook_correction_cell_once")
        ]
        indexes = [models.Index(fields=["lesson", "enrolment"], name="gradebook_correction_place")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.lesson}: {self.enrolment}"
