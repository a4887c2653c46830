"""What people send about report cards and registers."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from gradebook.enums import Term
from gradebook.selectors.registers import RegisterPage
from network_portal.common.forms import EditForm, TextField


class CardReasonForm(forms.Form):
    """Why a card is returned or annulled."""

    reason = TextField(
        label="Причина", max_length=300, help_text="Её увидят все, кто готовит, подписывает и получает табель."
    )


class ComposeForm(forms.Form):
    """Which card is calculated: group, home school and term as the list writes them."""

    row = forms.RegexField(regex=r"^\d{1,9}:\d{1,9}:[a-z0-9]{2,4}$")

    def clean_row(self) -> tuple[int, int, str]:
        group, home, term = self.cleaned_data["row"].split(":")
        if term not in Term.values:
            raise forms.ValidationError("Такого периода нет.")
        return int(group), int(home), term


class DecisionsForm(EditForm):
    """A decision of the pedagogical council for each pupil of the register."""

    def __init__(self, data: QueryDict | None, *, page: RegisterPage) -> None:
        super().__init__(data, initial=page.decisions_seen)
        self.page = page
        for row in page.rows:
            self.fields[f"decision_{row.student.pk}"] = forms.CharField(
                max_length=200,
                required=False,
                label=row.student.full_name,
                widget=forms.TextInput(
                    attrs={
                        "class": "form-control form-control-sm",
                        "aria-label": f"Решение педагогического совета: {row.student.short_name}",
                    }
                ),
            )

    def texts(self) -> dict[int, str]:
        """Return what was typed by student id; only of a valid form."""
        return {row.student.pk: self.cleaned_data[f"decision_{row.student.pk}"] for row in self.page.rows}
