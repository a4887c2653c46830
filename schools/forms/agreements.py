"""Input of agreements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from network_portal.common.forms import DateField, EditForm, TextField, describe, offer
from schools.models import Agreement, Organisation
from schools.services import AgreementTerms


class AgreementTermsForm(forms.Form):
    """The terms of an agreement; labels and hints are the model's."""

    subject = TextField()
    duties = TextField()
    resources = TextField()
    safety = TextField()
    issued_documents = TextField()
    funding = TextField()
    date_from = DateField()
    date_to = DateField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, Agreement)

    def terms(self) -> AgreementTerms:
        """Return what was typed; only of a valid form."""
        return AgreementTerms(**{name: self.cleaned_data[name] for name in AgreementTerms.__dataclass_fields__})


class AgreementEditForm(EditForm, AgreementTermsForm):
    """The terms of a draft that exists."""


class AgreementForm(AgreementTermsForm):
    host: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        None, label="Школа, которая будет учить наших учеников", empty_label="Выберите школу"
    )

    field_order = ["host"]

    def __init__(self, *args: Any, partners: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "host", queryset=partners)
