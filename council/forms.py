"""Input of the council's pages; members, schools, groups and kinds are handed in from the gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model, QuerySet

from council.enums import Choice, ItemKind, Stance
from council.models import AgendaItem, CouncilMember
from council.selectors.subjects import run_words
from council.services import About
from council.voting import Tally
from network_portal.common.dates import ru_day, school_year_label
from network_portal.common.forms import DateField, EditForm, MomentField, TextField, TimeField
from network_portal.documents.forms import ScanField

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


class WordsChoice(forms.ModelChoiceField):
    """Something chosen by words that tell it from the others."""

    def __init__(self, queryset: Any, words: Any, **kwargs: Any) -> None:
        super().__init__(queryset, required=False, **kwargs)
        self.words = words

    def label_from_instance(self, obj: Model) -> str:
        return str(self.words(obj))


class WordsChoices(forms.ModelMultipleChoiceField):
    """Several such things."""

    def __init__(self, queryset: Any, words: Any, **kwargs: Any) -> None:
        super().__init__(queryset, required=False, widget=forms.CheckboxSelectMultiple, **kwargs)
        self.words = words

    def label_from_instance(self, obj: Model) -> str:
        return str(self.words(obj))


# --- before -------------------------------------------------------------------------------------------------------


class MoveForm(forms.Form):
    """When and where; why so late, where the notice is too short."""

    planned_at = MomentField(label="Дата и время")
    place = forms.CharField(label="Место", max_length=200, help_text="Адрес и кабинет или ссылка на видеовстречу.")


class MeetingForm(MoveForm):
    """Naming the day of a meeting."""

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(label="Вид заседания", choices=kinds)
        self.fields["invited"] = forms.CharField(
            label="Приглашены без права голоса",
            max_length=300,
            required=False,
            help_text="Фамилии и должности через точку с запятой. Попадут в протокол.",
        )


class ShortNoticeForm(forms.Form):
    """Why the invitation comes later than the council has set."""

    short_notice = forms.CharField(
        label="Почему созывается позже срока",
        max_length=300,
        required=False,
        help_text="Только если до заседания осталось меньше, чем положено.",
    )


class MovedForm(MoveForm, ShortNoticeForm):
    """Moving a meeting that people are invited to."""


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Причина", max_length=300)


class AnswerForm(forms.Form):
    """Whether one comes."""

    coming = forms.TypedChoiceField(
        label="Ответ", choices=[("yes", "Приду"), ("no", "Не приду")], coerce=lambda answer: answer == "yes"
    )
    reason = forms.CharField(label="Причина отсутствия", max_length=200, required=False)


class MaterialForm(forms.Form):
    """A file handed out with the agenda."""

    title = forms.CharField(label="Название", max_length=200)
    file = ScanField(label="Файл", help_text="PDF, JPEG или PNG, не больше 10 МБ.")

    def __init__(self, *args: Any, items: QuerySet[AgendaItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"] = WordsChoice(
            items, lambda item: f"{item.position}. {item.title}", label="К вопросу", empty_label="ко всей повестке"
        )


#: The fields that each kind of question asks for; the page shows the others only without a script.
ASKED: dict[str, tuple[str, ...]] = {
    ItemKind.CHAIR: ("candidate",),
    ItemKind.MEMBER_OUT: ("candidate",),
    ItemKind.REMOVAL: ("candidate",),
    ItemKind.MEMBER_IN: ("appointee",),
    ItemKind.SECRETARY: ("appointee",),
    ItemKind.SCHOOL_IN: ("school",),
    ItemKind.SCHOOL_OUT: ("school",),
    ItemKind.GROUPS: ("groups",),
    ItemKind.TIMETABLE: ("groups",),
    ItemKind.ALLOCATION: ("run",),
    ItemKind.REVOCATION: ("revokes",),
    ItemKind.REGULATION: ("regulation",),
    ItemKind.CURRICULA: ("programmes", "agreements"),
    ItemKind.ROUTES: ("courses",),
    ItemKind.DEMAND: ("courses",),
    ItemKind.RESULTS: ("programmes", "agreements"),
    ItemKind.NORMS: ("agreements",),
}


class ItemForm(forms.Form):
    """A question of the agenda; its kind says by what rule it is decided and what it is about.

    Args:
        pools: what may be chosen, by the names of the fields.
        election: whether a chair can be elected now.
    """

    title = forms.CharField(label="Вопрос", max_length=300)
    speaker = forms.CharField(label="Докладчик", max_length=150)
    proposal = TextField(label="Проект решения", help_text="За этот текст будут голосовать.")

    def __init__(self, *args: Any, pools: dict[str, Any], election: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = {"chair"} if not election else set()
        left_out |= {"allocation"} if not pools["run"] else set()
        left_out |= {"revocation"} if not pools["revokes"] else set()
        kinds = [choice for choice in ItemKind.choices if choice[0] not in left_out]
        self.order_fields(["kind"])
        self.fields["kind"] = forms.ChoiceField(
            label="О чём вопрос",
            choices=kinds,
            initial=ItemKind.OTHER,
            help_text="От этого зависит, сколько голосов нужно и что изменится после подписания протокола.",
        )
        self.order_fields(["kind", "title", "speaker", "proposal"])
        self.fields["candidate"] = MemberChoice(
            pools["candidate"], label="Член совета, о котором вопрос", required=False
        )
        self.fields["appointee"] = WordsChoice(
            pools["appointee"], lambda duty: f"{duty.user.short_name}, {duty}", label="Сотрудник школы сети"
        )
        self.fields["school"] = WordsChoice(pools["school"], str, label="Школа")
        self.fields["groups"] = WordsChoices(
            pools["groups"], lambda group: f"{group.name}, {group.course}", label="Группы с их расписанием"
        )
        self.fields["programmes"] = WordsChoices(
            pools["programmes"], lambda one: f"{one}, {one.host.short_name}", label="Программы"
        )
        self.fields["agreements"] = WordsChoices(pools["agreements"], str, label="Договоры")
        self.fields["courses"] = WordsChoices(
            pools["courses"],
            lambda one: f"{one}, {one.programme.host.short_name}, {school_year_label(one.year)}",
            label="Курсы, о которых вопрос",
            help_text="Из них школы составляют маршруты обучающихся, на них принимают заявления.",
        )
        self.fields["run"] = WordsChoice(pools["run"], run_words, label="Проект распределения")
        self.fields["revokes"] = WordsChoice(
            pools["revokes"],
            lambda one: f"{ru_day(one.item.meeting.day)}: {one.item.title}",
            label="Решение, которое отменяется",
        )
        self.fields["regulation"] = ScanField(label="Текст новой редакции", required=False, help_text="Файл PDF.")
        self.fields["attachment"] = ScanField(
            label="Материал к вопросу",
            required=False,
            help_text="PDF, JPEG или PNG, не больше 10 МБ. Если в нём есть маршруты обучающихся, то без имён.",
        )

    @property
    def rows(self) -> list[tuple[forms.BoundField, str]]:
        """Each field with the kinds that ask for it; none for a field that every kind asks for."""
        names = {name for asked in ASKED.values() for name in asked}
        asking = {name: " ".join(kind for kind, asked in ASKED.items() if name in asked) for name in names}
        return [(bound, asking.get(bound.name, "")) for bound in self]

    @property
    def about(self) -> About:
        """What a valid form's question is about: only what its kind asks for."""
        data = self.cleaned_data
        asked = (*ASKED.get(data["kind"], ()), "attachment")
        return About(**{name: data[name] for name in asked if data.get(name)})


class ProposalForm(forms.Form):
    """A question that a member wants on an agenda."""

    title = forms.CharField(label="Вопрос", max_length=300)
    proposal = TextField(label="Что предлагаете решить")


class TakeForm(forms.Form):
    """Onto whose agenda a proposal is put."""

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"] = forms.ModelChoiceField(meetings, label="Заседание")


class AskForm(forms.Form):
    """Which schools a question concerns."""

    def __init__(self, *args: Any, schools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["schools"] = WordsChoices(schools, str, label="Спросить мнение школ")


class OpinionForm(forms.Form):
    """What the own school thinks."""

    stance = forms.ChoiceField(label="Мнение школы", choices=Stance.choices, widget=forms.RadioSelect)
    text = TextField(label="Пояснение", required=False)


# --- during -------------------------------------------------------------------------------------------------------


class ActForm(forms.Form):
    """What a screen sends with each act: a key of its own, and how many milliseconds ago it was entered."""

    key = forms.UUIDField(required=False)
    age = forms.IntegerField(required=False, min_value=0, max_value=86_400_000)

    @property
    def sent(self) -> dict[str, Any]:
        """Key and age for the services; what is broken counts as absent."""
        self.is_valid()
        key: UUID | None = self.cleaned_data.get("key")
        return {"key": key, "age": timedelta(milliseconds=self.cleaned_data.get("age") or 0)}


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


class BallotForm(forms.Form):
    """A vote; the secretary says whose."""

    choice = forms.ChoiceField(choices=Choice.choices)

    def __init__(self, *args: Any, members: Members, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = MemberChoice(members, required=False)


def _count(label: str) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": "off", "data-tally": ""}
    return forms.IntegerField(label=label, min_value=0, max_value=999, widget=forms.NumberInput(attrs=attrs))


class ExecutionForm(forms.Form):
    """Who carries a decision out, and by when."""

    executor = forms.CharField(label="Исполнитель", max_length=150, required=False)
    due = DateField(label="Срок", required=False)

    def __init__(self, *args: Any, members: Members, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"] = MemberChoice(
            members,
            label="Отвечает член совета",
            required=False,
            empty_label="никто из членов совета",
            help_text="Получит напоминания и отчитается.",
        )


class CountForm(forms.Form):
    """Counted votes, as on the agenda itself."""

    votes_for = _count("За")
    against = _count("Против")
    abstained = _count("Воздержались")
    not_voted = _count("Не голосовали")

    @property
    def tally(self) -> Tally:
        """The votes of a valid form."""
        data = self.cleaned_data
        return Tally(data["votes_for"], data["against"], data["abstained"], data["not_voted"])


class TallyForm(CountForm, ExecutionForm):
    """The counted votes of one item, and what goes into the minutes with them."""

    heard = TextField(label="Суть выступления", required=False)
    discussed = TextField(label="Кто ещё выступил", required=False)


class HeardForm(EditForm):
    """What was said on an item."""

    heard = TextField(label="Суть выступления", required=False)
    discussed = TextField(label="Кто ещё выступил", required=False)


# --- after --------------------------------------------------------------------------------------------------------


class ReturnForm(forms.Form):
    """Why the minutes are not signed."""

    version_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = TextField(label="Что исправить", help_text="Увидит секретарь совета.")


class RemarkForm(forms.Form):
    """What is wrong in the draft of the minutes; empty when nothing is."""

    text = TextField(label="Замечание", required=False)


class RemarkAnswerForm(forms.Form):
    """What was done with a remark."""

    answer = TextField(label="Ответ на замечание")


class DissentForm(forms.Form):
    """A dissenting opinion."""

    text = TextField(label="Особое мнение")


class ReportForm(forms.Form):
    """What was done to carry a decision out."""

    report = TextField(label="Что сделано")


class DueForm(ReasonForm):
    """More time."""

    due = DateField(label="Новый срок")
    field_order = ("due", "reason")


class ExtractForm(forms.Form):
    """For whom an extract is."""

    addressee = forms.CharField(label="Для кого выписка", max_length=200)
