"""What people send to the transfers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from gradebook.selectors.months import Month
from schools.models import Organisation, Student


class SealForm(forms.Form):
    """A row of the table of what is to be sealed: «group:home:2026-11»."""

    row = forms.RegexField(r"^\d{1,18}:\d{1,18}:\d{4}-\d{2}$")

    def clean_row(self) -> tuple[int, int, Month]:
        group, home, text = self.cleaned_data["row"].split(":")
        month = Month.parse(text)
        if month is None:
            raise forms.ValidationError("Нет такого месяца.")
        return int(group), int(home), month


class DisputeForm(forms.Form):
    """Lines that the school objects to; each has a field for the reason, empty where the line is right."""

    def __init__(self, *args: Any, lines: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for enrolment, name in lines:
            self.fields[f"line_{enrolment}"] = forms.CharField(
                label=name,
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def reasons(self) -> dict[int, str]:
        """What was written, by enrolment id."""
        return {int(name.removeprefix("line_")): text for name, text in self.cleaned_data.items() if text}


class AnswerForm(forms.Form):
    answer = forms.CharField(label="Почему запись верна", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class DecisionForm(forms.Form):
    decision = forms.CharField(
        label="Почему запись не исправляется", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class CorrectionRequestForm(forms.Form):
    """Which records of a sealed month the teacher asks to write once more."""

    enrolment = forms.TypedChoiceField(label="Обучающийся", coerce=int)
    lessons = forms.TypedMultipleChoiceField(
        label="Занятия", coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    reason = forms.CharField(
        label="Что исправить и почему",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Без сведений о здоровье: основание напечатается в исправленной ведомости.",
    )

    def __init__(
        self, *args: Any, pupils: Sequence[tuple[int, str]], lessons: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["enrolment"].choices = pupils
        self.fields["lessons"].choices = lessons


class CellsForm(forms.Form):
    """The opened records of a correction: each field is a cell of the journal."""

    def __init__(self, *args: Any, cells: Sequence[tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, now in cells:
            self.fields[name] = forms.CharField(
                label=label, initial=now, required=False, max_length=24, widget=forms.TextInput(attrs={"size": 8})
            )


class EndpointForm(forms.Form):
    url = forms.URLField(
        label="Адрес",
        max_length=500,
        assume_scheme="https",
        help_text="Например, https://journal.school7.example/webhook. Сюда придёт каждая запечатанная ведомость.",
    )
    thin = forms.BooleanField(
        label="Отправлять только извещение, без персональных данных",
        required=False,
        help_text="Система школы получит номер ведомости и сама заберёт её по ключу доступа.",
    )
    key = forms.CharField(
        label="Ключ подписи получателя",
        required=False,
        max_length=120,
        help_text="Ключ получателя, целиком, если он выдал свой. Пустое поле: портал создаст ключ или оставит прежний.",
    )
    access_key = forms.CharField(
        label="Ключ доступа получателя",
        required=False,
        max_length=200,
        help_text="Если получатель его требует: например, другой портал сетевого взаимодействия. Подтверждения и "
        "возражения школы такой портал передаст сюда сам, по тем же ключам.",
    )


class MailForm(forms.Form):
    email = forms.EmailField(
        label="Электронная почта",
        required=False,
        help_text="Сюда придёт каждая ведомость: документ и таблица. Пустое поле отключает отправку.",
    )


class ApiKeyForm(forms.Form):
    title = forms.CharField(label="Название", max_length=100, help_text="Например, «Электронный журнал школы».")
    partner = forms.ModelChoiceField(
        label="Чьи ведомости принимать",
        queryset=None,
        required=False,
        empty_label="Ничьи: ключ только читает ведомости школы",
        help_text="Выберите школу, если она ведёт журнал на другом портале и будет присылать ведомости сюда.",
    )

    def __init__(self, *args: Any, partners: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners


class MatchForm(forms.Form):
    student = forms.ModelChoiceField(label="Обучающийся", queryset=None)

    def __init__(self, *args: Any, students: QuerySet[Student], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["student"].queryset = students
