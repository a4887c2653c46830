"""Input for signatures and for the public check."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof
from network_portal.documents.selectors import current_version


class SignForm(forms.Form):
    """The password and the version that the signer saw; shown by `ui/sign_form.html`."""

    version_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    password = forms.CharField(
        label="Ваш пароль",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Тот же, с которым вы входите в портал. Он заменяет собственноручную подпись.",
    )

    code = forms.CharField(
        label="Код из письма",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        help_text="Шесть цифр, действует 10 минут.",
    )

    @property
    def signed(self) -> dict[str, Any]:
        """What a valid form gives to a service that signs: the version seen and the proof."""
        proof = Proof(self.cleaned_data["password"], self.cleaned_data["code"])
        return {"version_sha256": self.cleaned_data["version_sha256"], "proof": proof}

    @classmethod
    def of(cls, document: Document) -> SignForm:
        """Return an empty form for the current version of `document`."""
        return cls(initial={"version_sha256": current_version(document).sha256})

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        return helper


class CheckForm(forms.Form):
    """The code printed beside the QR code of a paper."""

    code = forms.CharField(
        label="Код проверки",
        max_length=40,
        help_text="Напечатан рядом с QR-кодом документа: четыре группы по четыре знака.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        return helper
