"""Orders of both schools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from courses.models import StudyGroup
from enrollment.models import Enrolment
from enrollment.selectors.leaving import HomeExit
from network_portal.common.dates import ru_day
from network_portal.common.forms import DateField, offer
from schools.models import Duty


class GroupField(forms.ModelChoiceField):
    def label_from_instance(self, obj: StudyGroup) -> str:
        return f"{obj.name}, {obj.course}"


class OrderForm(forms.Form):
    group: forms.ModelChoiceField[StudyGroup] = GroupField(None, label="Группа", empty_label=None)
    date_from = DateField(label="Зачислить с")
    date_to = DateField(label="По", help_text="По умолчанию срок курса.")

    def __init__(self, *args: Any, groups: QuerySet[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "group", queryset=groups)


class DutyField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Duty) -> str:
        return f"{obj.user.full_name}, {obj.get_kind_display()}"


class OrganiseForm(forms.Form):
    """T04: who answers for the work, who accompanies the pupils, from when to when."""

    responsible: forms.ModelChoiceField[Duty] = DutyField(
        None, label="Ответственный за сетевое взаимодействие", empty_label=None
    )
    curator: forms.ModelChoiceField[Duty] = DutyField(
        None,
        label="Учитель-куратор",
        empty_label=None,
        error_messages={"required": "Назначьте куратора в разделе «Полномочия»."},
    )
    date_from = DateField(label="Обучение с")
    date_to = DateField(label="По")
    escort = forms.CharField(
        label="Сопровождающий при выезде",
        max_length=200,
        required=False,
        help_text="В винительном падеже, как в приказе: «Иванову Анну Петровну». Пусто, если выезда нет.",
    )

    def __init__(self, *args: Any, responsible: QuerySet[Duty], curators: QuerySet[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "responsible", queryset=responsible)
        offer(self, "curator", queryset=curators)


def _pupil_label(enrolment: Enrolment) -> str:
    return f"{enrolment.student.full_name}, {enrolment.student.school_class}: {enrolment.course.programme.title}"


class PupilsField(forms.TypedMultipleChoiceField):
    """Ticks of pupils; nobody need be ticked."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, coerce=int, required=False, widget=forms.CheckboxSelectMultiple, error_messages={
            "invalid_choice": "Список изменился. Обновите страницу и отметьте заново.",
        })  # fmt: skip


class HomeChangeForm(forms.Form):
    """What the home school's order changes in its T04; an empty field changes nothing."""

    added = PupilsField("Включить в список")
    leaving = PupilsField("Исключить из списка")
    last_day = DateField(label="Последний день тех, кто исключается без заявления семьи", required=False)
    responsible: forms.ModelChoiceField[Duty] = DutyField(
        None, label="Другой ответственный", required=False, empty_label="без изменений"
    )
    curator: forms.ModelChoiceField[Duty] = DutyField(
        None, label="Другой учитель-куратор", required=False, empty_label="без изменений"
    )
    date_to = DateField(label="Другой последний день обучения", required=False)
    escort = forms.CharField(
        label="Другой сопровождающий", max_length=200, required=False, help_text="В винительном падеже."
    )
    ground = forms.CharField(
        label="Основание", max_length=500, required=False, help_text="Пусто: причины из строк приказа."
    )

    def __init__(
        self,
        *args: Any,
        added: Iterable[Enrolment],
        exits: Iterable[HomeExit],
        responsible: QuerySet[Duty],
        curators: QuerySet[Duty],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "added", choices=[(one.pk, _pupil_label(one)) for one in added])
        offer(
            self,
            "leaving",
            choices=[(one.enrolment.pk, f"{_pupil_label(one.enrolment)}. {_exit_words(one)}") for one in exits],
        )
        for name in ("added", "leaving"):
            if not self.fields[name].choices:
                del self.fields[name]
        if all(one.last_day for one in exits):
            del self.fields["last_day"]
        offer(self, "responsible", queryset=responsible)
        offer(self, "curator", queryset=curators)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        return {"added": [], "leaving": [], "last_day": None, **data}


def _exit_words(one: HomeExit) -> str:
    words = str(one.reason.label).capitalize()
    return f"{words}, последний день {ru_day(one.last_day)}" if one.last_day else words


class HostChangeForm(forms.Form):
    """What the host's order changes in its order of enrolment."""

    leaving = PupilsField("Отчислить из группы")
    reason = forms.ChoiceField(label="Причина отчисления", required=False)
    words = forms.CharField(
        label="Пояснение к причине",
        max_length=300,
        required=False,
        help_text="Его увидят школа и семья. Не пишите сведений о здоровье.",
    )
    last_day = DateField(label="Последний день занятий отчисляемых", required=False)
    date_to = DateField(label="Другой последний день обучения для всех", required=False)
    ground = forms.CharField(label="Основание", max_length=500, required=False, help_text="Пусто: причина отчисления.")

    def __init__(self, *args: Any, members: Iterable[Enrolment], reasons: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "leaving", choices=[(one.pk, _pupil_label(one)) for one in members])
        offer(self, "reason", choices=[("", "выберите причину"), *reasons])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("leaving"):
            for name, words in (("reason", "Выберите причину отчисления."), ("last_day", "Укажите последний день.")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return data
