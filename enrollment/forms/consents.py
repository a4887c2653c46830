"""The consents that a family ticks, and the details that they need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from enrollment.selectors.consents import ConsentNeeded
from enrollment.selectors.details import Details
from network_portal.common.forms import DateField, offer

IDENTITY = [("паспорт", "паспорт гражданина России"), ("паспорт иностранного гражданина", "иностранный паспорт")]


CHILD_IDENTITY = [("свидетельство о рождении", "свидетельство о рождении"), *IDENTITY]


class DetailsForm(forms.Form):
    """Addresses and identity documents for the consents (L-2)."""

    address = forms.CharField(label="Ваш адрес", max_length=300, widget=forms.TextInput(
        attrs={"autocomplete": "street-address"}
    ))  # fmt: skip
    document = forms.ChoiceField(label="Ваш документ", choices=IDENTITY)
    number = forms.CharField(label="Серия и номер", max_length=40, help_text="Например: 6510 123456.")
    issued_on = DateField(label="Когда выдан")
    issuer = forms.CharField(label="Кем выдан", max_length=200)
    child_address = forms.CharField(
        label="Адрес ребёнка", max_length=300, required=False, help_text="Не заполняйте, если ребёнок живёт с вами."
    )
    child_document = forms.ChoiceField(label="Документ ребёнка", choices=CHILD_IDENTITY)
    child_number = forms.CharField(label="Серия и номер документа ребёнка", max_length=40)
    child_issued_on = DateField(label="Когда выдан документ ребёнка")
    child_issuer = forms.CharField(label="Кем выдан документ ребёнка", max_length=200)

    def details(self) -> Details:
        """Return what was typed; only of a valid form."""
        return Details(**self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("issued_on", "child_issued_on"):
            if name in cleaned and cleaned[name] > timezone.localdate():
                self.add_error(name, "Документ не может быть выдан в будущем.")
        return cleaned


class ConsentForm(forms.Form):
    """A checkbox for each consent that is not in force; the ones ticked before stay so, none is ticked for the parent.

    None at all may be ticked: the parent is told then what cannot be done without them (L-2).
    """

    operators = forms.TypedMultipleChoiceField(label="Согласия", coerce=int, required=False)

    def __init__(self, *args: Any, needed: Iterable[ConsentNeeded], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "operators", choices=[(need.operator.pk, need.operator.short_name) for need in needed])
