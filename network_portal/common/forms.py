"""Fields of forms with the browser's own pickers of dates and times, and the way of a refusal into a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db.models import Model

from network_portal.common.dates import ru_day, ru_moment, ru_time
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import seen_of, written

#: Years that a date of the portal may lie in; beyond them the database and the calendars lose their way.
YEARS = range(1900, 2101)
#: The longest text of a field that has no limit of its own.
LONGEST_TEXT = 10_000


def check_year(value: date) -> None:
    """Refuse a date of a year in which nothing of a school can lie: the century was left out, or a digit too many."""
    if value.year not in YEARS:
        raise forms.ValidationError("Проверьте год: он должен быть от 1900 до 2100.", code="year")


class DateField(forms.DateField):
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    default_validators = [check_year]


class TimeField(forms.TimeField):
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class MomentField(forms.DateTimeField):
    """A moment in the current time zone, to the minute."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    default_validators = [check_year]


class TextField(forms.CharField):
    """A text of several lines."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, *, max_length: int = LONGEST_TEXT, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)


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


@contextmanager
def refusals_in(form: forms.Form) -> Iterator[None]:
    """Show what the block is refused in `form`; what is stale rises, since the page itself has to be read anew.

    The block returns the answer to who was not refused; what stands behind it shows the form again.
    """
    try:
        yield
    except StaleError:
        raise
    except RuleError as refusal:
        add_refusal(form, refusal)


# --- two people at one form ---------------------------------------------------------------------------------------


class EditForm(forms.Form):
    """A form of a row that exists: it carries the values that it was filled with, so that none is overwritten unseen.

    `conflict` is set when it was refused because the row is no longer what the page showed.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    conflict = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = dict(self.initial)
        self.initial["seen"] = seen_of(self.shown)


def add_conflict(form: forms.Form, refusal: StaleError, current: Mapping[str, object]) -> None:
    """Show `refusal` above what was typed, and beside each field the value that stands there now if it is another."""
    form.add_error(None, refusal.message)
    add_differences(form, current, seen=form.cleaned_data.get("seen", ""))
    data = form.data.copy()
    data[form.add_prefix("seen")] = seen_of(current)
    form.data = data
    form.conflict = True


def add_differences(form: forms.Form, current: Mapping[str, object], *, seen: str) -> None:
    """Show beside each field of a valid form what stands there now, where that is neither typed nor what was `seen`."""
    if seen == seen_of(current):
        return
    typed = dict(form.cleaned_data)
    for name, value in current.items():
        if name in typed and written(typed[name]) != written(value):
            form.add_error(name, f"Сейчас сохранено: {_shown(form.fields[name], value)}")


def _shown(field: forms.Field, value: object) -> str:
    for key, label in getattr(field, "choices", ()):
        if str(key) == written(value) and value is not None:
            return str(label)
    if isinstance(value, datetime):
        return ru_moment(value)
    if isinstance(value, date):
        return ru_day(value)
    if isinstance(value, time):
        return ru_time(value)
    return written(value) or "пусто"
