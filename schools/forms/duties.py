"""Input of duties."""

from __future__ import annotations

from django import forms

from network_portal.common.forms import DateField
from schools.access import GIVEN_BY_DIRECTOR
from schools.enums import DutyKind


class DutyForm(forms.Form):
    email = forms.EmailField(
        label="Электронная почта сотрудника",
        help_text="Сотрудник войдёт на портал с этим адресом, увидит предложение и примет его.",
    )
    kind = forms.ChoiceField(label="Полномочие", choices=[(kind.value, kind.label) for kind in GIVEN_BY_DIRECTOR])
    order = forms.CharField(label="Приказ", max_length=100, help_text="Номер и дата, например: № 15 от 28.08.2026.")
    date_from = DateField(label="С какого дня")
    date_to = DateField(label="По какой день", required=False, help_text="Пусто: без срока.")

    def clean_kind(self) -> DutyKind:
        return DutyKind(self.cleaned_data["kind"])
