"""The home school's lists, and the host's answers to their lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from courses.models import StudyGroup
from enrollment.enums import LineDecision
from enrollment.selectors.requests import Candidate
from network_portal.common.forms import TextField, offer
from schools.models import Organisation


class RequestCreateForm(forms.Form):
    host: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(None)
    year = forms.IntegerField(min_value=2000, max_value=2100)

    def __init__(self, *args: Any, hosts: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "host", queryset=hosts)


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
        offer(
            self,
            "applications",
            choices=[(one.application.pk, one.application.student.full_name) for one in candidates],
        )


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
        offer(self, "group", queryset=groups)


class LineRefuseForm(SeenForm):
    reason = TextField(label="Причина отказа", max_length=500, error_messages={"required": "Укажите причину отказа."})


class SpecialForm(forms.Form):
    special = forms.BooleanField(required=False)
