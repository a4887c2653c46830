"""Orders beside that of enrolment, and what a course counts for at home."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import NetworkCourse
from enrollment.enums import ORDER_TRANSITIONS, Counts, ExitReason, LineAct, OrderState, SchoolOrderKind
from enrollment.models.enrolments import Enrolment, LeaveApplication
from enrollment.models.orders import Acquaintance, Order
from network_portal.common.models import choices_check, period_check
from network_portal.documents.models import Document
from schools.models import SCHOOL_STAFF, Agreement, Duty, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


class CourseMapping(models.Model):
    """To which part of its own curriculum a home school counts a network course (lessons, addition 6)."""

    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="mappings", verbose_name="курс")
    part = models.CharField("предмет или часть учебного плана", max_length=200)
    hours = models.PositiveSmallIntegerField("часов по учебному плану")
    counts = models.CharField("как засчитывается", max_length=20, choices=Counts)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто сопоставил"
    )
    set_at = models.DateTimeField("когда")

    class Meta:
        verbose_name = "сопоставление курса с учебным планом"
        verbose_name_plural = "сопоставления курсов с учебным планом"
        ordering = ["course__programme__title", "pk"]
        constraints = [
            choices_check("counts", Counts, name="enrollment_mapping_counts"),
            models.UniqueConstraint(fields=["home", "course"], name="enrollment_mapping_once"),
            models.CheckConstraint(
                condition=Q(hours__gte=1),
                name="enrollment_mapping_hours",
                violation_error_message="Укажите число часов: не меньше одного.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}: {self.part}"


class SchoolOrderQuerySet(models.QuerySet["SchoolOrder"]):
    def visible_to(self, acting: Acting) -> SchoolOrderQuerySet:
        """The staff of the school that issues it, the other school's once registered, and the people named in it."""
        if not acting.is_(*SCHOOL_STAFF):
            return self.filter(document__acquaintances__in=Acquaintance.objects.asked_of(acting))
        registered = Q(state=OrderState.REGISTERED)
        party = Q(home=acting.organisation_id) | Q(host=acting.organisation_id)
        return self.filter(Q(school=acting.organisation_id) | party & registered)


class SchoolOrder(models.Model):
    """The home director's order T04, or an order of either school that changes an earlier one (3.5, S0-5, S1-4.8a).

    `amends` is the T04 of the chain; `amends_order` the host's order of enrolment. Neither is ever edited.
    """

    TRANSITIONS: ClassVar = ORDER_TRANSITIONS

    kind = models.CharField("вид", max_length=20, choices=SchoolOrderKind)
    school = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="чей приказ")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="+", verbose_name="договор")
    year = models.PositiveSmallIntegerField("учебный год")
    amends = models.ForeignKey("self", models.PROTECT, null=True, related_name="changes", verbose_name="изменяет")
    amends_order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="changes", verbose_name="изменяет приказ о зачислении"
    )
    date_from = models.DateField("с", null=True)
    date_to = models.DateField("по", null=True)
    responsible = models.ForeignKey(
        Duty, models.PROTECT, null=True, related_name="+", verbose_name="ответственный за сетевое взаимодействие"
    )
    curator = models.ForeignKey(Duty, models.PROTECT, null=True, related_name="+", verbose_name="учитель-куратор")
    escort = models.CharField("кто сопровождает в пути", max_length=200, blank=True)
    text = models.CharField("пояснение", max_length=500, blank=True)
    state = models.CharField("состояние", max_length=20, choices=OrderState, default=OrderState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("составлен")

    objects = SchoolOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "приказ школы"
        verbose_name_plural = "приказы школ"
        ordering = ["created_at", "pk"]
        constraints = [
            choices_check("kind", SchoolOrderKind, name="enrollment_school_order_kind"),
            choices_check("state", OrderState, name="enrollment_school_order_state"),
            period_check("date_from", "date_to", name="enrollment_school_order_period"),
            models.UniqueConstraint(
                fields=["home", "host", "year"],
                condition=Q(kind=SchoolOrderKind.ORGANISE) & ~Q(state=OrderState.CANCELLED),
                name="enrollment_school_order_one_main",
                violation_error_message="Приказ об организации обучения уже есть. Внесите в него изменения.",
            ),
            models.CheckConstraint(
                condition=Q(kind=SchoolOrderKind.ORGANISE, amends=None, amends_order=None)
                | Q(kind=SchoolOrderKind.HOME_CHANGE, amends__isnull=False, amends_order=None)
                | Q(kind=SchoolOrderKind.HOST_CHANGE, amends=None, amends_order__isnull=False),
                name="enrollment_school_order_amends",
            ),
        ]

    def __str__(self) -> str:
        return f"Приказ {self.get_kind_display()}"


class SchoolOrderLine(models.Model):
    """What an order does with one pupil; `last_day` and `reason` belong to an exit."""

    order = models.ForeignKey(SchoolOrder, models.CASCADE, related_name="lines", verbose_name="приказ")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="order_lines", verbose_name="зачисление")
    act = models.CharField("действие", max_length=20, choices=LineAct)
    reason = models.CharField("причина", max_length=20, choices=ExitReason, blank=True)
    words = models.CharField("пояснение", max_length=300, blank=True)
    last_day = models.DateField("последний день занятий", null=True)
    leave = models.ForeignKey(
        LeaveApplication, models.PROTECT, null=True, related_name="+", verbose_name="заявление семьи"
    )

    class Meta:
        verbose_name = "строка приказа"
        verbose_name_plural = "строки приказа"
        ordering = ["enrolment__student__sort_key", "pk"]
        constraints = [
            choices_check("act", LineAct, name="enrollment_school_order_line_act"),
            models.UniqueConstraint(fields=["order", "enrolment"], name="enrollment_school_order_line_once"),
            models.CheckConstraint(
                condition=~Q(act=LineAct.REMOVE) | Q(last_day__isnull=False) & ~Q(reason=""),
                name="enrollment_school_order_line_exit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.get_act_display()}"
