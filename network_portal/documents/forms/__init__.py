"""Input for signatures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from network_portal.accounts.models import User
from network_portal.common.dates import ru_day
from network_portal.common.errors import RuleError
from network_portal.common.forms import DateField
from network_portal.documents.enums import SignatureKind
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.selectors import current_version
from network_portal.documents.uploads import SCANS, SIGNATURES, Upload, check_detached_signature, check_scan

#: The choice of somebody who is not among those entitled: then a power of attorney is named.
BY_POWER = "power"
NAMED = "named"
POWER_WORDS = {
    "signer_name": "Укажите, кто подписал по доверенности.",
    "power_number": "Укажите номер доверенности.",
    "power_issued_on": "Укажите дату доверенности.",
    "power_valid_until": "Укажите, по какой день действует доверенность.",
}


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

    def signed_in(self, request: HttpRequest) -> dict[str, Any]:
        """Return what a valid form gives to a service that signs: the version seen, the proof, the address."""
        agent = request.headers.get("User-Agent", "")[:300]
        proof = Proof(self.cleaned_data["password"], self.cleaned_data["code"], agent)
        ip = request.META.get("REMOTE_ADDR", "")
        return {"version_sha256": self.cleaned_data["version_sha256"], "proof": proof, "ip": ip}

    @classmethod
    def of(cls, document: Document) -> SignForm:
        """Return an empty form for the current version of `document`."""
        return cls(initial={"version_sha256": current_version(document).sha256})

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        return helper


def returned_in(request: HttpRequest, form: forms.Form) -> dict[str, Any]:
    """Return what a valid form of a reason gives to a service that returns a paper: the reason and the version seen."""
    return {"reason": form.cleaned_data["reason"], "version_sha256": request.POST.get("version_sha256") or None}


def forms_to_sign(document: Document, sign: SignForm | None, reason: forms.Form) -> dict[str, object]:
    """Return the forms of a page on which `document` is signed or returned; `sign` is one that was refused."""
    fresh = SignForm.of(document)
    return {"form": sign or fresh, "version": fresh.initial["version_sha256"], "reason": reason}


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
    signed_on = DateField(label="Дата подписи", help_text="Та, что стоит рядом с подписью.")
    signer = forms.ChoiceField(
        label="Кто подписал",
        widget=forms.RadioSelect,
        help_text="Названы те, кто вправе подписать здесь в этот день.",
    )
    signer_name = forms.CharField(
        label="Представитель по доверенности",
        max_length=300,
        required=False,
        help_text="Только если подписал другой человек: фамилия, имя, отчество полностью, как на бумаге.",
    )
    power_number = forms.CharField(label="Номер его доверенности", max_length=50, required=False)
    power_issued_on = DateField(label="Дата доверенности", required=False)
    power_valid_until = DateField(label="Доверенность действует по", required=False)
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

    def __init__(
        self,
        *args: Any,
        entitled: Callable[[date], list[User]],
        today: date,
        sum16: str,
        named: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entitled, self.named = entitled, named
        self.fields["same"].label = f"На подписанном документе внизу страницы напечатана контрольная сумма {sum16}"
        self.people = {str(user.pk): user for day in (self._day() or today, today) for user in entitled(day)}
        cast(forms.ChoiceField, self.fields["signer"]).choices = [
            *((key, user.full_name) for key, user in self.people.items()),
            *([(NAMED, named)] if named else []),
            (BY_POWER, "Другой человек, по доверенности"),
        ]
        self.initial.setdefault("signer", next(iter(self.people), NAMED if named else BY_POWER))

    def _day(self) -> date | None:
        """Return the typed date of the signature: who was entitled then may be chosen, too."""
        try:
            day: date | None = self.fields["signed_on"].clean(self.data.get("signed_on"))
        except forms.ValidationError:
            return None
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("signer") == BY_POWER:
            self._check_power(data)
        elif (
            (who := data.get("signer"))
            and who != NAMED
            and (day := data.get("signed_on"))
            and self.people[who] not in self.entitled(day)
        ):
            self.add_error("signer", f"На {ru_day(day)} этот человек не вправе подписывать: проверьте дату.")
        qualified = data.get("kind") == SignatureKind.QUALIFIED
        if file := data.get("file"):
            try:
                data["file"] = looked_at(check_detached_signature if qualified else check_scan, file)
            except forms.ValidationError as refusal:
                self.add_error("file", refusal)
        if qualified and not data.get("original") and "original" not in self.errors:
            self.add_error("original", "Приложите файл, который подписан: без него подпись нельзя проверить.")
        return data

    def _check_power(self, data: dict[str, Any]) -> None:
        for name, words in POWER_WORDS.items():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        day, first, last = (data.get(name) for name in ("signed_on", "power_issued_on", "power_valid_until"))
        if day and first and last and not first <= day <= last:
            self.add_error(
                "power_valid_until", f"На {ru_day(day)}, когда поставлена подпись, доверенность не действует."
            )

    @property
    def signed(self) -> dict[str, Any]:
        """What a valid form gives to a service that signs: the version that was printed, and the proof."""
        data = self.cleaned_data
        signer, named = self.people.get(data["signer"]), data["signer"] == NAMED
        other = self.named if named else " ".join(data["signer_name"].split())
        qualified = data["kind"] == SignatureKind.QUALIFIED
        proof = SignedElsewhere(
            signer_name=signer.full_name if signer else other,
            signed_on=data["signed_on"],
            file=data["file"],
            original=data["original"] if qualified else None,
            kind=SignatureKind(data["kind"]),
            signer=signer,
            basis="" if signer or named else self._power(),
        )
        return {"version_sha256": data["version_sha256"], "proof": proof}

    def _power(self) -> str:
        data = self.cleaned_data
        number = " ".join(data["power_number"].split())
        return (
            f"по доверенности №\u00a0{number} от {data['power_issued_on']:%d.%m.%Y}, "
            f"действует по {data['power_valid_until']:%d.%m.%Y}"
        )
