"""What the grid and the roll call send: many cells at once, as JSON in one field."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django import forms

from gradebook.services.cells import CellEdit

#: In place of a pupil: the roll call of the whole lesson.
PRESENT = 0
LONGEST_ID = 2**63 - 1
MOST_SENT = 2000
#: The longest value of a cell or a comment that the service is asked to judge.
LONGEST_TEXT = 500
LONGEST_REASON = 300


@dataclass(frozen=True)
class SentCell:
    """One entry of the browser's queue."""

    edit: CellEdit
    reason: str
    is_comment: bool = False

    @property
    def is_roll_call(self) -> bool:
        return self.edit.enrolment == PRESENT


class CellsForm(forms.Form):
    """Cells in the order of the browser's queue; what is typed in them is judged by the service."""

    cells = forms.CharField(max_length=2_000_000, strip=False)
    period = forms.CharField(max_length=10, required=False)

    def clean_cells(self) -> list[SentCell]:
        try:
            sent = json.loads(self.cleaned_data["cells"])
            if not isinstance(sent, list) or len(sent) > MOST_SENT:
                raise ValueError
            return [_sent(one) for one in sent]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise forms.ValidationError("Запрос не понят. Обновите страницу и повторите.") from None


def _sent(one: Any) -> SentCell:
    edit = CellEdit(
        lesson=_number(one["lesson"], 1),
        enrolment=_number(one["enrolment"], PRESENT),
        value=_text(one["value"], LONGEST_TEXT),
        seen=_text(one["seen"], LONGEST_TEXT),
    )
    return SentCell(edit, _text(one.get("reason", ""), LONGEST_REASON), one.get("comment", False) is True)


def _number(value: Any, least: int) -> int:
    if type(value) is not int or not least <= value <= LONGEST_ID:
        raise ValueError
    return value


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise ValueError
    return value
