"""Filters of the home school's list of applications; what they offer comes from the gate."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from courses.models import NetworkCourse
from enrollment.models import Application
from schools.models import SchoolClass


class ApplicationFilter(django_filters.FilterSet):
    course = django_filters.ModelChoiceFilter(
        field_name="choices__course", label="Курс", empty_label="Все курсы", queryset=None
    )
    school_class = django_filters.ModelChoiceFilter(
        field_name="student__school_class", label="Класс", empty_label="Все классы", queryset=None
    )

    class Meta:
        model = Application
        fields: list[str] = []

    def __init__(
        self, *args: Any, courses: QuerySet[NetworkCourse], classes: QuerySet[SchoolClass], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.filters["course"].field.queryset = courses
        self.filters["school_class"].field.queryset = classes
        # The lists show names alone: nothing else is read for them.
        lists = {
            "course": courses.values_list("pk", "programme__title"),
            "school_class": [(one.pk, str(one)) for one in classes.only("grade", "letter")],
        }
        for name, choices in lists.items():
            field = self.form.fields[name]
            field.widget.choices = [("", field.empty_label), *choices]
