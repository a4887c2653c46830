"""What people send to the transfers."""

from __future__ import annotations

from django import forms

from gradebook.selectors.months import Month


class SealForm(forms.Form):
    """A row of the table of what is to be sealed: «group:home:2026-11»."""

    row = forms.RegexField(r"^\d{1,18}:\d{1,18}:\d{4}-\d{2}$")

    def clean_row(self) -> tuple[int, int, Month]:
        group, home, text = self.cleaned_data["row"].split(":")
        month = Month.parse(text)
        if month is None:
            raise forms.ValidationError("Нет такого месяца.")
        return int(group), int(home), month


class EndpointForm(forms.Form):
    url = forms.URLField(
        label="Адрес",
        max_length=500,
        assume_scheme="https",
        help_text="Например, https://journal.school7.example/webhook. Сюда придёт каждая запечатанная ведомость.",
    )
