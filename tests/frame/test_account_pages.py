"""Sign-in, sign-up and the rest of a person's own account: every page and letter is there, and in Russian."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from network_portal.accounts.enums import Gender
from network_portal.accounts.forms import SignupNameForm
from network_portal.accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.schools import sign_in
from tests.frame.reading import english_words

pytestmark = pytest.mark.django_db

NEW = "Горизонт-пятнадцать-лодок"
SIGNUP = {
    "last_name": "Петрова-Водкина",
    "first_name": "Анна",
    "patronymic": "Ильинична",
    "email": "anna@family.example",
    "phone": "+7 900 111-22-33",
    "password1": NEW,
    "password2": NEW,
}


def account(email: str = "person@school.example") -> User:
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@pytest.mark.parametrize(
    "name",
    [
        "index",
        "account_login",
        "account_signup",
        "account_inactive",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_email_verification_sent",
    ],
)
def test_page_for_guests(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert english_words(response.text) == []


@pytest.mark.parametrize(
    "name", ["account_email", "account_change_password", "account_logout", "account_reauthenticate", "notice_list"]
)
def test_page_for_signed_in(client: Client, name: str) -> None:
    response = sign_in(client, account()).get(reverse(name))
    assert response.status_code == 200
    assert english_words(response.text) == []


def test_password_set_page_for_an_account_without_password(client: Client) -> None:
    user = account()
    user.set_unusable_password()
    user.save()
    response = sign_in(client, user).get(reverse("account_set_password"))
    assert response.status_code == 200
    assert english_words(response.text) == []


@pytest.mark.parametrize("template", ["verified_email_required", "signup_closed"])
def test_page_that_only_a_setting_shows(client: Client, template: str) -> None:
    request = client.get(reverse("account_login")).wsgi_request
    assert english_words(render_to_string(f"account/{template}.html", {}, request)) == []


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_empty_form_is_refused_in_russian(client: Client, name: str) -> None:
    response = client.post(reverse(name), {})
    assert english_words(response.text) == []
    assert "Проверьте, пожалуйста, введённые данные" in response.text


def test_wrong_password_is_refused_in_russian(client: Client) -> None:
    account()
    response = client.post(reverse("account_login"), {"login": "person@school.example", "password": "не тот"})
    assert english_words(response.text) == []
    assert "Указанные вами адрес электронной почты и/или пароль неверны." in response.text


def test_sign_in_leads_home(client: Client) -> None:
    account()
    response = client.post(reverse("account_login"), {"login": "person@school.example", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, reverse("home"))


@override_settings(PORTAL_NAME="Школы Перми")
def test_signup_keeps_the_whole_name_and_sends_a_letter(client: Client) -> None:
    response = client.post(reverse("account_signup"), SIGNUP)
    assert (response.status_code, response["Location"]) == (302, reverse("account_email_verification_sent"))
    user = User.objects.get(email="anna@family.example")
    assert (user.full_name, user.gender, user.phone) == (
        "Петрова-Водкина Анна Ильинична",
        Gender.FEMALE,
        "+7 900 111-22-33",
    )
    assert [letter.subject for letter in mail.outbox] == ["Подтвердите регистрацию на портале"]
    assert "Портал «Школы Перми»" in mail.outbox[0].body


def test_confirmation_page_and_first_sign_in(client: Client) -> None:
    client.post(reverse("account_signup"), SIGNUP)
    link = next(line for line in mail.outbox[0].body.splitlines() if "confirm-email" in line)
    page = client.get(link)
    assert page.status_code == 200
    assert english_words(page.text) == []
    assert client.post(link).status_code == 302
    assert EmailAddress.objects.get(email="anna@family.example").verified is True


def test_confirmation_page_of_a_bad_link(client: Client) -> None:
    response = client.get(reverse("account_confirm_email", args=["stale"]))
    assert response.status_code == 200
    assert english_words(response.text) == []


def test_signup_form_asks_gender_when_the_name_does_not_tell() -> None:
    form = SignupNameForm({"last_name": "Ким", "first_name": "Саша"})
    assert form.is_valid() is False
    assert list(form.errors) == ["gender"]
    assert form["gender"].is_hidden is False


def test_signup_form_takes_the_gender_told() -> None:
    form = SignupNameForm({"last_name": "Ким", "first_name": "Саша", "gender": "f"})
    assert form.is_valid() is True
    assert form.cleaned_data["gender"] == Gender.FEMALE


@pytest.mark.parametrize("bad", ["Anna", "Анна1", "<b>", "-Анна"])
def test_signup_form_refuses_a_name_not_in_russian_letters(bad: str) -> None:
    form = SignupNameForm({"last_name": "Ким", "first_name": bad, "gender": "f"})
    assert form.errors == {"first_name": ["Пишите русскими буквами, можно через дефис."]}


def test_signup_with_a_known_address_tells_only_its_owner(client: Client) -> None:
    account("anna@family.example")
    response = client.post(reverse("account_signup"), SIGNUP)
    assert (response.status_code, response["Location"]) == (302, reverse("account_email_verification_sent"))
    assert [letter.subject for letter in mail.outbox] == ["Учётная запись с этим адресом уже есть"]


def test_password_reset_from_letter_to_new_password(client: Client) -> None:
    account()
    client.post(reverse("account_reset_password"), {"email": "person@school.example"})
    link = next(line for line in mail.outbox[0].body.splitlines() if "/reset/key/" in line)
    page = client.get(link, follow=True)
    assert english_words(page.text) == []
    done = client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW}, follow=True)
    assert done.status_code == 200
    assert english_words(done.text) == []
    assert User.objects.get().check_password(NEW) is True


def test_password_reset_link_used_twice_says_what_to_do(client: Client) -> None:
    response = client.get(reverse("account_reset_password_from_key", args=["1", "stale"]))
    assert english_words(response.text) == []
    assert "Запросить новую ссылку" in response.text


def test_password_reset_of_an_unknown_address_tells_only_its_owner(client: Client) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "stranger@family.example"})
    assert response["Location"] == reverse("account_reset_password_done")
    assert [letter.subject for letter in mail.outbox] == ["Учётной записи с этим адресом нет"]


LETTERS = sorted(path.name for path in (Path(settings.BASE_DIR) / "templates/account/email").glob("*.txt"))


@pytest.mark.parametrize("name", LETTERS)
def test_letter_is_russian(name: str) -> None:
    text = render_to_string(
        f"account/email/{name}",
        {
            "email": "a@family.example",
            "activate_url": "http://testserver/confirm",
            "password_reset_url": "http://testserver/reset",
            "signup_url": "http://testserver/signup",
            "from_email": "a@family.example",
            "to_email": "b@family.example",
            "deleted_email": "a@family.example",
            "ip": "192.0.2.1",
            "timestamp": timezone.now(),
        },
    )
    assert text.strip() != ""
    assert english_words(text) == []


def test_every_letter_of_the_package_in_use_is_overridden() -> None:
    import allauth

    theirs = {path.name for path in (Path(allauth.__file__).parent / "templates/account/email").glob("*.txt")}
    by_code = {name for name in theirs if "_code_" in name}
    assert theirs - by_code - set(LETTERS) == set()


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (Path(settings.BASE_DIR) / "templates/account/messages").glob("*.txt"))
)
def test_message_is_russian(name: str) -> None:
    assert english_words(render_to_string(f"account/messages/{name}", {"email": "a@family.example"})) == []
