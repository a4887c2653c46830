"""Forming groups: runs, seats fixed by hand, quotas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from courses.models import NetworkCourse, StudyGroup
from network_portal.common.forms import TextField, offer
from schools.models import Agreement


class SeasonForm(forms.Form):
    """For which network and school year groups are formed."""

    network = forms.IntegerField(min_value=1)
    year = forms.IntegerField(min_value=2000, max_value=2100)


class VersionForm(forms.Form):
    """The version of a run that the page showed (I-5)."""

    sha256 = forms.CharField(min_length=64, max_length=64, widget=forms.HiddenInput)


class BasisForm(VersionForm):
    basis = forms.CharField(
        label="Номер и дата решения",
        max_length=200,
        help_text="Например: протокол № 3 от 25.08.2026.",
        error_messages={"required": "Укажите номер и дату решения."},
    )


class SeatForm(forms.Form):
    """A seat fixed by hand."""

    group: forms.ModelChoiceField[StudyGroup] = forms.ModelChoiceField(
        None, label="Группа", error_messages={"invalid_choice": "Выберите группу своей школы."}
    )
    reason = TextField(label="Причина", max_length=500, error_messages={"required": "Укажите причину."})

    def __init__(self, *args: Any, groups: QuerySet[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "group", queryset=groups)


class HomeField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Agreement) -> str:
        return obj.home.short_name


class QuotaForm(forms.Form):
    """How many places an agreement sets; an empty number takes the limit away."""

    agreement: forms.ModelChoiceField[Agreement] = HomeField(None, label="Школа обучающихся", empty_label=None)
    course: forms.ModelChoiceField[NetworkCourse] = forms.ModelChoiceField(
        None, label="Курс", required=False, empty_label="все курсы вместе"
    )
    seats = forms.IntegerField(label="Мест", min_value=0, max_value=1000, required=False)

    def __init__(
        self, *args: Any, agreements: QuerySet[Agreement], courses: QuerySet[NetworkCourse], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "agreement", queryset=agreements)
        offer(self, "course", queryset=courses)
