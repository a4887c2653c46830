"""Input of the council's pages; choices are handed in from the gate."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from council.enums import ItemRule
from council.models import AgendaItem, CouncilMember
from council.voting import Tally


class MeetingForm(forms.Form):
    """Convening the council."""

    planned_at = forms.DateTimeField(
        label="Дата и время",
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place = forms.CharField(label="Место", max_length=200, help_text="Адрес и кабинет или ссылка на видеовстречу.")
    kind = forms.ChoiceField(label="Вид заседания")

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds


class MemberChoice(forms.ModelChoiceField):
    """A member of the council by name and school: names alone may be the same."""

    def label_from_instance(self, obj: CouncilMember) -> str:
        return f"{obj.user.short_name}, {obj.duty.organisation.short_name}"


class MembersChoice(forms.ModelMultipleChoiceField):
    """Several members of the council."""

    def label_from_instance(self, obj: CouncilMember) -> str:
        return f"{obj.user.short_name}, {obj.duty.organisation.short_name}"


class ItemForm(forms.Form):
    """A question of the agenda."""

    title = forms.CharField(label="Вопрос", max_length=300)
    speaker = forms.CharField(label="Докладчик", max_length=150)
    proposal = forms.CharField(
        label="Проект решения", widget=forms.Textarea(attrs={"rows": 4}), help_text="За этот текст будут голосовать."
    )
    rule = forms.ChoiceField(label="Как принимается решение")
    candidate = MemberChoice(
        queryset=None,
        label="Член совета, о котором вопрос",
        required=False,
        help_text="Только для выборов председателя и исключения члена совета.",
    )

    def __init__(self, *args: Any, members: QuerySet[CouncilMember], election: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidate"].queryset = members
        rules = [(rule.value, rule.label) for rule in ItemRule if election or rule != ItemRule.ELECTION]
        self.fields["rule"].choices = rules


class OpenForm(forms.Form):
    """Who is in the hall when the meeting is opened."""

    present = MembersChoice(
        queryset=None, label="Кто уже присутствует", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, members: QuerySet[CouncilMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].queryset = members


class PresenceForm(forms.Form):
    """An arrival or departure; without a time it is now."""

    member = forms.ModelChoiceField(queryset=None)
    minute = forms.TimeField(required=False, input_formats=["%H:%M"])

    def __init__(self, *args: Any, members: QuerySet[CouncilMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = members


class MemberForm(forms.Form):
    """One member of the council."""

    member = forms.ModelChoiceField(queryset=None)

    def __init__(self, *args: Any, members: QuerySet[CouncilMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = members


def _count(label: str) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": "off", "data-tally": ""}
    return forms.IntegerField(label=label, min_value=0, max_value=999, widget=forms.NumberInput(attrs=attrs))


class TallyForm(forms.Form):
    """The counted votes of one item, and what goes into the minutes with them."""

    votes_for = _count("За")
    against = _count("Против")
    abstained = _count("Воздержались")
    not_voted = _count("Не голосовали")
    heard = forms.CharField(label="Суть выступления", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    executor = forms.CharField(label="Исполнитель", max_length=150, required=False)
    due = forms.DateField(
        label="Срок",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    @classmethod
    def of(cls, item: AgendaItem) -> TallyForm:
        """Return the empty form of an item."""
        return cls(initial={"heard": item.heard})

    @property
    def tally(self) -> Tally:
        """The votes of a valid form."""
        data = self.cleaned_data
        return Tally(data["votes_for"], data["against"], data["abstained"], data["not_voted"])


class HeardForm(forms.Form):
    """What was said on an item."""

    heard = forms.CharField(label="Суть выступления", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ReturnForm(forms.Form):
    """Why the minutes are not signed."""

    version_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = forms.CharField(
        label="Что исправить", widget=forms.Textarea(attrs={"rows": 2}), help_text="Увидит секретарь совета."
    )
