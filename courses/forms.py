"""Input of courses, groups and slots; querysets come from the gate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import localize

from courses.enums import ProgrammeKind, Scale, StudyForm, TermSystem, Weekday, WorkType, YearTie
from courses.models import GradingPolicy, NetworkCourse, Programme, StudyGroup, TimetableSlot
from courses.policies import FIELDS
from courses.services import CourseTerms
from network_portal.common.dates import school_year_label
from network_portal.common.forms import DateField, EditForm, MomentField, TextField, TimeField, describe, offer
from schools.models import Duty, Network


class CourseForm(forms.Form):
    """A programme and the course that offers it, as one page."""

    title = forms.CharField(max_length=200)
    subject = forms.CharField(max_length=100)
    kind = forms.ChoiceField(choices=ProgrammeKind)
    grade_from = forms.IntegerField(min_value=1, max_value=11)
    grade_to = forms.IntegerField(min_value=1, max_value=11)
    hours_total = forms.IntegerField(min_value=1, max_value=1000)
    hours_week = forms.IntegerField(min_value=1, max_value=40)
    summary = TextField(help_text="Это прочтут родители в каталоге.")
    year = forms.TypedChoiceField(coerce=int, help_text="Год, в котором идут занятия.")
    form = forms.ChoiceField(choices=StudyForm)
    date_from = DateField()
    date_to = DateField()
    seats = forms.IntegerField(min_value=1, max_value=500)
    min_size = forms.IntegerField(min_value=1, max_value=500)
    applications_from = MomentField()
    applications_until = MomentField()

    def __init__(self, *args: Any, this_year: int, fixed: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = sorted({this_year, this_year + 1, self.initial.get("year", this_year)})
        offer(self, "year", choices=[(year, school_year_label(year)) for year in years])
        describe(self, Programme, NetworkCourse)
        for name in fixed:
            self.fields[name].disabled = True

    def terms(self) -> CourseTerms:
        """Return what was typed; only of a valid form."""
        return CourseTerms(**{name: self.cleaned_data[name] for name in CourseTerms.__dataclass_fields__})


class NewCourseForm(CourseForm):
    network: forms.ModelChoiceField[Network] = forms.ModelChoiceField(None, label="Сеть", empty_label=None)

    field_order = ["network"]

    def __init__(self, *args: Any, networks: QuerySet[Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "network", queryset=networks)


class CourseEditForm(EditForm, CourseForm):
    """A course that exists."""


class TeacherField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Duty) -> str:
        return obj.user.full_name


class GroupForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="Например: Ф-10.")
    capacity = forms.IntegerField(min_value=1, max_value=500)
    teacher = TeacherField(
        None, required=False, empty_label="Пока не назначен", help_text="Из сетевых учителей вашей школы."
    )

    def __init__(self, *args: Any, teachers: QuerySet[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "teacher", queryset=teachers)
        describe(self, StudyGroup)


class GroupEditForm(EditForm, GroupForm):
    """A group that exists."""


class SlotForm(forms.Form):
    weekday = forms.TypedChoiceField(choices=Weekday, coerce=int)
    starts = TimeField()
    ends = TimeField()
    room = forms.CharField(max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, TimetableSlot)


class PlanForm(EditForm):
    """The thematic plan of a programme as text."""

    text = TextField(
        label="Темы и часы",
        max_length=60_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Тема в строке: «Импульс тела (2 ч)», или столбцы из таблицы Word и Excel: №, тема, часы. "
        "Без часов считается один. Номера портал ставит сам.",
    )


#: The tables that schools' acts usually have (6.4).
THRESHOLDS = {
    "half": (Decimal("4.5"), Decimal("3.5"), Decimal("2.5")),
    "six": (Decimal("4.6"), Decimal("3.6"), Decimal("2.6")),
    "strict": (Decimal("4.65"), Decimal("3.65"), Decimal("2.65")),
}
THRESHOLD_CHOICES = [
    ("half", "4,5; 3,5; 2,5"),
    ("six", "4,6; 3,6; 2,6"),
    ("strict", "4,65; 3,65; 2,65"),
    ("", "свои числа"),
]


class PolicyForm(EditForm):
    """How a programme marks; a kind of work without a weight is not offered on the lessons of the programme.

    `thresholds` fills the three numbers below it from a usual table; where it was left alone, the numbers count.
    """

    thresholds = forms.ChoiceField(label="Пороги", choices=THRESHOLD_CHOICES, required=False)
    act = forms.CharField(max_length=300, required=False)
    scale = forms.ChoiceField(choices=Scale)
    terms = forms.ChoiceField(choices=TermSystem)
    five = forms.DecimalField(min_value=2, max_value=5, max_digits=3, decimal_places=2, localize=True)
    four = forms.DecimalField(min_value=2, max_value=5, max_digits=3, decimal_places=2, localize=True)
    three = forms.DecimalField(min_value=2, max_value=5, max_digits=3, decimal_places=2, localize=True)
    year_tie = forms.ChoiceField(choices=YearTie)
    least_1 = forms.IntegerField(min_value=0, max_value=50)
    least_2 = forms.IntegerField(min_value=0, max_value=50)
    least_3 = forms.IntegerField(min_value=0, max_value=50)
    absence_limit = forms.IntegerField(min_value=0, max_value=100)
    free_days = forms.IntegerField(min_value=0, max_value=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in WorkType:
            self.fields[f"weight_{kind.value}"] = forms.DecimalField(
                label=f"{kind.label[0].upper()}{kind.label[1:]}",
                required=False,
                min_value=Decimal("0.1"),
                max_value=10,
                max_digits=4,
                decimal_places=2,
                localize=True,
            )
        describe(self, GradingPolicy)
        stored = tuple(self.initial.get(name) for name in ("five", "four", "three"))
        self.fields["thresholds"].initial = next((key for key, table in THRESHOLDS.items() if table == stored), "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        names = ("five", "four", "three")
        table = THRESHOLDS.get(data.get("thresholds", ""))
        if table is None or "thresholds" not in self.changed_data or not all(name in data for name in names):
            return data
        if set(names) & set(self.changed_data) and tuple(data[name] for name in names) != table:
            self.add_error("thresholds", "Числа рядом не из этой таблицы: верните их или выберите «свои числа».")
        return data | dict(zip(names, table, strict=True))

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Return the fields by what they are about, each group with a word of explanation."""
        groups = [
            ("Общее", "", ["act", "scale", "terms", "year_tie"]),
            (
                "Веса видов работ",
                "Средний балл взвешенный. Вид работы без веса на занятиях не предлагается.",
                [f"weight_{kind.value}" for kind in WorkType],
            ),
            (
                "Отметка за период",
                "Предложение портала по среднему баллу без округления; окончательную отметку ставит учитель.",
                ["thresholds", "five", "four", "three"],
            ),
            ("Сколько отметок нужно за период", "", ["least_1", "least_2", "least_3", "absence_limit"]),
            ("Исправления", "", ["free_days"]),
        ]
        return [(title, text, [self[name] for name in names]) for title, text, names in groups]

    def facts(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """Return the groups for reading: the label and the words of each value that is there."""
        return [
            (
                title,
                text,
                [(str(one.label), words) for one in fields if one.name != "thresholds" and (words := _words(one))],
            )
            for title, text, fields in self.groups()
        ]

    def values(self) -> dict[str, Any]:
        """Return the columns of the policy; only of a valid form."""
        data = self.cleaned_data
        weights = {kind.value: data[f"weight_{kind.value}"] for kind in WorkType}
        stored = {kind: str(weight.normalize()) for kind, weight in weights.items() if weight is not None}
        return {**{name: data[name] for name in FIELDS if name != "weights"}, "weights": stored}


def _words(field: forms.BoundField) -> str:
    """Return what stands in a field of a policy as one reads it."""
    value = field.initial
    if value in (None, ""):
        return ""
    choices = getattr(field.field, "choices", None)
    return str(dict(choices).get(value, value)) if choices else localize(value)
