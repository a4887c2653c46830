"""Input of agreements: their terms in sections with rows that are added and removed, disagreements, publication."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django.http import QueryDict

from network_portal.common.dates import school_year, school_year_label
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import DateField, TextField, describe, offer
from network_portal.common.seen import seen_of
from network_portal.documents.differences import Change
from schools.agreements import JOURNAL_READERS
from schools.enums import FundingMode, Level, Outcome, ResourceKind, Role, Side, TaughtKind
from schools.models import (
    Agreement,
    AgreementAppendix,
    AgreementCondition,
    AgreementDuty,
    AgreementResource,
    Organisation,
)
from schools.services import terms_seen
from schools.terms import AgreementTerms, AppendixTerms, ConditionTerms, DutyTerms, ResourceTerms

#: How the own school is named while the other one is not chosen yet.
WE = "мы"
#: How many rows a section may have.
MOST_ROWS = 100
YEARS_AHEAD = 6
NOT_SETTLED = "ещё не определено"


def _numbers(label: str, *, least: int = 1, most: int = 9999) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=least, max_value=most)


def _choices(field: forms.Field, choices: Iterable[tuple[Any, str]]) -> None:
    field.choices = [("", NOT_SETTLED), *choices]


def _direction(teaches: str, sends: str) -> str:
    words = ("обучаем" if teaches == WE else "обучает", "направляем" if sends == WE else "направляет")
    return f"{teaches} {words[0]}, {sends} {words[1]}"


class RowForm(forms.Form):
    """A row of a section; `parties` names the two schools, or «мы» and «вторая школа» while the other is not chosen."""

    def __init__(self, *args: Any, parties: dict[Side, str], years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "party" in self.fields:
            self.fields["party"].choices = [("", "выберите"), *parties.items()]


class ConditionForm(RowForm):
    programme = forms.CharField(
        label="Программа или часть программы", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    teaches = forms.TypedChoiceField(label="Кто кого обучает", coerce=Side)
    subject = forms.CharField(
        required=False, max_length=100, help_text="Пусто: места считаются по всем курсам школы вместе."
    )
    kind = forms.TypedChoiceField(required=False, coerce=TaughtKind, empty_value="")
    level = forms.TypedChoiceField(required=False, coerce=Level, empty_value="")
    orientation = forms.CharField(required=False, max_length=100, help_text="Например: естественно-научная.")
    part = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text="Разделы, модули, темы."
    )
    hours = _numbers("Часов")
    grade_from = _numbers("С класса", most=11)
    grade_to = _numbers("По класс", most=11)
    seats = _numbers("Мест в год")
    year_from = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    year_to = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, parties: dict[Side, str], years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, parties=parties, years=years, **kwargs)
        describe(self, AgreementCondition)
        home, host = parties[Side.HOME], parties[Side.HOST]
        self.fields["teaches"].choices = [
            ("", "выберите"),
            (Side.HOST, _direction(host, home)),
            (Side.HOME, _direction(home, host)),
        ]
        _choices(self.fields["kind"], TaughtKind.choices)
        _choices(self.fields["level"], Level.choices)
        for name in ("year_from", "year_to"):
            _choices(self.fields[name], [(year, school_year_label(year)) for year in years])

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or {}
        for first, last, words in (
            ("grade_from", "grade_to", "Последний класс меньше первого."),
            ("year_from", "year_to", "Последний учебный год раньше первого."),
        ):
            if values.get(first) and values.get(last) and values[first] > values[last]:
                self.add_error(last, words)
        return values


class ResourceForm(RowForm):
    what = forms.CharField(label="Ресурс", max_length=500)
    kind = forms.TypedChoiceField(label="Вид", coerce=ResourceKind, choices=[("", "выберите"), *ResourceKind.choices])
    party = forms.TypedChoiceField(label="Чей", coerce=Side)
    amount = forms.DecimalField(label="Объём", required=False, min_value=0, max_digits=9, decimal_places=2)
    unit = forms.CharField(label="Единица", required=False, max_length=50, help_text="Часов, мест, ставок, штук.")


class DutyRowForm(RowForm):
    what = forms.CharField(label="Обязанность", max_length=500)
    party = forms.TypedChoiceField(label="Чья", coerce=Side)
    due = DateField(label="Срок", required=False, help_text="Пусто: весь срок договора.")


class AppendixForm(RowForm):
    title = forms.CharField(label="Название", max_length=200)
    text = TextField(label="Содержание")
    personal = forms.BooleanField(
        label="Содержит персональные данные", required=False, help_text="Такое приложение не размещается для всех."
    )


class RowFormSet(forms.BaseFormSet):
    """Rows of one kind; every row is extra, so that an empty one is left out and any may be removed."""

    def initial_form_count(self) -> int:
        return 0

    def total_form_count(self) -> int:
        if self.is_bound:
            return min(self.management_form.cleaned_data["TOTAL_FORMS"] or 0, MOST_ROWS)
        return len(self.initial or ()) + self.extra

    def kept(self) -> list[dict[str, Any]]:
        """Return the values of the rows that are filled and not removed; only of a valid formset."""
        rows = [dict(form.cleaned_data) for form in self.forms if form.has_changed() and form.cleaned_data]
        return [{name: row[name] for name in row if name != "DELETE"} for row in rows if not row.get("DELETE")]


class TermsForm(forms.Form):
    """The terms that are not rows."""

    date_from = DateField()
    date_to = DateField()
    funding_mode = forms.TypedChoiceField(required=False, coerce=FundingMode, empty_value="")
    funding_norm = TextField(required=False)
    funding_due = forms.CharField(required=False, max_length=200)
    funding_order = TextField(required=False)
    journal_readers = forms.TypedMultipleChoiceField(
        label="Кто из школы обучающихся читает журнал",
        required=False,
        coerce=Role,
        choices=[(role.value, role.label) for role in JOURNAL_READERS],
        widget=forms.CheckboxSelectMultiple,
        help_text="Только записи о своих учениках.",
    )
    scale = forms.CharField(required=False, max_length=200)
    weights = TextField(required=False)
    correction_days = _numbers("Дней на исправление отметки", most=365)
    personal_data = TextField(required=False)
    incident_hours = _numbers("Часов на уведомление об инциденте", most=72)
    safety = TextField(required=False)
    issued_documents = TextField(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, Agreement)
        _choices(self.fields["funding_mode"], FundingMode.choices)


class NewTermsForm(TermsForm):
    """The terms of an agreement that is not there yet, with the school it is with."""

    host: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        None, label="Вторая школа", empty_label="Выберите школу"
    )
    field_order = ["host"]

    def __init__(self, *args: Any, partners: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "host", queryset=partners)


class AmendedTermsForm(TermsForm):
    """The terms as they shall be, and why they change."""

    reason = TextField(label="Почему изменяются условия", max_length=1000)
    field_order = ["reason"]


SECTIONS: dict[str, tuple[type[RowForm], type[Any], type[Any]]] = {
    "conditions": (ConditionForm, ConditionTerms, AgreementCondition),
    "resources": (ResourceForm, ResourceTerms, AgreementResource),
    "duties": (DutyRowForm, DutyTerms, AgreementDuty),
    "appendices": (AppendixForm, AppendixTerms, AgreementAppendix),
}
#: What a new agreement usually says; everything may be changed.
USUAL = {
    "journal_readers": [Role.RESPONSIBLE, Role.CURATOR],
    "scale": "пятибалльная",
    "correction_days": 5,
    "incident_hours": 24,
    "personal_data": "Фамилия, имя, отчество, класс обучающегося, отметки и посещаемость.",
}


class TermsForms:
    """All forms of the page of an agreement's terms; valid or refused together, nothing typed is lost.

    Args:
        data: what was sent; None for a page that is opened.
        terms: the stored terms; None for a new agreement.
        parties: how the two schools are named.
        today: the day, for the school years that are offered.
        form: the class of the form beside the rows.
        options: what that class takes besides.
    """

    def __init__(
        self,
        data: QueryDict | None,
        *,
        terms: AgreementTerms | None,
        parties: dict[Side, str],
        today: date,
        form: type[TermsForm] = TermsForm,
        initial: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.adding = data.get("add", "") if data else ""
        self.conflict = False
        self.changes: list[Change] = []
        if data is not None and self.adding in SECTIONS:
            data = _with_row(data, self.adding)
        values = {**(USUAL if terms is None else _plain_values(terms)), **(initial or {})}
        if terms is not None:
            values["seen"] = seen_of(terms_seen(terms))
        self.main = form(data, initial=values, **options)
        years = _years(terms, today)
        self.rows: dict[str, RowFormSet] = {}
        for name, (row_form, _, _) in SECTIONS.items():
            blank = terms is None and name != "appendices"
            formset = forms.formset_factory(
                row_form, RowFormSet, extra=int(blank), can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS
            )
            self.rows[name] = formset(  # type: ignore[assignment] # the factory does not tell of its base
                data,
                prefix=name,
                # What is sent is complete: a row that is as it was stored is no less a row than one that was changed.
                initial=None if terms is None or data is not None else [vars(one) for one in getattr(terms, name)],
                form_kwargs={"parties": parties, "years": years},
            )
            for one in self.rows[name].forms:
                one.fields["DELETE"].label = "Убрать строку"
        if self.adding:
            self._judge_nothing()

    def _judge_nothing(self) -> None:
        """A row was asked for: what is half filled is shown as it is, without a word against it."""
        for one in (self.main, *(row for rows in self.rows.values() for row in rows.forms)):
            one._errors, one.cleaned_data = ErrorDict(), {}
        for rows in self.rows.values():
            rows._errors, rows._non_form_errors = [], rows.error_class()

    @property
    def is_bound(self) -> bool:
        return self.main.is_bound

    @property
    def errors(self) -> bool:
        return bool(self.main.errors) or any(rows.total_error_count() for rows in self.rows.values())

    def is_valid(self) -> bool:
        if not self.is_bound or self.adding:
            return False
        return all([self.main.is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    def terms(self) -> AgreementTerms:
        """Return what was typed; only of valid forms."""
        plain: dict[str, Any] = {
            item.name: self.main.cleaned_data[item.name]
            for item in dataclasses.fields(AgreementTerms)
            if item.name in self.main.cleaned_data
        }
        plain["journal_readers"] = tuple(plain["journal_readers"])
        sections: dict[str, Any] = {
            name: tuple(kind(**values) for values in self.rows[name].kept()) for name, (_, kind, _) in SECTIONS.items()
        }
        return AgreementTerms(**plain, **sections)

    @property
    def seen(self) -> str:
        return str(self.main.cleaned_data["seen"])

    def refuse(self, refusal: RuleError) -> None:
        """Show a refusal of the service beside its field, or above the form."""
        self.main.add_error(refusal.field if refusal.field in self.main.fields else None, refusal.message)

    def overtaken(self, refusal: StaleError, stored: AgreementTerms, found: list[Change]) -> None:
        """Show that someone else has changed the terms meanwhile, and how it differs from what was typed."""
        self.main.add_error(None, refusal.message)
        data = self.main.data.copy()
        data[self.main.add_prefix("seen")] = seen_of(terms_seen(stored))
        self.main.data = data
        self.conflict, self.changes = True, found

    @property
    def non_field_errors(self) -> list[str]:
        found = [str(error) for error in self.main.errors.get(NON_FIELD_ERRORS, [])]
        return found + [str(error) for rows in self.rows.values() for error in rows.non_form_errors()]


def _with_row(data: QueryDict, section: str) -> QueryDict:
    """Return `data` with one more empty row in a section."""
    data = data.copy()
    name = f"{section}-TOTAL_FORMS"
    count = data.get(name, "")
    data[name] = str(min(int(count) + 1, MOST_ROWS) if count.isdecimal() and len(count) < 5 else 1)
    return data


def _plain_values(terms: AgreementTerms) -> dict[str, Any]:
    values = {name: value for name, value in vars(terms).items() if name not in SECTIONS}
    return {**values, "journal_readers": list(terms.journal_readers)}


def _years(terms: AgreementTerms | None, today: date) -> list[int]:
    this = school_year(today)
    found = set(range(this - 1, this + YEARS_AHEAD))
    for condition in terms.conditions if terms else ():
        found |= {year for year in (condition.year_from, condition.year_to) if year}
    return sorted(found)


class DisagreementForm(forms.Form):
    clause = forms.CharField(label="Пункт договора", max_length=100, help_text="Например: 2.4.")
    home_wording = TextField(label="Редакция базовой организации", max_length=3000)
    host_wording = TextField(label="Редакция организации-участника", max_length=3000)


class OutcomeForm(forms.Form):
    outcome = forms.TypedChoiceField(label="Итог", coerce=Outcome, choices=[("", "выберите"), *Outcome.choices])
    agreed_wording = TextField(
        label="Согласованная редакция", max_length=3000, required=False, help_text="Нужна, если принята новая редакция."
    )


class ContactsForm(forms.Form):
    contacts = TextField(
        label="Контакты вашей школы по договору",
        required=False,
        max_length=1000,
        help_text="Кому звонить и писать. Меняются без согласования и не входят в условия договора.",
    )


class PublishForm(forms.Form):
    appendices = forms.TypedMultipleChoiceField(
        label="Какие приложения разместить вместе с договором",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, appendices: Iterable[AgreementAppendix], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(appendices)
        mark = " (содержит персональные данные, не размещается)"
        offer(self, "appendices", choices=[(row.pk, f"{row.title}{mark if row.personal else ''}") for row in rows])
        if not rows:
            del self.fields["appendices"]

    @property
    def chosen(self) -> list[int]:
        return self.cleaned_data.get("appendices", [])


class DoneForm(forms.Form):
    on = DateField(label="Когда исполнено")
