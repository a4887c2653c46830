"""The word of another representative, and that of the pupil."""

from __future__ import annotations

from django import forms

from network_portal.common.forms import DateField, TextField


class ObjectionForm(forms.Form):
    reason = TextField(label="Против чего вы возражаете", max_length=400)


class PupilWordForm(forms.Form):
    paper = forms.CharField(
        label="Что подписал обучающийся",
        max_length=200,
        help_text="Например: подтверждение к согласию, подписано лично в школе.",
    )
    signed_on = DateField(label="Дата подписи")
