"""Input that several pages ask for."""

from __future__ import annotations

from django import forms

from network_portal.common.forms import TextField


class ReasonForm(forms.Form):
    """The reason of a refusal, a suspension, an end."""

    reason = TextField(label="Причина", max_length=300)
