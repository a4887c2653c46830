"""What other portals send: keys of partners, packages as they came, and their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from gradebook.enums import INTAKE_LINE_TRANSITIONS, INTAKE_TRANSITIONS, IntakeLineState, IntakeState
from gradebook.models.guards import final_but
from gradebook.models.transfers import steps_of
from network_portal.common.models import choices_check
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Organisation, Student

if TYPE_CHECKING:
    from schools.acting import Acting


class ApiKey(models.Model):
    """A key of a program that acts for a school; only its digest is kept.

    Without a partner the program reads the school's own transfers; with one it is the partner's portal, which delivers
    that partner's transfers here and signs them with `secret`.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="школа")
    partner = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="+", verbose_name="чьи ведомости принимаются"
    )
    title = models.CharField("название", max_length=100)
    digest = models.CharField("отпечаток ключа", max_length=64, unique=True)
    secret = models.TextField("ключ подписи, зашифрованный", blank=True)
    created_at = models.DateTimeField("выдан")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто выдал")
    used_at = models.DateTimeField("использован", null=True)
    revoked_at = models.DateTimeField("отозван", null=True)

    class Meta:
        verbose_name = "ключ внешней системы"
        verbose_name_plural = "ключи внешних систем"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(partner=None, secret="") | Q(partner__isnull=False) & ~Q(secret=""),
                name="gradebook_api_key_secret",
                violation_error_message="Ключ подписи есть у того, кто передаёт ведомости.",
            )
        ]

    def __str__(self) -> str:
        return self.title


class IntakeQuerySet(models.QuerySet["Intake"]):
    def visible_to(self, acting: Acting) -> IntakeQuerySet:
        """The home school's staff and curator (2.4)."""
        if acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.filter(home=acting.organisation_id)
        return self.none()


class Intake(models.Model):
    """A package that another portal sent, byte for byte, and what became of it; taken once per message id."""

    TRANSITIONS: ClassVar = INTAKE_TRANSITIONS

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="intakes", verbose_name="по какому ключу")
    message_id = models.CharField("номер сообщения", max_length=120)
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="от кого")
    raw = models.BinaryField("сообщение")
    sha256 = models.CharField("контрольная сумма сообщения", max_length=64)
    received_at = models.DateTimeField("получено")
    state = models.CharField("состояние", max_length=20, choices=IntakeState, default=IntakeState.TAKEN)
    reason = models.CharField("почему не принята", max_length=500, blank=True)
    number = models.PositiveIntegerField("номер ведомости", null=True)
    version = models.PositiveSmallIntegerField("номер исправления", default=0)
    year = models.PositiveSmallIntegerField("год", null=True)
    month = models.PositiveSmallIntegerField("месяц", null=True)
    group_key = models.PositiveBigIntegerField("группа у отправителя", null=True)
    group_name = models.CharField("группа", max_length=200, blank=True)
    course_title = models.CharField("курс", max_length=300, blank=True)
    package_sha256 = models.CharField("контрольная сумма ведомости", max_length=64, blank=True)
    receipt_url = models.CharField("куда отвечать", max_length=500, blank=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = "принятое сообщение"
        verbose_name_plural = "принятые сообщения"
        ordering = ["-received_at", "-pk"]
        constraints = [
            choices_check("state", IntakeState, name="gradebook_intake_state"),
            models.UniqueConstraint(fields=["key", "message_id"], name="gradebook_intake_once"),
            models.CheckConstraint(
                condition=Q(state=IntakeState.REFUSED) & ~Q(reason="") | ~Q(state=IntakeState.REFUSED) & Q(reason=""),
                name="gradebook_intake_reason",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
            final_but("{state}"),
            pgtrigger.FSM(name="state_by_the_table", field="state", transitions=steps_of(INTAKE_TRANSITIONS)),
        ]

    def __str__(self) -> str:
        return f"{self.host}, {self.group_name}"

    @property
    def label(self) -> str:
        """«№ 13», and of a correction «№ 13-К1»."""
        return f"№\u00a0{self.number or '–'}" + (f"-К{self.version}" if self.version else "")


class IntakeLine(models.Model):
    """A pupil's line of a package; one that fits no pupil waits in quarantine with the reason."""

    TRANSITIONS: ClassVar = INTAKE_LINE_TRANSITIONS

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="lines", verbose_name="сообщение")
    no = models.PositiveSmallIntegerField("строка")
    name = models.CharField("ФИО у отправителя", max_length=310)
    school_class = models.CharField("класс у отправителя", max_length=50)
    content = models.JSONField("содержание")
    state = models.CharField("состояние", max_length=20, choices=IntakeLineState, default=IntakeLineState.QUARANTINED)
    reason = models.CharField("почему в карантине", max_length=300, blank=True)
    student = models.ForeignKey(Student, models.PROTECT, null=True, related_name="+", verbose_name="обучающийся")
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто сопоставил"
    )
    matched_at = models.DateTimeField("когда сопоставлено", null=True)

    class Meta:
        verbose_name = "строка принятого сообщения"
        verbose_name_plural = "строки принятых сообщений"
        ordering = ["intake", "no"]
        constraints = [
            choices_check("state", IntakeLineState, name="gradebook_intake_line_state"),
            models.UniqueConstraint(fields=["intake", "no"], name="gradebook_intake_line_once"),
            models.CheckConstraint(
                condition=Q(state=IntakeLineState.TAKEN, student__isnull=False)
                | Q(state=IntakeLineState.QUARANTINED, student=None) & ~Q(reason=""),
                name="gradebook_intake_line_pupil",
            ),
        ]

    def __str__(self) -> str:
        return self.name
