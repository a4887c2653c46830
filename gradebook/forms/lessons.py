"""What people send to the journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict

from gradebook.enums import ATTENDANCE_LETTERS, MarkValue, WorkType
from gradebook.models import Lesson
from gradebook.selectors.lessons import LessonLine, plan_of
from gradebook.services.journal import CellChange
from network_portal.common.forms import add_differences
from network_portal.common.seen import seen_of

MARKS = [("", "–"), *((str(value), str(value)) for value in sorted(MarkValue.values, reverse=True))]
LETTERS = [("", "есть"), *((letters, letters) for letters in ATTENDANCE_LETTERS.values())]


class LessonForm(forms.Form):
    """A lesson with one line for each pupil whose month is still open."""

    topic = forms.CharField(label="Тема", max_length=300, required=False)
    homework = forms.CharField(
        label="Домашнее задание", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    work_type = forms.ChoiceField(label="Вид работы", choices=WorkType.choices)
    seen_plan = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: QueryDict | None, *, lesson: Lesson, lines: list[LessonLine], may_mark: bool) -> None:
        plan = plan_of(lesson)
        initial = {**plan, "seen_plan": seen_of(plan)}
        super().__init__(data, initial=initial)
        self.lines = lines
        self.may_mark = may_mark
        for line in self.open_lines:
            pk, name = line.enrolment.pk, line.enrolment.student.short_name
            mark, letters = _parts(line)
            self.fields[f"mark_{pk}"] = forms.ChoiceField(
                label=f"Отметка: {name}",
                choices=MARKS,
                required=False,
                initial=mark,
                widget=forms.Select(attrs={"class": "form-select form-select-sm", "aria-label": f"Отметка: {name}"}),
            )
            self.fields[f"code_{pk}"] = forms.ChoiceField(
                label=f"Посещаемость: {name}",
                choices=LETTERS,
                required=False,
                initial=letters,
                widget=forms.RadioSelect,
            )
            self.fields[f"seen_{pk}"] = forms.CharField(
                required=False, initial=line.cell.text, widget=forms.HiddenInput, strip=False
            )

    @property
    def open_lines(self) -> list[LessonLine]:
        return [line for line in self.lines if not line.sealed] if self.may_mark else []

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each line with its fields, None where it cannot be changed."""
        for line in self.lines:
            pk = line.enrolment.pk
            fields = {name: self[f"{name}_{pk}"] for name in ("mark", "code", "seen") if f"{name}_{pk}" in self.fields}
            yield {"line": line, **fields}

    def cells(self) -> dict[int, CellChange]:
        """Return what was typed for each pupil, by enrolment id."""
        data = self.cleaned_data
        return {
            pk: CellChange(value=f"{data[f'mark_{pk}']} {data[f'code_{pk}']}".strip(), seen=data[f"seen_{pk}"])
            for pk in (line.enrolment.pk for line in self.open_lines)
        }

    def see_again(self, lesson: Lesson, lines: list[LessonLine]) -> None:
        """Take the values of `lesson` and `lines` as seen now; what was typed stays. For a page after a conflict."""
        plan = plan_of(lesson)
        add_differences(self, plan, seen=self.cleaned_data.get("seen_plan", ""))
        data = self.data.copy()
        data["seen_plan"] = seen_of(plan)
        for line in lines:
            data[f"seen_{line.enrolment.pk}"] = line.cell.text
        self.data = data


def _parts(line: LessonLine) -> tuple[str, str]:
    code = line.cell.code
    return str(line.cell.mark or ""), ATTENDANCE_LETTERS[code] if code else ""


class CellForm(forms.Form):
    """One cell as the grid sends it; the value itself is judged by the service."""

    lesson = forms.IntegerField(min_value=1)
    enrolment = forms.IntegerField(min_value=1)
    value = forms.CharField(required=False, max_length=100, strip=False)
    seen = forms.CharField(required=False, max_length=100, strip=False)


class CancelForm(forms.Form):
    reason = forms.CharField(label="Причина отмены", max_length=300)
