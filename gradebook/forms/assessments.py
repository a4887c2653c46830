"""What a home school enters about the tests of its classes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from gradebook.models import SchoolTest
from network_portal.common.forms import DateField, describe, offer
from schools.models import SchoolClass


class SchoolTestForm(forms.Form):
    school_class: forms.ModelChoiceField[SchoolClass] = forms.ModelChoiceField(None, empty_label=None)
    date = DateField()
    subject = forms.CharField(max_length=100)

    def __init__(self, *args: Any, classes: QuerySet[SchoolClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "school_class", queryset=classes)
        describe(self, SchoolTest)
