"""Input about pupils, classes, files with them and their representatives; querysets come from the gate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from network_portal.accounts.enums import Gender
from network_portal.accounts.forms import name_validator, phone_validator
from network_portal.common.dates import school_year_label
from network_portal.common.forms import DateField, EditForm, describe, offer
from schools.enums import GuardianRule
from schools.imports.reading import LARGEST_FILE
from schools.models import GuardianPolicy, SchoolClass, Student
from schools.pupils import SORTS, Wanted
from schools.services.pupils import StudentFacts

GRADES = [(grade, f"{grade} класс") for grade in range(1, 12)]


def year_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label="Учебный год", coerce=int)


def year_choices(default: int) -> list[tuple[int, str]]:
    """Return the years about which a list may be: the one it is usually about, and those beside it."""
    return [(year, school_year_label(year)) for year in (default - 1, default, default + 1)]


class ImportForm(forms.Form):
    year = year_field()
    file = forms.FileField(
        label="Файл со списком",
        help_text="Таблица .xlsx или .csv, до 10 МБ и 10 000 строк. Порядок столбцов любой.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"empty": "Файл пуст. Выберите файл со списком обучающихся."},
    )

    def __init__(self, *args: Any, default_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["year"] = default_year
        offer(self, "year", choices=year_choices(default_year))

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(
                "Файл больше 10 МБ. Уберите из него картинки и лишние листы или разделите на части."
            )
        return file


class ImportConfirmForm(forms.Form):
    """The digest of the preview that was seen, and the rows whose transfer is confirmed."""

    seen = forms.CharField(max_length=64)
    all_asked = forms.BooleanField(required=False)
    row = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, numbers: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "row", choices=[(number, number) for number in numbers])


class PupilFilterForm(forms.Form):
    """What a list of pupils is narrowed to; what makes no sense narrows nothing."""

    name = forms.CharField(label="Фамилия или имя", max_length=100, required=False)
    school_class: forms.ModelChoiceField[SchoolClass] = forms.ModelChoiceField(
        None, label="Класс", required=False, empty_label="Все классы"
    )
    left = forms.ChoiceField(label="Кого показать", choices=[("", "Обучаются"), ("1", "Выбыли")], required=False)

    def __init__(self, *args: Any, classes: QuerySet[SchoolClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "school_class", queryset=classes)
        self.fields["school_class"].label_from_instance = class_label

    def wanted(self, sort: str) -> Wanted:
        """Return what the valid fields narrow the list to."""
        self.is_valid()
        typed = self.cleaned_data
        return Wanted(
            name=typed.get("name", ""),
            school_class=typed.get("school_class"),
            left=bool(typed.get("left")),
            sort=sort if sort.removeprefix("-") in SORTS else "name",
        )


def class_label(school_class: SchoolClass) -> str:
    return f"{school_class}, {school_year_label(school_class.year)}"


class ClassForm(forms.Form):
    year = year_field()
    grade = forms.TypedChoiceField(label="Параллель", choices=GRADES, coerce=int)
    letter = forms.RegexField(
        r"^[А-ЯЁа-яё0-9][А-ЯЁа-яё0-9 .\-]*$",
        label="Литера",
        max_length=15,
        error_messages={"invalid": "Пишите русскими буквами, например: А."},
    )

    def __init__(self, *args: Any, default_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["year"] = default_year
        offer(self, "year", choices=year_choices(default_year))


class NameFields(forms.Form):
    last_name = forms.CharField(label="Фамилия", max_length=100, validators=[name_validator])
    first_name = forms.CharField(label="Имя", max_length=100, validators=[name_validator])
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False, validators=[name_validator])
    gender = forms.ChoiceField(
        label="Пол",
        choices=[("", "Определить по имени"), *Gender.choices],
        required=False,
        help_text="Нужен для склонения имени в документах.",
    )
    birth_date = DateField(label="Дата рождения")

    def facts(self) -> StudentFacts:
        """Return what was typed; only of a valid form."""
        typed = {name: self.cleaned_data[name] for name in StudentFacts.__dataclass_fields__ if name in self.fields}
        return StudentFacts(**typed)


class StudentForm(NameFields):
    school_class: forms.ModelChoiceField[SchoolClass] = forms.ModelChoiceField(
        None, label="Класс", empty_label="Выберите класс"
    )

    def __init__(self, *args: Any, classes: QuerySet[SchoolClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "school_class", queryset=classes)
        self.fields["school_class"].label_from_instance = class_label


class StudentEditForm(EditForm, NameFields):
    """The facts of a pupil who exists, and the cases of the name where the portal declines it wrongly."""

    name_genitive = forms.CharField(max_length=320, required=False, validators=[name_validator])
    name_dative = forms.CharField(max_length=320, required=False, validators=[name_validator])
    name_accusative = forms.CharField(max_length=320, required=False, validators=[name_validator])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, Student)
        self.fields["name_genitive"].help_text = "Падежи заполняют, только если портал склоняет имя неверно."


class CardForm(forms.Form):
    """One of several forms of a page, each with ids of its own."""

    card_id = "id_%s"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = self.card_id


class StudentMoveForm(CardForm):
    card_id = "move_%s"
    school_class: forms.ModelChoiceField[SchoolClass] = forms.ModelChoiceField(
        None, label="В какой класс", empty_label="Выберите класс"
    )
    on = DateField(label="С какого дня")
    basis = forms.CharField(label="Основание", max_length=300, help_text="Номер и дата приказа.")

    def __init__(self, *args: Any, classes: QuerySet[SchoolClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "school_class", queryset=classes)
        self.fields["school_class"].label_from_instance = class_label


class StudentLeaveForm(CardForm):
    card_id = "leave_%s"
    on = DateField(label="Последний день в школе")
    basis = forms.CharField(label="Основание", max_length=300, help_text="Номер и дата приказа.")


class ExpectedGuardianForm(CardForm):
    card_id = "expected_%s"
    name = forms.CharField(label="Фамилия, имя, отчество", max_length=300, validators=[name_validator])
    email = forms.EmailField(label="Электронная почта", required=False)
    phone = forms.CharField(label="Телефон", max_length=30, required=False, validators=[phone_validator])


class PupilAccountForm(CardForm):
    card_id = "invite_%s"
    email = forms.EmailField(
        label="Электронная почта обучающегося",
        help_text="Собственный адрес обучающегося, не родителя. На него придёт письмо со ссылкой.",
    )


class AccountTakeForm(forms.Form):
    birth_date = DateField(
        label="Ваша дата рождения", help_text="По ней портал убедится, что приглашение попало к вам, а не к другому."
    )


class GuardianPolicyForm(CardForm):
    card_id = "policy_%s"
    rule = forms.TypedChoiceField(
        label="Чьё согласие нужно", choices=GuardianRule, coerce=GuardianRule, widget=forms.RadioSelect
    )
    days = forms.IntegerField(
        label="Сколько дней второй представитель может возражать", min_value=1, max_value=30, initial=3
    )
    basis = forms.CharField(label="Основание", max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        describe(self, GuardianPolicy)
