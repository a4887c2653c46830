"""The wish that a pupil leave a group."""

from __future__ import annotations

from django import forms

from network_portal.common.forms import DateField, TextField
from network_portal.documents.forms import ScanField


class LeaveForm(forms.Form):
    """The wish that the pupil leave the group."""

    last_day = DateField(label="Последний день занятий")
    reason = TextField(
        label="Причина", max_length=300, required=False, help_text="Можно не указывать. Не пишите сведений о здоровье."
    )


class PaperLeaveForm(LeaveForm):
    """The same from a paper that the family has signed."""

    signed_on = DateField(label="Дата подписи")
    scan = ScanField(label="Скан заявления", help_text="PDF, JPEG или PNG до 10 МБ.")
