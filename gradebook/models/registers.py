"""The home school's summary register: final marks of a class, each with its line of a card (S1-4.10, T15)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import NetworkCourse
from gradebook.enums import MARK_TEXTS, Term, TermValue
from gradebook.models.card_guards import equals_its_line
from gradebook.models.cards import ReportCardLine
from gradebook.models.guards import history
from network_portal.common.models import choices_check
from network_portal.documents.models import Document, append_only
from schools.models import SchoolClass, Student


@history("SummaryEntryEvent")
class SummaryEntry(models.Model):
    """A cell of the register: a pupil's mark in a network course for a term, and the line that it was carried from.

    `subject` is the part of the home school's curriculum that the course counts for, as it was on that day. A trigger
    refuses a cell that says something else than its line.
    """

    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="register", verbose_name="класс")
    student = models.ForeignKey(Student, models.PROTECT, related_name="register", verbose_name="обучающийся")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="+", verbose_name="курс")
    subject = models.CharField("предмет", max_length=200)
    term = models.CharField("период", max_length=10, choices=Term)
    value = models.PositiveSmallIntegerField("отметка", choices=TermValue)
    line = models.ForeignKey(ReportCardLine, models.PROTECT, related_name="entries", verbose_name="строка табеля")
    carried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто перенёс"
    )
    carried_at = models.DateTimeField("когда перенесена")

    class Meta:
        verbose_name = "отметка сводной ведомости"
        verbose_name_plural = "отметки сводных ведомостей"
        constraints = [
            models.UniqueConstraint(fields=["student", "course", "term"], name="gradebook_summary_entry_once"),
            choices_check("term", Term, name="gradebook_summary_entry_term"),
            models.CheckConstraint(condition=Q(value__in=TermValue.values), name="gradebook_summary_entry_value"),
        ]
        triggers = [equals_its_line()]

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}"

    @property
    def text(self) -> str:
        """How the mark is written: «5», «н/а»."""
        return MARK_TEXTS.get(self.value) or str(self.value)


@history("SummaryDecisionEvent")
class SummaryDecision(models.Model):
    """What the pedagogical council of the home school decided about a pupil of the class."""

    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="+", verbose_name="класс")
    student = models.ForeignKey(Student, models.PROTECT, related_name="+", verbose_name="обучающийся")
    text = models.CharField("решение педагогического совета", max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто внёс")
    set_at = models.DateTimeField("когда внесено")

    class Meta:
        verbose_name = "решение педагогического совета"
        verbose_name_plural = "решения педагогического совета"
        constraints = [
            models.UniqueConstraint(fields=["school_class", "student"], name="gradebook_summary_decision_once")
        ]

    def __str__(self) -> str:
        return self.text


class RegisterPrint(models.Model):
    """The register of a class as a numbered paper (T15)."""

    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="+", verbose_name="класс")
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто напечатал"
    )
    printed_at = models.DateTimeField("когда напечатано")

    class Meta:
        verbose_name = "печать сводной ведомости"
        verbose_name_plural = "печати сводных ведомостей"
        ordering = ["-pk"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return str(self.document)
