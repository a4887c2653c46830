"""The part of the own curriculum that a course belongs to."""

from __future__ import annotations

from django import forms

from enrollment.enums import Counts


class MappingForm(forms.Form):
    part = forms.CharField(
        label="Предмет или часть учебного плана",
        max_length=200,
        help_text="Как в учебном плане вашей школы: «Физика», «Курсы по выбору».",
        error_messages={"required": "Укажите предмет или часть учебного плана."},
    )
    hours = forms.IntegerField(label="Часов по учебному плану", min_value=1, max_value=2000)
    counts = forms.ChoiceField(label="Как засчитывается результат", choices=Counts, widget=forms.RadioSelect)

    def clean_counts(self) -> Counts:
        return Counts(self.cleaned_data["counts"])
