"""Report cards of a group for a home school, signed by three of the host (3.10, S1-4.10, T14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.enums import CARD_OPEN, CARD_TRANSITIONS, MARK_TEXTS, CardState, Term, TermValue
from gradebook.models.card_guards import card_is_clear, card_lines
from gradebook.models.guards import final_but
from gradebook.models.transfers import steps_of
from network_portal.common.models import choices_check, period_check
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF, Organisation, SchoolClass

if TYPE_CHECKING:
    from schools.acting import Acting

#: What still changes in a card, as an array of PostgreSQL.
CHANGEABLE = (
    "{state,sent_at,received_at,received_by_id,verified_at,verified_by_id,annulled_at,annulled_by_id,annul_reason}"
)


class ReportCardQuerySet(models.QuerySet["ReportCard"]):
    def visible_to(self, acting: Acting) -> ReportCardQuerySet:
        """The host's staff and teacher; once signed, the home's staff, curator, class teacher and families (2.4)."""
        signed = ~Q(state__in=CARD_OPEN)
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(Q(host=acting.organisation_id) | Q(home=acting.organisation_id) & signed)
        if acting.is_(Role.NETWORK_TEACHER):
            return self.filter(host=acting.organisation_id, group__teacher__user=acting.user_id)
        received = self.filter(signed)
        if acting.is_(Role.CURATOR):
            return received.filter(home=acting.organisation_id)
        if acting.is_(Role.CLASS_TEACHER, *FAMILY_READERS):
            own = ReportCardLine.objects.visible_to(acting).filter(card=OuterRef("pk"))
            return received.filter(Exists(own))
        return self.none()


class ReportCard(models.Model):
    """The final marks of one home school's pupils in one group for a term or the year.

    Three of the host sign it: the teacher, the deputy director, the director. A wrong card is annulled, the next one
    names it in `replaces` (3.10, I-6). Its days stand with it: the calendar they come from may change.
    """

    TRANSITIONS: ClassVar = CARD_TRANSITIONS

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="cards", verbose_name="группа")
    term = models.CharField("период", max_length=10, choices=Term)
    date_from = models.DateField("первый день периода")
    date_to = models.DateField("последний день периода")
    state = models.CharField("состояние", max_length=20, choices=CardState, default=CardState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="взамен какого табеля"
    )
    sent_at = models.DateTimeField("передан", null=True)
    received_at = models.DateTimeField("получен", null=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто получил"
    )
    verified_at = models.DateTimeField("сверен", null=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто сверил"
    )
    annulled_at = models.DateTimeField("аннулирован", null=True)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто аннулировал"
    )
    annul_reason = models.CharField("почему аннулирован", max_length=300, blank=True)

    objects = ReportCardQuerySet.as_manager()

    class Meta:
        verbose_name = "табель"
        verbose_name_plural = "табели"
        ordering = ["-date_to", "group", "home", "-pk"]
        constraints = [
            choices_check("state", CardState, name="gradebook_card_state"),
            choices_check("term", Term, name="gradebook_card_term"),
            period_check("date_from", "date_to", name="gradebook_card_period"),
            models.UniqueConstraint(
                fields=["group", "home", "term"],
                condition=~Q(state=CardState.ANNULLED),
                name="gradebook_card_once",
                violation_error_message="Табель за этот период уже есть.",
            ),
            models.CheckConstraint(
                condition=~Q(state=CardState.ANNULLED) | ~Q(annul_reason=""),
                name="gradebook_card_annul_reason",
                violation_error_message="Укажите, почему табель аннулируется.",
            ),
        ]
        triggers = [
            final_but(CHANGEABLE),
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
            pgtrigger.FSM(name="state_by_the_table", field="state", transitions=steps_of(CARD_TRANSITIONS)),
            card_is_clear(),
        ]

    def __str__(self) -> str:
        return f"{self.host} → {self.home}, {self.get_term_display()}"

    @property
    def label(self) -> str:
        """«№ 5», and «проект» until it is signed by all."""
        return f"№\u00a0{self.document.number}" if self.document.number else "проект"


class ReportCardLineQuerySet(models.QuerySet["ReportCardLine"]):
    def of_classes(self, *conditions: Q, **facts: object) -> ReportCardLineQuerySet:
        """Lines of pupils who are in such classes now; where the class has moved on to another year, were then."""
        classes = SchoolClass.objects.filter(*conditions, **facts).values("pk")
        year = F("card__group__course__year")
        same = Q(enrolment__student__school_class__year=year)
        return self.filter(same & Q(enrolment__student__school_class__in=classes) | ~same & Q(school_class__in=classes))

    def visible_to(self, acting: Acting) -> ReportCardLineQuerySet:
        """A family sees the own child's lines, a class teacher those of the own class, others those of their cards."""
        if acting.is_(*FAMILY_READERS):
            return self.filter(enrolment__in=Enrolment.objects.visible_to(acting))
        if acting.is_(Role.CLASS_TEACHER):
            return self.of_classes(organisation=acting.organisation_id, class_teacher=acting.duty)
        return self.filter(card__in=ReportCard.objects.visible_to(acting))


class ReportCardLine(models.Model):
    """A pupil's line of a card; the cells of the home school's register point here."""

    card = models.ForeignKey(ReportCard, models.PROTECT, related_name="lines", verbose_name="табель")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="+", verbose_name="обучающийся")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="+", verbose_name="класс")
    mean = models.DecimalField("средний взвешенный", max_digits=4, decimal_places=2, null=True)
    value = models.PositiveSmallIntegerField("отметка", choices=TermValue, null=True)
    missed = models.PositiveSmallIntegerField("пропущено часов", default=0)
    ill = models.PositiveSmallIntegerField("по болезни", default=0)
    excused = models.PositiveSmallIntegerField("по уважительной причине", default=0)
    unexcused = models.PositiveSmallIntegerField("без уважительной причины", default=0)
    note = models.CharField("примечание", max_length=400, blank=True)

    objects = ReportCardLineQuerySet.as_manager()

    class Meta:
        verbose_name = "строка табеля"
        verbose_name_plural = "строки табелей"
        ordering = ["card", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["card", "enrolment"], name="gradebook_card_line_once"),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__in=TermValue.values), name="gradebook_card_line_value"
            ),
        ]
        triggers = [card_lines()]

    def __str__(self) -> str:
        return f"{self.card}: {self.enrolment}"

    @property
    def text(self) -> str:
        """How the mark is written: «5», «н/а», «–» for a pupil who left without one."""
        return "–" if self.value is None else MARK_TEXTS.get(self.value) or str(self.value)
