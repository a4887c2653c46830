"""Classes of a school year and their weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from schools.enums import Role
from schools.models.duties import SCHOOL_STAFF, Duty
from schools.models.organisations import Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


class SchoolClassQuerySet(models.QuerySet["SchoolClass"]):
    def visible_to(self, acting: Acting) -> SchoolClassQuerySet:
        """The classes of the own school; a class teacher sees the own class."""
        if acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.filter(organisation=acting.organisation_id)
        if acting.is_(Role.CLASS_TEACHER):
            return self.filter(organisation=acting.organisation_id, class_teacher=acting.duty)
        return self.none()


class SchoolClass(models.Model):
    """A class of one school in one school year."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="classes", verbose_name="школа")
    year = models.PositiveSmallIntegerField("учебный год", help_text="Первый календарный год: 2026 для 2026/2027.")
    grade = models.PositiveSmallIntegerField("параллель")
    letter = models.CharField("литера", max_length=15)
    class_teacher = models.ForeignKey(
        Duty, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="классный руководитель"
    )

    objects = SchoolClassQuerySet.as_manager()

    class Meta:
        verbose_name = "класс"
        verbose_name_plural = "классы"
        ordering = ["grade", "letter"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year", "grade", "letter"],
                name="schools_class_once",
                violation_error_message="Такой класс в этом учебном году уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(grade__gte=1, grade__lte=11),
                name="schools_class_grade",
                violation_error_message="Параллель: от 1 до 11.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade}\N{NO-BREAK SPACE}«{self.letter}»"


class ClassDay(models.Model):
    """When a class has lessons on a weekday: from the first lesson to the last, and how many they are."""

    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="days", verbose_name="класс")
    weekday = models.PositiveSmallIntegerField("день недели")
    starts = models.TimeField("первый урок начинается")
    ends = models.TimeField("последний урок заканчивается")
    lessons = models.PositiveSmallIntegerField("уроков")

    class Meta:
        verbose_name = "учебный день класса"
        verbose_name_plural = "учебные дни классов"
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(fields=["school_class", "weekday"], name="schools_class_day_once"),
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=6), name="schools_class_day_weekday"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="schools_class_day_times",
                violation_error_message="Уроки должны заканчиваться позже, чем начинаются.",
            ),
            models.CheckConstraint(
                condition=Q(lessons__gte=1, lessons__lte=12),
                name="schools_class_day_lessons",
                violation_error_message="Уроков в день: от 1 до 12.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_class}, {self.weekday}: {self.starts:%H:%M}–{self.ends:%H:%M}"
