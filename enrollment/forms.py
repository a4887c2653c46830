"""Input of enrolment; querysets and choices come from the gate and the selectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import LineDecision
from enrollment.selectors.applications import ConsentNeeded
from enrollment.selectors.requests import Candidate
from network_portal.common.forms import DateField, TextField
from schools.models import Agreement, Organisation, Student


class ChildField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Student) -> str:
        return f"{obj.full_name}, {obj.school_class} класс, {obj.home_school.short_name}"


class GroupField(forms.ModelChoiceField):
    def label_from_instance(self, obj: StudyGroup) -> str:
        return f"{obj.name}, {obj.course}"


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
        cast("forms.ModelChoiceField[Student]", self.fields["student"]).queryset = children


class ChoiceForm(forms.Form):
    """One step with the wishes: a course is added, removed or moved."""

    ACTIONS = ("add", "remove", "up", "down")

    action = forms.ChoiceField(choices=[(action, action) for action in ACTIONS])
    course = forms.IntegerField(min_value=1)


class WaitlistForm(forms.Form):
    waitlist_ok = forms.BooleanField(label="Согласны на лист ожидания, если мест не будет", required=False)


class ConsentForm(forms.Form):
    """A checkbox for each consent still missing; none is ticked beforehand (L-2)."""

    operators = forms.TypedMultipleChoiceField(
        label="Согласия",
        coerce=int,
        error_messages={"required": "Отметьте согласие, которое вы даёте."},
    )

    def __init__(self, *args: Any, needed: Iterable[ConsentNeeded], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["operators"]).choices = [
            (need.operator.pk, need.operator.short_name) for need in needed
        ]


class ReasonForm(forms.Form):
    reason = TextField(
        label="Причина",
        max_length=500,
        help_text="Её увидит семья. Не пишите сведений о здоровье.",
        error_messages={"required": "Укажите причину."},
    )


class ReturnForm(forms.Form):
    """The director's reason for not signing."""

    reason = TextField(
        label="Причина",
        max_length=500,
        help_text="Её увидят те, кто готовил документ.",
        error_messages={"required": "Укажите причину."},
    )


class RequestCreateForm(forms.Form):
    host: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(None)
    year = forms.IntegerField(min_value=2000, max_value=2100)

    def __init__(self, *args: Any, hosts: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Organisation]", self.fields["host"]).queryset = hosts


class RequestAddForm(forms.Form):
    applications = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": "Отметьте хотя бы одного обучающегося.",
            "invalid_choice": "Состав принятых заявлений изменился. Отметьте заново.",
        },
    )

    def __init__(self, *args: Any, candidates: Iterable[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["applications"]).choices = [
            (one.application.pk, one.application.student.full_name) for one in candidates
        ]


class SeenForm(forms.Form):
    """The answer to a line that the page showed: another one meanwhile is told."""

    seen = forms.ChoiceField(choices=LineDecision, widget=forms.HiddenInput)

    def clean_seen(self) -> LineDecision:
        return LineDecision(self.cleaned_data["seen"])


class LineAcceptForm(SeenForm):
    group: forms.ModelChoiceField[StudyGroup] = forms.ModelChoiceField(
        None, label="Группа", error_messages={"invalid_choice": "Выберите группу этого курса."}
    )

    def __init__(self, *args: Any, groups: QuerySet[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[StudyGroup]", self.fields["group"]).queryset = groups


class LineRefuseForm(SeenForm):
    reason = TextField(label="Причина отказа", max_length=500, error_messages={"required": "Укажите причину отказа."})


class OrderForm(forms.Form):
    group: forms.ModelChoiceField[StudyGroup] = GroupField(None, label="Группа", empty_label=None)
    date_from = DateField(label="Зачислить с")
    date_to = DateField(label="По", help_text="По умолчанию срок курса.")

    def __init__(self, *args: Any, groups: QuerySet[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[StudyGroup]", self.fields["group"]).queryset = groups


# --- forming groups -----------------------------------------------------------------------------------------------


class SeasonForm(forms.Form):
    """For which network and school year groups are formed."""

    network = forms.IntegerField(min_value=1)
    year = forms.IntegerField(min_value=2000, max_value=2100)


class VersionForm(forms.Form):
    """The version of a run that the page showed (I-5)."""

    sha256 = forms.CharField(min_length=64, max_length=64, widget=forms.HiddenInput)


class BasisForm(VersionForm):
    basis = forms.CharField(
        label="Номер и дата решения",
        max_length=200,
        help_text="Например: протокол № 3 от 25.08.2026.",
        error_messages={"required": "Укажите номер и дату решения."},
    )


class SeatForm(forms.Form):
    """A seat fixed by hand."""

    group: forms.ModelChoiceField[StudyGroup] = forms.ModelChoiceField(
        None, label="Группа", error_messages={"invalid_choice": "Выберите группу своей школы."}
    )
    reason = TextField(label="Причина", max_length=500, error_messages={"required": "Укажите причину."})

    def __init__(self, *args: Any, groups: QuerySet[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[StudyGroup]", self.fields["group"]).queryset = groups


class HomeField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Agreement) -> str:
        return obj.home.short_name


class QuotaForm(forms.Form):
    """How many places an agreement sets; an empty number takes the limit away."""

    agreement: forms.ModelChoiceField[Agreement] = HomeField(None, label="Школа обучающихся", empty_label=None)
    course: forms.ModelChoiceField[NetworkCourse] = forms.ModelChoiceField(
        None, label="Курс", required=False, empty_label="все курсы вместе"
    )
    seats = forms.IntegerField(label="Мест", min_value=0, max_value=1000, required=False)

    def __init__(
        self, *args: Any, agreements: QuerySet[Agreement], courses: QuerySet[NetworkCourse], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Agreement]", self.fields["agreement"]).queryset = agreements
        cast("forms.ModelChoiceField[NetworkCourse]", self.fields["course"]).queryset = courses
