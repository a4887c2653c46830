"""What people send around the lessons: absences, files of the homework, escorts, messages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from gradebook.enums import REFINED, AbsenceReason, AttendanceCode
from network_portal.common.forms import DateField, TextField, offer
from network_portal.documents.handouts import HANDOUTS, KINDS
from schools.models import Student


class RefineForm(forms.Form):
    code = forms.TypedChoiceField(
        label="Причина",
        choices=[(code.value, code.label) for code in REFINED],
        coerce=AttendanceCode,
        widget=forms.RadioSelect,
    )
    basis = forms.CharField(
        label="Основание", max_length=300, help_text="Например: справка поликлиники от 12.11.2026, заявление родителя."
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20)


class AbsenceForm(forms.Form):
    """A family's word that a child will be away."""

    student: forms.ModelChoiceField[Student] = forms.ModelChoiceField(None, label="Ребёнок", empty_label=None)
    date_from = DateField(label="С какого дня")
    date_to = DateField(label="По какой день")
    reason = forms.TypedChoiceField(label="Причина", choices=AbsenceReason, coerce=AbsenceReason)
    comment = forms.CharField(
        label="Пояснение", max_length=300, required=False, help_text="Его увидит только ваша школа, учитель – нет."
    )

    def __init__(self, *args: Any, children: QuerySet[Student], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "student", queryset=children)


class FileForm(forms.Form):
    file = forms.FileField(
        label="Файл",
        help_text=f"{KINDS}, не больше 10\u00a0МБ, без макросов.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(HANDOUTS)}),
    )


class EscortForm(forms.Form):
    name = forms.CharField(label="Кто сопровождает", max_length=200, help_text="Фамилия, имя, отчество.")
    phone = forms.CharField(
        label="Телефон", max_length=30, required=False, help_text="Для принимающей школы в этот день."
    )
    following = forms.BooleanField(
        label="и на следующие занятия группы, где сопровождающий ещё не назван", required=False
    )


class MessageForm(forms.Form):
    text = TextField(label="Сообщение", max_length=2000)
