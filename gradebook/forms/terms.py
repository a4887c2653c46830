"""What the teacher sends from the page of final marks."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from gradebook.attestation import final_values
from gradebook.cells import NO_MARK, mark_text
from gradebook.selectors.terms import TermPage, TermRow, seen_term
from gradebook.services.terms import TermEdit, TermRefusalError


class TermForm(forms.Form):
    """A final mark and a reason for each pupil of a term; `take` fills empty marks with what is proposed."""

    def __init__(self, data: QueryDict | None, *, page: TermPage, take: bool = False) -> None:
        super().__init__(data)
        self.page = page
        values = [("", NO_MARK), *((str(value), mark_text(value)) for value in final_values(page.policy))]
        for row in page.rows:
            if not row.studied or row.card:
                continue
            pk, name = row.enrolment.pk, row.enrolment.student.short_name
            there = row.mark(page.shown.term)
            value = there.value if there else row.standing.proposal.value if take else None
            self.fields[f"value_{pk}"] = forms.TypedChoiceField(
                choices=values,
                coerce=int,
                empty_value=None,
                required=False,
                initial="" if value is None else str(value),
                widget=forms.Select(
                    attrs={"class": "form-select form-select-sm", "aria-label": f"Итоговая отметка: {name}"}
                ),
            )
            self.fields[f"reason_{pk}"] = forms.CharField(
                max_length=300,
                required=False,
                initial=there.reason if there else "",
                widget=forms.TextInput(
                    attrs={"class": "form-control form-control-sm", "aria-label": f"Причина: {name}"}
                ),
            )
            self.fields[f"seen_{pk}"] = forms.CharField(
                required=False, initial=seen_term(there), widget=forms.HiddenInput, strip=False
            )

    def fields_of(self, row: TermRow) -> dict[str, forms.BoundField]:
        """Return the fields of a line; none for who did not study then or is on a signed card."""
        names = ("value", "reason", "seen") if row.studied and not row.card else ()
        return {name: self[f"{name}_{row.enrolment.pk}"] for name in names}

    def edits(self) -> dict[int, TermEdit]:
        """Return what was typed by enrolment id; only of a valid form."""
        data = self.cleaned_data
        return {
            row.enrolment.pk: TermEdit(
                data[f"value_{row.enrolment.pk}"], data[f"reason_{row.enrolment.pk}"], data[f"seen_{row.enrolment.pk}"]
            )
            for row in self.page.rows
            if row.studied and not row.card
        }

    def see_again(self, page: TermPage) -> None:
        """Take the marks of `page` as seen now, and say beside each that has changed what stands there."""
        data = self.data.copy()
        for row in page.rows:
            name, there = f"seen_{row.enrolment.pk}", row.mark(page.shown.term)
            if name in self.fields and data.get(name, "") != seen_term(there):
                data[name] = seen_term(there)
                self.add_error(f"value_{row.enrolment.pk}", f"Сейчас стоит: {there.text if there else 'ничего'}.")
        self.data = data

    def refuse(self, refusal: TermRefusalError) -> None:
        """Show each sentence beside its pupil."""
        for pk, message in refusal.errors.items():
            self.add_error(f"reason_{pk}", message)
