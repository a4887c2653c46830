"""Input of the public check of a paper."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from network_portal.documents.kinds import all_kinds


class _CheckForm(forms.Form):
    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        return helper


class CheckForm(_CheckForm):
    """The code printed beside the QR code of a paper."""

    code = forms.CharField(
        label="Код проверки",
        max_length=40,
        help_text="Напечатан рядом с QR-кодом документа: четыре группы по четыре знака.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


def _kinds() -> list[tuple[str, str]]:
    kinds = sorted((kind.title, kind.code) for kind in all_kinds())
    return [("", "Выберите вид"), *((code, title) for title, code in kinds)]


class CheckByNumberForm(_CheckForm):
    """What tells a paper without its code: a number repeats in every organisation, kind and year."""

    kind = forms.ChoiceField(label="Вид документа", choices=_kinds)
    number = forms.IntegerField(
        label="Номер",
        min_value=1,
        max_value=2_000_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    on = forms.DateField(label="Дата документа", widget=forms.DateInput(attrs={"type": "date"}))
    organisation = forms.CharField(
        label="Организация",
        max_length=300,
        help_text="Полное или краткое наименование, как оно напечатано в документе.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class CheckFileForm(forms.Form):
    """The hash of a file that the browser has computed, or the file itself where the browser cannot."""

    FILE_LIMIT = 10 * 1024 * 1024

    file = forms.FileField(
        label="Файл документа (PDF)",
        error_messages={"required": "Выберите файл документа."},
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)
    printed_code = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not self.data.get("sha256")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file and file.size > self.FILE_LIMIT:
            self.add_error("file", "Файл больше 10 МБ: портал таких документов не выдаёт.")
        return cleaned
