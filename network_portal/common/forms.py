"""Fields of forms with the browser's own pickers of dates and times, and the way of a refusal into a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model

from network_portal.common.errors import RuleError


class DateField(forms.DateField):
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class TimeField(forms.TimeField):
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class MomentField(forms.DateTimeField):
    """A moment in the current time zone, to the minute."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})


class TextField(forms.CharField):
    """A text of several lines."""

    widget = forms.Textarea(attrs={"rows": 3})


def offer(form: forms.Form, name: str, **what: Any) -> None:
    """Hand a field of `form` what it may offer: `offer(form, "host", queryset=…)` or `choices=…`."""
    for attribute, value in what.items():
        setattr(form.fields[name], attribute, value)


def describe(form: forms.Form, *models: type[Model]) -> None:
    """Give the fields that have no words of their own the labels and hints of the models' fields."""
    facts = {field.name: field for model in models for field in model._meta.fields}
    for name, field in form.fields.items():
        if name in facts:
            words = str(facts[name].verbose_name)
            field.label = field.label or words[0].upper() + words[1:]
            field.help_text = field.help_text or facts[name].help_text


def add_refusal(form: forms.Form, refusal: RuleError) -> None:
    """Show `refusal` beside its field, or above the form where it has none there."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
