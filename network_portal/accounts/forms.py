"""What a person tells about themselves at sign-up, beside the e-mail and the password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest

from network_portal.accounts.enums import Gender
from network_portal.common.russian import guess_gender

name_validator = RegexValidator(r"^[А-ЯЁа-яё][А-ЯЁа-яё \-’']*$", "Пишите русскими буквами, можно через дефис.")
phone_validator = RegexValidator(r"^\+?[0-9 ()\-]{5,30}$", "Укажите телефон цифрами, например +7 900 000-00-00.")


class SignupNameForm(forms.Form):
    """The name and telephone of a new account; allauth adds the e-mail and the password.

    The gender, which the papers need to decline a name, follows from the name; it is asked only when it does not.
    """

    last_name = forms.CharField(label="Фамилия", max_length=100, validators=[name_validator])
    first_name = forms.CharField(label="Имя", max_length=100, validators=[name_validator])
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False, validators=[name_validator])
    gender = forms.ChoiceField(label="Пол", choices=Gender, required=False, widget=forms.HiddenInput)
    phone = forms.CharField(label="Телефон", max_length=30, required=False, validators=[phone_validator])

    field_order = ["last_name", "first_name", "patronymic", "gender", "email", "phone", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, token in {
            "last_name": "family-name",
            "first_name": "given-name",
            "patronymic": "additional-name",
            "phone": "tel",
        }.items():
            self.fields[name].widget.attrs["autocomplete"] = token
        self.fields["phone"].widget.input_type = "tel"

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        guess = guess_gender(cleaned.get("first_name", ""), cleaned.get("patronymic", ""))
        if guess:
            cleaned["gender"] = guess
        elif "first_name" in cleaned:
            field = self.fields["gender"]
            field.widget = forms.RadioSelect(choices=Gender.choices)
            if not cleaned.get("gender"):
                self.add_error(
                    "gender", "Укажите пол: по имени его не определить, а он нужен для склонения в документах."
                )
        return cleaned

    def signup(self, request: HttpRequest, user: Any) -> None:
        """Save the account with its whole name; allauth calls this once all fields are valid."""
        for name in ("last_name", "first_name", "patronymic", "gender", "phone"):
            setattr(user, name, self.cleaned_data[name])
        user.save()
