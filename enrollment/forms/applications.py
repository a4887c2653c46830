"""What a family fills in, step by step, and what the school says to an application."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from network_portal.common.forms import TextField, offer
from schools.models import Student


class ChildField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Student) -> str:
        return f"{obj.full_name}, {obj.school_class} класс, {obj.home_school.short_name}"


class ChildForm(forms.Form):
    """For which child; the course is the one whose page the parent comes from."""

    student: forms.ModelChoiceField[Student] = ChildField(
        None, label="Для кого заявление", widget=forms.RadioSelect, empty_label=None, error_messages={
            "required": "Выберите ребёнка.", "invalid_choice": "Выберите ребёнка из списка.",
        },
    )  # fmt: skip
    course = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, children: QuerySet[Student], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "student", queryset=children)


class ChoiceForm(forms.Form):
    """One step with the wishes: a course is added, removed or moved."""

    ACTIONS = ("add", "remove", "up", "down")

    action = forms.ChoiceField(choices=[(action, action) for action in ACTIONS])
    course = forms.IntegerField(min_value=1)


class FormOfStudyForm(forms.Form):
    """Another form of study of a chosen course: the course that has it."""

    course = forms.IntegerField(min_value=1)
    to = forms.IntegerField(min_value=1)


class WaitlistForm(forms.Form):
    waitlist_ok = forms.TypedChoiceField(
        label="Если мест не будет, поставить ребёнка в лист ожидания?",
        choices=[("yes", "Да, ждать, пока место освободится"), ("no", "Нет, не ждать")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите ответ.", "invalid_choice": "Выберите ответ."},
    )


class LateForm(forms.Form):
    """Why a late application is accepted."""

    reason = TextField(
        label="Почему заявление принимают после срока",
        max_length=500,
        help_text="Её увидит семья. Не пишите сведений о здоровье.",
        error_messages={"required": "Укажите причину."},
    )
