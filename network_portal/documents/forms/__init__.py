"""Input for signatures."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.files.uploadedfile import UploadedFile

from network_portal.accounts.models import User
from network_portal.common.errors import RuleError
from network_portal.common.forms import DateField
from network_portal.documents.enums import SignatureKind
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import current_version
from network_portal.documents.uploads import SCANS, SIGNATURES, Upload, check_detached_signature, check_scan


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


class ScanField(forms.FileField):
    """A scan of a paper; what the file really is, is looked at before anything else sees it."""

    widget = forms.ClearableFileInput(attrs={"accept": ",".join(SCANS)})
    default_error_messages = {"required": "Приложите файл.", "empty": "Файл пуст. Отсканируйте бумагу ещё раз."}

    def clean(self, data: Any, initial: Any = None) -> Upload | None:
        file: UploadedFile[Any] | None = super().clean(data, initial)
        return looked_at(check_scan, file) if file else None


def looked_at(check: Any, file: UploadedFile[Any]) -> Upload:
    """Return what a check of `uploads` says of a file; its refusal as one of the form."""
    try:
        upload: Upload = check(file.name or "", file.read())
    except RuleError as refusal:
        raise forms.ValidationError(refusal.message) from refusal
    return upload


class SignedElsewhereForm(forms.Form):
    """A signature that was made on paper, or by a qualified certificate in another program."""

    version_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    kind = forms.ChoiceField(
        label="Как подписано",
        widget=forms.RadioSelect,
        choices=[
            (SignatureKind.HAND.value, "На бумаге, собственноручно"),
            (SignatureKind.QUALIFIED.value, "Усиленной квалифицированной подписью в другой программе"),
        ],
        initial=SignatureKind.HAND.value,
    )
    signer_name = forms.CharField(
        label="Кто подписал", max_length=300, help_text="Фамилия, имя, отчество полностью, как на бумаге."
    )
    signed_on = DateField(label="Дата подписи", help_text="Та, что стоит рядом с подписью.")
    file = forms.FileField(
        label="Скан подписанного документа или файл подписи",
        help_text="Скан: PDF, JPEG или PNG до 10 МБ. Файл квалифицированной подписи: .sig или .p7s.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join([*SCANS, *sorted(SIGNATURES)])}),
        error_messages={"required": "Приложите файл.", "empty": "Файл пуст. Отсканируйте бумагу ещё раз."},
    )
    original = ScanField(
        label="Файл, который подписан",
        required=False,
        help_text="Только для квалифицированной подписи: тот самый PDF, без него подпись нельзя проверить.",
    )
    same = forms.BooleanField(
        label="Подписана эта редакция",
        error_messages={"required": "Сверьте контрольную сумму на подписанном документе с указанной здесь."},
    )

    def __init__(self, *args: Any, people: list[User], sum16: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["same"].label = f"На подписанном документе внизу страницы напечатана контрольная сумма {sum16}"
        if len(people) == 1:
            self.initial.setdefault("signer_name", people[0].full_name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        qualified = data.get("kind") == SignatureKind.QUALIFIED
        if file := data.get("file"):
            try:
                data["file"] = looked_at(check_detached_signature if qualified else check_scan, file)
            except forms.ValidationError as refusal:
                self.add_error("file", refusal)
        if qualified and not data.get("original") and "original" not in self.errors:
            self.add_error("original", "Приложите файл, который подписан: без него подпись нельзя проверить.")
        return data

    @property
    def signed(self) -> dict[str, Any]:
        """What a valid form gives to a service that signs: the version that was printed, and the proof."""
        data = self.cleaned_data
        name = " ".join(data["signer_name"].split())
        qualified = data["kind"] == SignatureKind.QUALIFIED
        proof = SignedElsewhere(
            signer_name=name,
            signed_on=data["signed_on"],
            file=data["file"],
            original=data["original"] if qualified else None,
            kind=SignatureKind(data["kind"]),
            signer=next((user for user in self.people if user.full_name == name), None),
        )
        return {"version_sha256": data["version_sha256"], "proof": proof}
