"""What people send to the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from courses.enums import WorkType
from courses.models import ThematicRow
from courses.policies import Policy
from gradebook.cells import NO_MARK, mark_text
from gradebook.enums import ATTENDANCE_LETTERS, LATEST_MINUTES, MOST_WORKS, SCALE_VALUES, AttendanceCode
from gradebook.models import Lesson, Work
from gradebook.selectors.lessons import LessonLine, plan_of
from gradebook.services.journal import CellChange, PlannedTopic, WorkPlan
from network_portal.common.forms import add_differences, offer
from network_portal.common.seen import seen_of

LETTERS = [("", "есть"), *((letters, letters) for letters in ATTENDANCE_LETTERS.values())]
SMALL = {"class": "form-select form-select-sm"}


class LessonForm(forms.Form):
    """A lesson with its works and one line for each pupil whose month is still open.

    The fields of a work end with its number: `kind_1`; those of a pupil with the enrolment's id: `code_7`. A mark is
    `mark_7` for the first work and `mark_7_2` for the second.
    """

    plan_row = forms.TypedChoiceField(
        label="Тема по плану",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Если тему ниже не писать, возьмётся эта.",
    )
    topic = forms.CharField(label="Тема", max_length=300, required=False)
    homework = forms.CharField(
        label="Домашнее задание", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    reason = forms.CharField(label="Почему исправлены отметки", max_length=300, required=False)
    seen_plan = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        lesson: Lesson,
        works: list[Work],
        count: int,
        policy: Policy,
        lines: list[LessonLine],
        may_mark: bool,
        topics: Sequence[ThematicRow] = (),
        next_topic: int | None = None,
    ) -> None:
        plan = plan_of(lesson, works)
        initial = {**plan, "seen_plan": seen_of(plan), "plan_row": plan["plan_row"] or next_topic}
        super().__init__(data, initial=initial)
        self._offer_topics(topics, next_topic)
        self.lines = lines
        self.may_mark = may_mark
        self.numbers = range(1, max(1, len(works), min(count, MOST_WORKS)) + 1)
        kinds = [(kind.value, kind.label) for kind in WorkType if kind in policy.weights]
        kinds += [(work.kind, work.get_kind_display()) for work in works if WorkType(work.kind) not in policy.weights]
        for no in self.numbers:
            self._add_work(no, kinds)
        texts = [mark_text(value) for value in reversed(SCALE_VALUES[policy.scale])]
        marks = [("", NO_MARK), *((text, text) for text in texts)]
        for line in self.open_lines:
            self._add_line(line, marks)

    def _offer_topics(self, topics: Sequence[ThematicRow], next_topic: int | None) -> None:
        """Offer the topics of the thematic plan, the next one chosen; without a plan the field is left out."""
        if not topics:
            del self.fields["plan_row"]
            return
        rows = [(row.pk, f"{row.number}. {row.topic} ({row.hours} ч)") for row in topics]
        offer(self, "plan_row", choices=[("", "вне плана"), *rows])
        following = next((row.topic for row in topics if row.pk == next_topic), "")
        if following:
            self.fields["topic"].widget.attrs["placeholder"] = following

    def planned_topic(self) -> PlannedTopic | None:
        """Return the topic that was chosen; None where the programme has no plan."""
        return PlannedTopic(self.cleaned_data["plan_row"]) if "plan_row" in self.fields else None

    def _add_work(self, no: int, kinds: list[tuple[str, str]]) -> None:
        label = "Вид работы" if len(self.numbers) == 1 else f"Вид работы {no}"
        self.fields[f"kind_{no}"] = forms.ChoiceField(label=label, choices=kinds)
        self.fields[f"title_{no}"] = forms.CharField(label="Название работы", max_length=200, required=False)
        self.fields[f"criteria_{no}"] = forms.CharField(
            label="Критерии",
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="За что какая отметка: увидят обучающиеся и их школы.",
        )
        self.fields[f"whole_class_{no}"] = forms.BooleanField(
            label="Проверочная для всей группы, 30 минут и дольше", required=False
        )

    def _add_line(self, line: LessonLine, marks: list[tuple[str, str]]) -> None:
        pk, name = line.enrolment.pk, line.enrolment.student.short_name
        for no in self.numbers:
            value = line.cell.mark(no)
            label = f"Отметка: {name}" if len(self.numbers) == 1 else f"Отметка за работу {no}: {name}"
            self.fields[_mark_name(pk, no)] = forms.ChoiceField(
                label=label,
                choices=marks,
                required=False,
                initial="" if value is None else mark_text(value),
                widget=forms.Select(attrs={**SMALL, "aria-label": label}),
            )
        code = line.cell.code
        self.fields[f"code_{pk}"] = forms.ChoiceField(
            label=f"Посещаемость: {name}",
            choices=LETTERS,
            required=False,
            initial=ATTENDANCE_LETTERS[code] if code else "",
            widget=forms.RadioSelect,
        )
        self.fields[f"late_{pk}"] = forms.IntegerField(
            label=f"Опоздание, минут: {name}",
            required=False,
            min_value=1,
            max_value=LATEST_MINUTES,
            initial=line.cell.minutes,
            widget=forms.NumberInput(
                attrs={
                    "class": "form-control form-control-sm roll-late",
                    "aria-label": f"Опоздание, минут: {name}",
                    "placeholder": "минут",
                }
            ),
        )
        self.fields[f"seen_{pk}"] = forms.CharField(
            required=False, initial=line.cell.text, widget=forms.HiddenInput, strip=False
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        late = ATTENDANCE_LETTERS[AttendanceCode.LATE]
        for line in self.open_lines:
            pk = line.enrolment.pk
            if data.get(f"late_{pk}") and data.get(f"code_{pk}") != late:
                self.add_error(f"late_{pk}", f"Минуты указываются вместе с «{late}».")
        return data

    @property
    def open_lines(self) -> list[LessonLine]:
        return [line for line in self.lines if not line.sealed] if self.may_mark else []

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each line with its fields, None where it cannot be changed."""
        for line in self.lines:
            pk = line.enrolment.pk
            fields = {name: self[f"{name}_{pk}"] for name in ("code", "late", "seen") if f"{name}_{pk}" in self.fields}
            marks = [self[_mark_name(pk, no)] for no in self.numbers] if fields else []
            yield {"line": line, "marks": marks, **fields}

    def work_fields(self) -> list[dict[str, Any]]:
        """Return the fields of each work."""
        names = ("kind", "title", "criteria", "whole_class")
        return [{"no": no, **{name: self[f"{name}_{no}"] for name in names}} for no in self.numbers]

    def works(self) -> list[WorkPlan]:
        """Return what was typed for each work."""
        data = self.cleaned_data
        return [
            WorkPlan(
                WorkType(data[f"kind_{no}"]), data[f"title_{no}"], data[f"criteria_{no}"], data[f"whole_class_{no}"]
            )
            for no in self.numbers
        ]

    def cells(self) -> dict[int, CellChange]:
        """Return what was typed for each pupil, by enrolment id."""
        return {line.enrolment.pk: self._cell(line.enrolment.pk) for line in self.open_lines}

    def _cell(self, pk: int) -> CellChange:
        data = self.cleaned_data
        marks = "/".join(data[_mark_name(pk, no)] or NO_MARK for no in self.numbers)
        code = f"{data[f'code_{pk}']}{data[f'late_{pk}'] or ''}"
        return CellChange(value=f"{marks} {code}".strip(), seen=data[f"seen_{pk}"])

    def see_again(self, lesson: Lesson, works: list[Work], lines: list[LessonLine]) -> None:
        """Take the values of the lesson as seen now; what was typed stays. For a page after a conflict."""
        plan = plan_of(lesson, works)
        add_differences(self, plan, seen=self.cleaned_data.get("seen_plan", ""))
        data = self.data.copy()
        data["seen_plan"] = seen_of(plan)
        for line in lines:
            data[f"seen_{line.enrolment.pk}"] = line.cell.text
        self.data = data


def _mark_name(pk: int, no: int) -> str:
    return f"mark_{pk}" if no == 1 else f"mark_{pk}_{no}"


class CancelForm(forms.Form):
    reason = forms.CharField(label="Причина отмены", max_length=300)
