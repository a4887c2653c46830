"""Input of guardians' claims, duties and agreements; querysets come from the gate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from network_portal.accounts.forms import name_validator
from network_portal.common.forms import DateField, EditForm, TextField, describe, offer
from schools.access import GIVEN_BY_DIRECTOR
from schools.enums import DutyKind, Kinship
from schools.models import Agreement, Organisation
from schools.selectors import Candidate
from schools.services import AgreementTerms


class GuardianClaimForm(forms.Form):
    organisation: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        None, label="Школа, где числится ребёнок", empty_label="Выберите школу"
    )
    kinship = forms.ChoiceField(label="Кем вы приходитесь ребёнку", choices=Kinship)
    child_name = forms.CharField(
        label="Фамилия, имя, отчество ребёнка",
        max_length=300,
        validators=[name_validator],
        help_text="Полностью, как в свидетельстве о рождении.",
    )
    child_birth_date = DateField(label="Дата рождения ребёнка")
    child_class = forms.CharField(label="Класс", max_length=20, help_text="Например: 10 А.")

    def __init__(self, *args: Any, schools: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "organisation", queryset=schools)

    def clean_child_name(self) -> str:
        name = " ".join(self.cleaned_data["child_name"].split())
        if " " not in name:
            raise forms.ValidationError("Укажите фамилию и имя, а если есть, то и отчество.")
        return name


class LinkVerifyForm(forms.Form):
    """The pupil picked among the candidates, and the document that the parent showed."""

    student = forms.TypedChoiceField(label="Кто из наших учеников", coerce=int, widget=forms.RadioSelect)
    basis_document = forms.CharField(
        label="Какой документ показал родитель",
        max_length=200,
        help_text="Вид и реквизиты, например: свидетельство о рождении. Копия документа в портал не загружается.",
    )
    valid_to = DateField(
        label="По какой день действует", required=False, help_text="Пусто: до совершеннолетия. Для опеки на срок."
    )

    def __init__(self, *args: Any, candidates: Iterable[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "student", choices=[(c.student.pk, c.student.full_name) for c in candidates])


class ReasonForm(forms.Form):
    """The reason of a refusal, a suspension, an end."""

    reason = TextField(label="Причина", max_length=300)


class LinkEndForm(forms.Form):
    document = forms.CharField(
        label="Документ", max_length=200, help_text="Вид, номер, дата и кем выдан, например: решение суда."
    )
    reason = TextField(label="Что прочитает родитель", max_length=300)


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
