"""Final marks of a term or a year, and the tests that a home school has planned for its classes (6.4–6.7)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from enrollment.models import Enrolment
from gradebook.enums import MARK_TEXTS, Term, TermValue
from gradebook.models.card_guards import mark_in_card
from gradebook.models.guards import history
from network_portal.common.models import choices_check
from schools.models import SchoolClass


@history("TermMarkEvent")
class TermMark(models.Model):
    """A final mark as the teacher gave it, beside what the portal had proposed (6.4).

    `proposal` and `mean` are those of the moment at which the mark was given; a mark other than the proposal, or one
    without a proposal, has a reason.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="term_marks", verbose_name="обучающийся")
    term = models.CharField("период", max_length=10, choices=Term)
    value = models.PositiveSmallIntegerField("отметка", choices=TermValue)
    proposal = models.PositiveSmallIntegerField("предложено", choices=TermValue, null=True)
    mean = models.DecimalField("средний взвешенный", max_digits=4, decimal_places=2, null=True)
    reason = models.CharField("почему не предложенная", max_length=300, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто выставил"
    )
    given_at = models.DateTimeField("когда выставлена")

    class Meta:
        verbose_name = "отметка за период"
        verbose_name_plural = "отметки за периоды"
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "term"], name="gradebook_term_mark_once"),
            choices_check("term", Term, name="gradebook_term_mark_term"),
            models.CheckConstraint(
                condition=Q(value__in=TermValue.values),
                name="gradebook_term_mark_value",
                violation_error_message="Отметка: от 2 до 5, зачёт, незачёт или н/а.",
            ),
            models.CheckConstraint(
                condition=Q(value=models.F("proposal"), proposal__isnull=False) | ~Q(reason=""),
                name="gradebook_term_mark_reason",
                violation_error_message="Отметка отличается от предложенной: укажите причину.",
            ),
        ]
        triggers = [mark_in_card()]

    def __str__(self) -> str:
        return str(self.get_value_display())

    @property
    def text(self) -> str:
        """How the mark is written: «5», «н/а»."""
        return MARK_TEXTS.get(self.value) or str(self.value)


class SchoolTest(models.Model):
    """A whole-class test at a home school, which tests of network groups on that day are checked against (6.7)."""

    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="tests", verbose_name="класс")
    date = models.DateField("дата")
    subject = models.CharField("предмет", max_length=100)

    class Meta:
        verbose_name = "проверочная работа класса"
        verbose_name_plural = "проверочные работы классов"
        ordering = ["date", "school_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_class", "date", "subject"],
                name="gradebook_school_test_once",
                violation_error_message="Эта работа уже есть в графике.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_class}, {self.date:%d.%m.%Y}, {self.subject}"
