"""Input of guardians' claims."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from network_portal.accounts.forms import name_validator
from network_portal.common.forms import DateField, TextField, offer
from schools.enums import Kinship
from schools.models import Organisation
from schools.selectors import Candidate


class GuardianClaimForm(forms.Form):
    organisation: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        None, label="Школа, где числится ребёнок", empty_label="Выберите школу"
    )
    kinship = forms.ChoiceField(
        label="Кем вы приходитесь ребёнку", choices=[row for row in Kinship.choices if row[0] != Kinship.SELF]
    )
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
    adult_grant = forms.CharField(
        label="Письменное разрешение обучающегося",
        max_length=200,
        required=False,
        help_text="Только если обучающемуся уже 18 лет: чем и когда он разрешил родителю читать его данные.",
    )

    def __init__(self, *args: Any, candidates: Iterable[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "student", choices=[(c.student.pk, c.student.full_name) for c in candidates])


class LinkGrantForm(forms.Form):
    document = forms.CharField(
        label="Что подписал обучающийся", max_length=200, help_text="Вид, номер и дата. Бумага хранится в школе."
    )


class LinkEndForm(forms.Form):
    document = forms.CharField(
        label="Документ", max_length=200, help_text="Вид, номер, дата и кем выдан, например: решение суда."
    )
    reason = TextField(label="Что прочитает родитель", max_length=300)
