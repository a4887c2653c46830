"""The lists that the home school sends, line by line, and the contract of three parties about a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from courses.models import NetworkCourse
from enrollment.enums import CONTRACT_TRANSITIONS, REQUEST_TRANSITIONS, ContractState, LineDecision, RequestState
from enrollment.models.applications import Application
from network_portal.common.models import choices_check
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Agreement, GuardianLink, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


class SchoolRequestQuerySet(models.QuerySet["SchoolRequest"]):
    def visible_to(self, acting: Acting) -> SchoolRequestQuerySet:
        """The home school's staff, and the host's once it was sent."""
        if not acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.none()
        own = Q(home=acting.organisation_id)
        if acting.is_(Role.CURATOR):
            return self.filter(own)
        sent = Q(state__in=[RequestState.SENT, RequestState.ANSWERED, RequestState.CLOSED])
        return self.filter(own | Q(host=acting.organisation_id) & sent)


class SchoolRequest(models.Model):
    """The home school's list of pupils for a host school (S0-4, T03)."""

    TRANSITIONS: ClassVar = REQUEST_TRANSITIONS

    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="requests", verbose_name="договор")
    year = models.PositiveSmallIntegerField("учебный год")
    state = models.CharField("состояние", max_length=20, choices=RequestState, default=RequestState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("составлена")
    sent_at = models.DateTimeField("направлена", null=True)
    answer_due = models.DateField("ответить до", null=True)
    answered_at = models.DateTimeField("рассмотрена", null=True)

    objects = SchoolRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "заявка школы"
        verbose_name_plural = "заявки школ"
        ordering = ["-created_at", "-pk"]
        constraints = [
            choices_check("state", RequestState, name="enrollment_request_state"),
            models.CheckConstraint(condition=~Q(home=F("host")), name="enrollment_request_two_schools"),
            models.UniqueConstraint(
                fields=["home", "host", "year"],
                condition=Q(state=RequestState.DRAFT),
                name="enrollment_request_one_draft",
                violation_error_message="Черновик заявки в эту школу уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.home} → {self.host}"


class SchoolRequestLine(models.Model):
    """One pupil for one course, and the host's answer to it (3.4)."""

    request = models.ForeignKey(SchoolRequest, models.CASCADE, related_name="lines", verbose_name="заявка")
    application = models.ForeignKey(Application, models.PROTECT, related_name="lines", verbose_name="заявление")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="+", verbose_name="курс")
    special = models.BooleanField("нужны особые условия", default=False)
    decision = models.CharField("решение", max_length=20, choices=LineDecision, default=LineDecision.PENDING)
    reason = models.CharField("причина", max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто решил"
    )
    decided_at = models.DateTimeField("когда решено", null=True)

    class Meta:
        verbose_name = "строка заявки"
        verbose_name_plural = "строки заявки"
        ordering = ["application__student__sort_key", "pk"]
        constraints = [
            choices_check("decision", LineDecision, name="enrollment_line_decision"),
            models.UniqueConstraint(fields=["request", "application", "course"], name="enrollment_line_once"),
            models.CheckConstraint(
                condition=~Q(decision=LineDecision.REFUSED) | ~Q(reason=""),
                name="enrollment_line_refusal_reason",
                violation_error_message="Укажите причину отказа.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.student}: {self.course}"


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, acting: Acting) -> ContractQuerySet:
        """The staff of both schools and the child's guardians."""
        if acting.is_(Role.PARENT):
            links = GuardianLink.objects.valid_for(acting.user_id, acting.on)
            return self.filter(line__application__student__guardian_links__in=links)
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(
                Q(line__request__home=acting.organisation_id) | Q(line__request__host=acting.organisation_id)
            )
        return self.none()


class Contract(models.Model):
    """The contract of the host, the home school and the parent about one pupil's course (S3-(4), T07)."""

    TRANSITIONS: ClassVar = CONTRACT_TRANSITIONS

    line = models.ForeignKey(SchoolRequestLine, models.PROTECT, related_name="contracts", verbose_name="строка заявки")
    state = models.CharField("состояние", max_length=20, choices=ContractState, default=ContractState.SIGNING)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("составлен")

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = "трёхсторонний договор"
        verbose_name_plural = "трёхсторонние договоры"
        ordering = ["created_at", "pk"]
        constraints = [
            choices_check("state", ContractState, name="enrollment_contract_state"),
            models.UniqueConstraint(
                fields=["line"],
                condition=~Q(state=ContractState.CANCELLED),
                name="enrollment_contract_once",
                violation_error_message="Договор по этой строке уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return f"Трёхсторонний договор: {self.line.course}"
