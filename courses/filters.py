"""The filter of the public catalogue."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from courses.enums import StudyForm, Weekday
from courses.models import NetworkCourse
from courses.selectors import CatalogueChoices

ALL = {"empty_label": "Любой"}


class CatalogueFilter(django_filters.FilterSet):
    """By subject, class, form, school and day of the week; what it offers is handed in."""

    subject = django_filters.ChoiceFilter(label="Предмет", field_name="programme__subject", **ALL)
    grade = django_filters.ChoiceFilter(
        label="Класс", choices=[(grade, str(grade)) for grade in range(1, 12)], method="for_grade", **ALL
    )
    form = django_filters.ChoiceFilter(label="Форма", choices=StudyForm, empty_label="Любая")
    host = django_filters.ModelChoiceFilter(
        label="Школа", field_name="programme__host", queryset=None, empty_label="Любая"
    )
    day = django_filters.ChoiceFilter(label="День недели", choices=Weekday, method="on_weekday", **ALL)

    def __init__(self, *args: Any, choices: CatalogueChoices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["subject"].extra["choices"] = [(subject, subject) for subject in choices.subjects]
        self.filters["host"].extra["queryset"] = choices.organisations
        # The names are here already: the list would ask for them once more.
        self.form.fields["host"].widget.choices = [("", "Любая"), *choices.hosts]

    def for_grade(self, queryset: QuerySet[NetworkCourse], name: str, value: str) -> QuerySet[NetworkCourse]:
        return queryset.filter(Q(programme__grade_from__lte=value) & Q(programme__grade_to__gte=value))

    def on_weekday(self, queryset: QuerySet[NetworkCourse], name: str, value: str) -> QuerySet[NetworkCourse]:
        return queryset.filter(groups__slots__weekday=value).distinct()
