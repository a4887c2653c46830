"""What people send to change a lesson: its place, its teacher, how it is held."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from gradebook.services.changes import When
from network_portal.common.forms import DateField, EditForm, TimeField, offer
from schools.models import Duty, Organisation


class WhenForm(forms.Form):
    """A day, a time and a room."""

    date = DateField(label="День")
    starts = TimeField(label="Начало")
    ends = TimeField(label="Окончание")
    room = forms.CharField(label="Кабинет или ссылка", max_length=100)

    def when(self) -> When:
        """Return what was typed; only of a valid form."""
        return When(**{name: self.cleaned_data[name] for name in ("date", "starts", "ends", "room")})


class MoveForm(EditForm, WhenForm):
    """A lesson's new place; the reason is told to families and schools."""

    reason = forms.CharField(label="Причина", max_length=300, help_text="Её увидят семьи и школы обучающихся.")


class TeacherField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Duty) -> str:
        return obj.user.full_name


class SubstituteForm(forms.Form):
    teacher = TeacherField(
        None,
        label="Кто проведёт занятие",
        required=False,
        empty_label="без замены: учитель группы",
        help_text="Заменяющий учитель заполняет журнал только этого занятия.",
    )

    def __init__(self, *args: Any, teachers: QuerySet[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "teacher", queryset=teachers)


class RemoteForm(forms.Form):
    home: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        None, label="Для кого", required=False, empty_label="для всех обучающихся группы"
    )
    link = forms.URLField(
        label="Ссылка для подключения",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="Можно оставить пустой и сообщить иначе.",
    )

    def __init__(self, *args: Any, homes: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "home", queryset=homes)
