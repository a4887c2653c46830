"""Applications on paper: found, entered and registered by the clerk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from courses.models import NetworkCourse
from enrollment.forms.applications import ChildField
from enrollment.selectors.consents import ConsentNeeded
from network_portal.common.forms import DateField, MomentField, offer
from network_portal.documents.forms import ScanField
from schools.enums import Kinship
from schools.models import Student


class CodeForm(forms.Form):
    """The code printed on a form that a family brought."""

    code = forms.CharField(
        label="Код бланка",
        max_length=40,
        help_text="Напечатан рядом с QR-кодом: четыре группы по четыре знака.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class CourseField(forms.ModelChoiceField):
    def label_from_instance(self, obj: NetworkCourse) -> str:
        return f"{obj.programme.title}, {obj.programme.host.short_name}, {obj.get_form_display()}"


class PaperEntryForm(forms.Form):
    """An application on paper of a family without an account, as it is written there."""

    student: forms.ModelChoiceField[Student] = ChildField(None, label="Ребёнок")
    last_name = forms.CharField(label="Фамилия заявителя", max_length=100)
    first_name = forms.CharField(label="Имя", max_length=100)
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False)
    kinship = forms.ChoiceField(label="Кем приходится ребёнку", choices=Kinship)
    basis_document = forms.CharField(
        label="Документ, подтверждающий родство", max_length=200, help_text="Вид, номер, дата; предъявлен в школе."
    )
    phone = forms.CharField(label="Телефон", max_length=30, help_text="По нему школа сообщает семье о решениях.")
    waitlist_ok = forms.TypedChoiceField(
        label="Согласие на лист ожидания",
        choices=[("yes", "да"), ("no", "нет")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, как написано в заявлении."},
    )

    def __init__(
        self, *args: Any, pupils: QuerySet[Student], courses: QuerySet[NetworkCourse], most: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "student", queryset=pupils)
        for place in range(1, most + 1):
            label = "Курс" if place == 1 else f"Запасной курс {place - 1}"
            self.fields[f"course_{place}"] = CourseField(courses, label=label, required=place == 1, empty_label="–")

    @property
    def courses(self) -> list[int]:
        """The numbers of the courses in order; only of a valid form."""
        chosen = [self.cleaned_data[name] for name in self.fields if name.startswith("course_")]
        return [course.pk for course in chosen if course]


class PaperRegisterForm(forms.Form):
    """What the clerk has compared with the signed papers, and their scan."""

    child_ok = forms.BooleanField(label="Ребёнок на бумаге тот же", error_messages={"required": "Сверьте ребёнка."})
    courses_ok = forms.BooleanField(
        label="Курсы и их порядок на бумаге те же", error_messages={"required": "Сверьте курсы и порядок."}
    )
    signature_ok = forms.BooleanField(
        label="Подпись заявителя стоит на заявлении и на каждом согласии",
        error_messages={"required": "Проверьте подписи."},
    )
    operators = forms.TypedMultipleChoiceField(
        label="Подписанные согласия", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    signed_on = DateField(label="Дата подписи")
    received_at = MomentField(label="Когда бумага получена", help_text="С этого момента считается очередь.")
    file = ScanField(label="Скан подписанных листов", help_text="PDF, JPEG или PNG до 10 МБ.")

    def __init__(self, *args: Any, needed: Iterable[ConsentNeeded], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(need.operator.pk, need.operator.short_name) for need in needed]
        if choices:
            offer(self, "operators", choices=choices)
        else:
            del self.fields["operators"]
