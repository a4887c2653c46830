"""Input that several pages ask for."""

from __future__ import annotations

from django import forms

from network_portal.common.forms import TextField


class ReasonForm(forms.Form):
    reason = TextField(
        label="Причина",
        max_length=500,
        help_text="Её увидит семья. Не пишите сведений о здоровье.",
        error_messages={"required": "Укажите причину."},
    )


class ReturnForm(forms.Form):
    """The director's reason for not signing."""

    reason = TextField(
        label="Причина",
        max_length=500,
        help_text="Её увидят те, кто готовил документ.",
        error_messages={"required": "Укажите причину."},
    )
