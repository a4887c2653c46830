"""Agreements between two schools with their terms and changes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from network_portal.common.models import choices_check, in_force, period_check
from network_portal.documents.models import Document
from schools.enums import (
    AGREEMENT_TRANSITIONS,
    AMENDMENT_TRANSITIONS,
    AgreementState,
    AmendmentState,
    FundingMode,
    Level,
    Outcome,
    ResourceKind,
    Role,
    Side,
    TaughtKind,
)
from schools.models.duties import SCHOOL_STAFF
from schools.models.organisations import Network, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def in_force(self, on: date) -> AgreementQuerySet:
        """Agreements signed by both directors whose term covers the day `on` (3.2)."""
        return self.filter(in_force(on), state=AgreementState.SIGNED)

    def teaching(self, *, home: int, host: int, year: int | None = None) -> AgreementQuerySet:
        """Agreements by which `host` teaches pupils of `home`, in the school year `year` where one is given."""
        conditions = AgreementCondition.objects.filter(home=home, host=host)
        if year is not None:
            conditions = conditions.covering(year)
        return self.filter(pk__in=conditions.values("agreement"))

    def visible_to(self, acting: Acting) -> AgreementQuerySet:
        """Both parties' staff see the agreement; a draft is alone the school's that prepares it until it is sent."""
        if not acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.none()
        return self.filter(
            Q(home=acting.organisation_id) | Q(host=acting.organisation_id) & ~Q(state=AgreementState.DRAFT)
        )


class Agreement(models.Model):
    """The cooperation agreement of two schools (S0-5b, S1-2.1, T06).

    `home` is the school that prepares it, the base organisation of the paper; who teaches whose pupils what stands in
    the conditions. `document` is the signed paper in the register of `home`, `host_copy` its copy in the register of
    `host`, `protocol` the protocol of disagreements, `publication` the redacted paper for everyone.
    """

    TRANSITIONS: ClassVar = AGREEMENT_TRANSITIONS

    network = models.ForeignKey(Network, models.PROTECT, related_name="agreements", verbose_name="сеть")
    home = models.ForeignKey(
        Organisation, models.PROTECT, related_name="agreements_as_home", verbose_name="базовая организация"
    )
    host = models.ForeignKey(
        Organisation, models.PROTECT, related_name="agreements_as_host", verbose_name="организация-участник"
    )
    safety = models.TextField(
        "охрана жизни и здоровья", blank=True, help_text="Кто сопровождает детей и отвечает за них в пути."
    )
    issued_documents = models.TextField(
        "выдаваемые документы", blank=True, help_text="Какие документы, кто и когда выдаёт."
    )
    funding_mode = models.CharField("финансовое обеспечение", max_length=10, choices=FundingMode, blank=True)
    funding_norm = models.TextField("расчёт возмещения", blank=True, help_text="Норматив и порядок его применения.")
    funding_due = models.CharField("срок возмещения", max_length=200, blank=True)
    funding_order = models.TextField("порядок возмещения", blank=True)
    journal_readers = models.JSONField("кто читает журнал", default=list, blank=True)
    scale = models.CharField("шкала отметок", max_length=200, blank=True)
    weights = models.TextField("веса работ", blank=True, help_text="Документ, которым они установлены, или сами веса.")
    correction_days = models.PositiveSmallIntegerField("дней на исправление отметки", null=True, blank=True)
    personal_data = models.TextField(
        "какие сведения передаются", blank=True, help_text="Каждая школа – самостоятельный оператор."
    )
    incident_hours = models.PositiveSmallIntegerField("часов на уведомление об инциденте", null=True, blank=True)
    home_contacts = models.TextField("контакты базовой организации", blank=True)
    host_contacts = models.TextField("контакты организации-участника", blank=True)
    date_from = models.DateField("действует с")
    date_to = models.DateField("действует по")
    state = models.CharField("состояние", max_length=20, choices=AgreementState, default=AgreementState.DRAFT)
    stopped_on = models.DateField("приостановлен или прекращён", null=True)
    remarks = models.TextField("с какими замечаниями возвращён", blank=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    host_copy = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="экземпляр организации-участника"
    )
    protocol = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="протокол разногласий"
    )
    publication = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="размещённая редакция"
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = "договор"
        verbose_name_plural = "договоры"
        ordering = ["-date_from", "-pk"]
        constraints = [
            choices_check("state", AgreementState, name="schools_agreement_state"),
            models.CheckConstraint(
                condition=Q(funding_mode__in=["", *FundingMode.values]),
                name="schools_agreement_funding",
                violation_error_message="Недопустимое значение.",
            ),
            period_check("date_from", "date_to", name="schools_agreement_period"),
            models.CheckConstraint(
                condition=~Q(home=F("host")),
                name="schools_agreement_two_schools",
                violation_error_message="Договор заключают две разные школы.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.home} – {self.host}"


class AgreementConditionQuerySet(models.QuerySet["AgreementCondition"]):
    def covering(self, year: int) -> AgreementConditionQuerySet:
        """Conditions of the school year; a year not named by an old agreement does not bound it."""
        return self.filter(
            Q(year_from=None) | Q(year_from__lte=year),
            Q(year_to=None) | Q(year_to__gte=year),
        )


class AgreementCondition(models.Model):
    """One direction of an agreement: `host` teaches pupils of `home` a programme or a part of it.

    What is empty is not settled yet; only a draft, and an agreement older than this table, may leave it so.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="conditions", verbose_name="договор")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто направляет")
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто обучает")
    programme = models.TextField("программа или часть программы")
    subject = models.CharField("учебный предмет", max_length=100, blank=True)
    kind = models.CharField("вид", max_length=20, choices=TaughtKind, blank=True)
    level = models.CharField("уровень", max_length=20, choices=Level, blank=True)
    orientation = models.CharField("направленность", max_length=100, blank=True)
    part = models.TextField("что преподаёт обучающая сторона", blank=True)
    hours = models.PositiveSmallIntegerField("часов", null=True, blank=True)
    grade_from = models.PositiveSmallIntegerField("с класса", null=True, blank=True)
    grade_to = models.PositiveSmallIntegerField("по класс", null=True, blank=True)
    seats = models.PositiveSmallIntegerField("мест в год", null=True, blank=True)
    year_from = models.PositiveSmallIntegerField("с учебного года", null=True, blank=True)
    year_to = models.PositiveSmallIntegerField("по учебный год", null=True, blank=True)

    objects = AgreementConditionQuerySet.as_manager()

    class Meta:
        verbose_name = "условие договора"
        verbose_name_plural = "условия договоров"
        ordering = ["agreement", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["", *TaughtKind.values], level__in=["", *Level.values]),
                name="schools_condition_choices",
                violation_error_message="Недопустимое значение.",
            ),
            models.CheckConstraint(
                condition=~Q(home=F("host")),
                name="schools_condition_two_schools",
                violation_error_message="Школа не направляет учеников к себе самой.",
            ),
            period_check("year_from", "year_to", name="schools_condition_years"),
            period_check("grade_from", "grade_to", name="schools_condition_grades"),
        ]
        indexes = [models.Index(fields=["home", "host"], name="schools_condition_pair")]

    def __str__(self) -> str:
        return f"{self.home} – {self.host}: {self.programme}"


class AgreementResource(models.Model):
    """What one party gives to the common work, and how much of it."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="resources", verbose_name="договор")
    party = models.CharField("сторона", max_length=10, choices=Side)
    kind = models.CharField("вид ресурса", max_length=20, choices=ResourceKind)
    what = models.TextField("ресурс")
    amount = models.DecimalField("объём", max_digits=9, decimal_places=2, null=True, blank=True)
    unit = models.CharField("единица", max_length=50, blank=True)

    class Meta:
        verbose_name = "ресурс по договору"
        verbose_name_plural = "ресурсы по договорам"
        ordering = ["agreement", "pk"]
        constraints = [
            choices_check("party", Side, name="schools_resource_party"),
            choices_check("kind", ResourceKind, name="schools_resource_kind"),
        ]

    def __str__(self) -> str:
        return self.what


class AgreementDuty(models.Model):
    """What one party does, until when, and since when it is done (S4-5.8)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="duties", verbose_name="договор")
    party = models.CharField("сторона", max_length=10, choices=Side)
    what = models.TextField("обязанность")
    due = models.DateField("срок", null=True, blank=True)
    done_on = models.DateField("исполнена", null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто отметил"
    )

    class Meta:
        verbose_name = "обязанность по договору"
        verbose_name_plural = "обязанности по договорам"
        ordering = ["agreement", "pk"]
        constraints = [
            choices_check("party", Side, name="schools_agreement_duty_party"),
            models.CheckConstraint(
                condition=Q(done_on=None, done_by=None) | Q(done_on__isnull=False, done_by__isnull=False),
                name="schools_agreement_duty_done",
                violation_error_message="У исполненной обязанности есть и день, и тот, кто её отметил.",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class AgreementAppendix(models.Model):
    """A text added to an agreement; one with personal data is never published (L-9)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="appendices", verbose_name="договор")
    title = models.CharField("приложение", max_length=200)
    text = models.TextField("содержание")
    personal = models.BooleanField("содержит персональные данные", default=False)

    class Meta:
        verbose_name = "приложение к договору"
        verbose_name_plural = "приложения к договорам"
        ordering = ["agreement", "pk"]

    def __str__(self) -> str:
        return self.title


class Disagreement(models.Model):
    """A line of the protocol of disagreements: clause, both wordings, how it was settled (T28)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="disagreements", verbose_name="договор")
    clause = models.CharField("пункт", max_length=100)
    home_wording = models.TextField("редакция базовой организации")
    host_wording = models.TextField("редакция организации-участника")
    outcome = models.CharField("итог", max_length=10, choices=Outcome, blank=True)
    agreed_wording = models.TextField("согласованная редакция", blank=True)

    class Meta:
        verbose_name = "строка протокола разногласий"
        verbose_name_plural = "протоколы разногласий"
        ordering = ["agreement", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", *Outcome.values]),
                name="schools_disagreement_outcome",
                violation_error_message="Недопустимое значение.",
            ),
            models.UniqueConstraint(
                fields=["agreement", "clause"],
                name="schools_disagreement_once",
                violation_error_message="Этот пункт уже внесён в протокол.",
            ),
        ]

    def __str__(self) -> str:
        return self.clause


class Amendment(models.Model):
    """A supplementary agreement: the terms as they will be, and the papers that list only what changes."""

    TRANSITIONS: ClassVar = AMENDMENT_TRANSITIONS

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="amendments", verbose_name="договор")
    prepared_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто подготовил")
    terms = models.JSONField("условия после изменения")
    reason = models.TextField("почему изменяется")
    state = models.CharField("состояние", max_length=20, choices=AmendmentState, default=AmendmentState.DRAFT)
    remarks = models.TextField("с какими замечаниями возвращено", blank=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    host_copy = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="экземпляр организации-участника"
    )

    class Meta:
        verbose_name = "дополнительное соглашение"
        verbose_name_plural = "дополнительные соглашения"
        ordering = ["agreement", "pk"]
        constraints = [
            choices_check("state", AmendmentState, name="schools_amendment_state"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state__in=[AmendmentState.DRAFT, AmendmentState.SIGNING]),
                name="schools_amendment_one_open",
                violation_error_message="Другое дополнительное соглашение ещё не подписано: сначала завершите его.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: дополнительное соглашение"
