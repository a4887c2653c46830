"""Fields of forms with the browser's own pickers of dates and times, and the way of a refusal into a form."""

from __future__ import annotations

from django import forms

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


def add_refusal(form: forms.Form, refusal: RuleError) -> None:
    """Show `refusal` beside its field, or above the form where it has none there."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
