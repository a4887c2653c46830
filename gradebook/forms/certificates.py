"""What people send about certificates of learning."""

from __future__ import annotations

from django import forms

from network_portal.common.forms import DateField, TextField


class CertificateReasonForm(forms.Form):
    """Why a certificate is returned or annulled."""

    reason = TextField(label="Причина", max_length=300)


class HandOutForm(forms.Form):
    """A line of the issue book."""

    on = DateField(label="День выдачи")
    received_by = forms.CharField(
        label="Кто получил и расписался",
        max_length=280,
        help_text="Фамилия, имя, отчество обучающегося или представителя; если по доверенности, её номер и дата.",
    )


class PrepareForm(forms.Form):
    """Whose certificate is prepared; empty for everybody who is ready."""

    enrolment = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
