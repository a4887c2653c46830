"""Input of the council's pages; members and kinds are handed in from the gate."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from council.enums import ItemRule
from council.models import AgendaItem, CouncilMember
from council.voting import Tally
from network_portal.common.forms import DateField, EditForm, MomentField, TextField, TimeField

Members = QuerySet[CouncilMember]


def _with_school(member: CouncilMember) -> str:
    """Names alone may be the same."""
    return f"{member.user.short_name}, {member.duty.organisation.short_name}"


class MemberChoice(forms.ModelChoiceField):
    """A member of the council."""

    def label_from_instance(self, obj: CouncilMember) -> str:
        return _with_school(obj)


class MembersChoice(forms.ModelMultipleChoiceField):
    """Several members of the council."""

    def label_from_instance(self, obj: CouncilMember) -> str:
        return _with_school(obj)


class MeetingForm(forms.Form):
    """Convening the council."""

    planned_at = MomentField(label="Дата и время")
    place = forms.CharField(label="Место", max_length=200, help_text="Адрес и кабинет или ссылка на видеовстречу.")

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(label="Вид заседания", choices=kinds)


class ItemForm(forms.Form):
    """A question of the agenda; `election` tells whether a chair can be elected now."""

    title = forms.CharField(label="Вопрос", max_length=300)
    speaker = forms.CharField(label="Докладчик", max_length=150)
    proposal = TextField(label="Проект решения", help_text="За этот текст будут голосовать.")

    def __init__(self, *args: Any, members: Members, election: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = [(rule.value, rule.label) for rule in ItemRule if election or rule != ItemRule.ELECTION]
        self.fields["rule"] = forms.ChoiceField(label="Как принимается решение", choices=rules)
        self.fields["candidate"] = MemberChoice(
            members,
            label="Член совета, о котором вопрос",
            required=False,
            help_text="Только для выборов председателя и исключения члена совета.",
        )


class OpenForm(forms.Form):
    """Who is in the hall when the meeting is opened."""

    def __init__(self, *args: Any, members: Members, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"] = MembersChoice(
            members, label="Кто уже присутствует", required=False, widget=forms.CheckboxSelectMultiple
        )


class MemberForm(forms.Form):
    """One member of the council."""

    def __init__(self, *args: Any, members: Members, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = MemberChoice(members)


class PresenceForm(MemberForm):
    """An arrival or departure; without a time it is now."""

    minute = TimeField(required=False)


def _count(label: str) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": "off", "data-tally": ""}
    return forms.IntegerField(label=label, min_value=0, max_value=999, widget=forms.NumberInput(attrs=attrs))


class TallyForm(forms.Form):
    """The counted votes of one item, and what goes into the minutes with them."""

    votes_for = _count("За")
    against = _count("Против")
    abstained = _count("Воздержались")
    not_voted = _count("Не голосовали")
    heard = TextField(label="Суть выступления", required=False)
    executor = forms.CharField(label="Исполнитель", max_length=150, required=False)
    due = DateField(label="Срок", required=False)

    @classmethod
    def of(cls, item: AgendaItem) -> TallyForm:
        """Return the empty form of an item."""
        return cls(initial={"heard": item.heard})

    @property
    def tally(self) -> Tally:
        """The votes of a valid form."""
        data = self.cleaned_data
        return Tally(data["votes_for"], data["against"], data["abstained"], data["not_voted"])


class HeardForm(EditForm):
    """What was said on an item."""

    heard = TextField(label="Суть выступления", required=False)


class ReturnForm(forms.Form):
    """Why the minutes are not signed."""

    version_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = TextField(label="Что исправить", help_text="Увидит секретарь совета.")
