"""Input of agreements T24 and of what people sign for a school by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from network_portal.common.forms import DateField, TextField, offer
from network_portal.documents.forms import ScanField
from network_portal.documents.services import IdentityDocument
from schools.enums import BasisKind
from schools.models import Duty

PASSPORT = "паспорт гражданина Российской Федерации"
IDENTITY_KINDS = (
    PASSPORT,
    "временное удостоверение личности",
    "паспорт иностранного гражданина",
    "вид на жительство",
    "удостоверение беженца",
)


class IdentityForm(forms.Form):
    """The document that the person showed."""

    kind = forms.ChoiceField(label="Какой документ показан", choices=[(kind, kind) for kind in IDENTITY_KINDS])
    number = forms.CharField(label="Серия и номер", max_length=40, help_text="Например: 5703 123456.")
    issued = forms.CharField(label="Кем и когда выдан", max_length=200)

    @property
    def identity(self) -> IdentityDocument:
        """What was typed; only of a valid form."""
        return IdentityDocument(**{name: " ".join(value.split()) for name, value in self.cleaned_data.items()})


class SignedSheetForm(forms.Form):
    """The scan of the sheet that both have signed."""

    on = DateField(label="Дата на бумаге", help_text="День, когда соглашение подписали обе стороны.")
    scan = ScanField(label="Скан подписанного соглашения", help_text="PDF, JPEG или PNG, до 10 МБ.")


class EndForm(forms.Form):
    """Why an agreement ends."""

    reason = TextField(
        label="Причина",
        max_length=300,
        help_text="Например: заявление от 15.01.2027; сообщил, что пароль известен другому.",
    )


class BasisForm(forms.Form):
    """By what a director or a deputy signs."""

    duty: forms.ModelChoiceField[Duty] = forms.ModelChoiceField(None, label="Кто подписывает", empty_label=None)
    kind = forms.ChoiceField(label="Основание", choices=BasisKind, initial=BasisKind.POWER)
    number = forms.CharField(label="Номер доверенности", max_length=50, required=False)
    issued_on = DateField(label="Дата выдачи", help_text="Для устава: с какого дня директор действует по нему.")
    valid_until = DateField(label="Действует по", required=False, help_text="Для доверенности обязательно.")

    def __init__(self, *args: Any, duties: QuerySet[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "duty", queryset=duties)
        self.fields["duty"].label_from_instance = _who

    def clean_kind(self) -> BasisKind:
        return BasisKind(self.cleaned_data["kind"])


def _who(duty: Duty) -> str:
    return f"{duty.user.short_name}, {duty.get_kind_display()}"
