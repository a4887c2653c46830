"""Cases of stored people and organisations: declined, or as written by hand, and frozen in papers (5.1, I-11)."""

from __future__ import annotations

import importlib
import re

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.common import russian
from network_portal.common.russian import Case
from network_portal.documents.rendering import page_of
from network_portal.documents.selectors import current_version, signature_slots
from schools.models import Agreement, Student
from schools.services import agreement_send
from schools.services.pupils import StudentFacts, facts_of, student_edit
from tests.factories.accounts import UserFactory
from tests.factories.schools import OrganisationFactory, StudentFactory, acting_as
from tests.schools.conftest import World
from tests.schools.test_agreements import AT, drafted

pytestmark = pytest.mark.django_db


def sent(world: World) -> Agreement:
    world.host.full_name = 'Муниципальное учреждение "Гимназия № 40 "Эврика""'
    world.host.save()
    User.objects.filter(pk=world.home_director.user_id).update(
        last_name="Мышь", first_name="Олег", patronymic="Ильич", gender="m", name_genitive="Мышь Олега Ильича"
    )
    User.objects.filter(pk=world.host_director.user_id).update(
        last_name="Белых", first_name="Ольга", patronymic="Львовна", gender="f"
    )
    return agreement_send(actor=acting_as(world.home_deputy), agreement=drafted(world), at=AT)


def text_of(agreement: Agreement) -> str:
    assert agreement.document is not None
    html = page_of(agreement.document, current_version(agreement.document))
    return re.sub(r"[\s\u00a0]+", " ", re.sub(r"<style.*?</style>|<[^>]+>", "", html, flags=re.DOTALL))


def test_agreement_names_the_parties_in_the_right_cases(world: World) -> None:
    agreement = sent(world)
    text = text_of(agreement)
    assert "в лице директора Мышь Олега Ильича, действующего на основании устава" in text
    assert "в лице директора Белых Ольги Львовны, действующей на основании устава" in text
    assert "города Заречного (лицензия № Л035-" in text
    assert "), именуемая в дальнейшем «Базовая организация»" in text
    assert "Муниципальное учреждение «Гимназия № 40 „Эврика“»" in text
    assert "), именуемое в дальнейшем «Организация-участник»" in text
    assert [slot.capacity for slot in signature_slots(agreement.document)] == [
        "директор МАОУ СОШ № 7",
        "директор МАОУ гимназии № 40",
    ]


def test_what_was_written_by_hand_is_frozen_at_drafting(world: World) -> None:
    agreement = sent(world)
    User.objects.filter(pk=world.home_director.user_id).update(name_genitive="Мыша Олега Ильича")
    assert "в лице директора Мышь Олега Ильича" in text_of(agreement)


def test_organisation_in_case() -> None:
    school = OrganisationFactory(short_name="МАОУ гимназия № 40", full_name="Гимназия № 40 города Заречного")
    assert school.in_case(Case.PREPOSITIONAL) == "МАОУ гимназии № 40"
    assert school.in_case(Case.ACCUSATIVE, full=True) == "Гимназию № 40 города Заречного"
    school.short_name_prepositional = "гимназии № 40"
    assert school.in_case(Case.PREPOSITIONAL) == "гимназии № 40"
    assert school.in_case(Case.GENITIVE) == "МАОУ гимназии № 40"


def test_pupil_in_case() -> None:
    pupil = StudentFactory(last_name="Гоголь", first_name="Анна", patronymic="Ильинична", gender="")
    assert pupil.gender == "f"
    assert pupil.in_case(Case.DATIVE) == "Гоголь Анне Ильиничне"
    pupil.name_dative = "Гоголи Анне Ильиничне"
    assert pupil.in_case(Case.DATIVE) == "Гоголи Анне Ильиничне"
    assert pupil.in_case(Case.DATIVE, short=True) == "Гоголи\u00a0А.\u00a0И."
    assert pupil.by_gender("зачислен", "зачислена") == "зачислена"


def test_pupil_of_unknown_gender() -> None:
    pupil = StudentFactory(last_name="Ли", first_name="Женя", patronymic="", gender="")
    assert pupil.gender == ""
    assert pupil.in_case(Case.GENITIVE) == "Ли Женя"
    assert pupil.by_gender("зачислен", "зачислена") == "зачислен(а)"
    pupil.gender = "f"
    pupil.save(update_fields=["gender"])
    assert Student.objects.get(pk=pupil.pk).gender == "f"


def test_administrator_writes_the_cases_of_a_person(client: Client) -> None:
    user = UserFactory(last_name="Мышь", first_name="Олег", patronymic="Ильич", gender="m")
    client.force_login(UserFactory(is_staff=True))
    url = reverse("admin:accounts_user_change", args=[user.pk])
    assert 'placeholder="Мыша Олега Ильича"' in client.get(url).content.decode()
    written = {name: getattr(user, name) for name in ("last_name", "first_name", "patronymic", "gender", "email")}
    response = client.post(url, {**written, "phone": "", "is_active": "on", "name_genitive": "Мышь Олега Ильича"})
    assert response.status_code == 302
    assert User.objects.get(pk=user.pk).in_case(Case.GENITIVE) == "Мышь Олега Ильича"


def test_new_name_ends_the_cases_of_the_old_one(client: Client) -> None:
    user = UserFactory(
        last_name="Мышь", first_name="Анна", gender="f", name_genitive="Мыши Анны", name_dative="Мыши Анне"
    )
    client.force_login(UserFactory(is_staff=True))
    written = {name: getattr(user, name) for name in ("first_name", "patronymic", "gender", "email", "name_genitive")}
    url = reverse("admin:accounts_user_change", args=[user.pk])
    client.post(url, {**written, "last_name": "Белых", "is_active": "on", "name_dative": "Белых Анне"})
    user.refresh_from_db()
    assert (user.name_genitive, user.name_dative) == ("", "Белых Анне")


def test_deputy_writes_the_cases_of_a_pupil(world: World) -> None:
    pupil = StudentFactory(home_school=world.home, last_name="Мышь", first_name="Олег", patronymic="", gender="m")
    facts = StudentFacts(**{**facts_of(pupil), "name_genitive": "Мышь Олега"})
    pupil = student_edit(actor=acting_as(world.home_deputy), student=pupil, facts=facts, at=AT)
    assert pupil.in_case(Case.GENITIVE) == "Мышь Олега"
    facts = StudentFacts(**{**facts_of(pupil), "last_name": "Гусь"})
    pupil = student_edit(actor=acting_as(world.home_deputy), student=pupil, facts=facts, at=AT)
    assert pupil.in_case(Case.GENITIVE) == "Гуся Олега"


def test_administrator_writes_the_cases_of_an_organisation(client: Client) -> None:
    school = OrganisationFactory(short_name="МАОУ гимназия № 40")
    client.force_login(UserFactory(is_staff=True))
    url = reverse("admin:schools_organisation_change", args=[school.pk])
    page = client.get(url)
    assert 'placeholder="МАОУ гимназию № 40"' in page.content.decode()
    form = page.context["adminform"].form
    written = {name: form[name].value() or "" for name in form.fields}
    response = client.post(url, {**written, "short_name_accusative": "гимназию № 40"})
    assert response.status_code == 302
    school.refresh_from_db()
    assert school.in_case(Case.ACCUSATIVE) == "гимназию № 40"


@pytest.mark.parametrize("typed", ["Ёлкин", "ёлкин", "Елкин"])
def test_administrator_finds_yo_as_ye(client: Client, typed: str) -> None:
    UserFactory(last_name="Ёлкин", first_name="Пётр", patronymic="Ильич", gender="m")
    client.force_login(UserFactory(last_name="Жуков", is_staff=True))
    page = client.get(reverse("admin:accounts_user_changelist"), {"q": typed}).content.decode()
    assert "Ёлкин Пётр Ильич" in page
    assert page.count('name="_selected_action"') <= 1


def test_stored_people_are_in_the_order_of_the_alphabet() -> None:
    names = ["Жуков", "Ёлкин", "Ефимов", "Елкин", "Елисеев", "Яковлев"]
    for name in names:
        StudentFactory(last_name=name, first_name="Ян", patronymic="", gender="m")
    stored = Student.objects.values_list("last_name", flat=True)
    assert list(stored) == ["Елисеев", "Елкин", "Ефимов", "Ёлкин", "Жуков", "Яковлев"]


def test_stored_keys_are_written_anew_and_back() -> None:
    migration = importlib.import_module("schools.migrations.0004_names_in_cases")
    pupil = StudentFactory(last_name="Ёлкин", first_name="Пётр", patronymic="Львович", gender="m")
    other = StudentFactory(last_name="Елкин", first_name="Иван", patronymic="", gender="m")
    migration.order_yo_as_ye(apps, None)
    assert Student.objects.get(pk=pupil.pk).sort_key == "елкин петр львович\u001f11"
    migration.order_yo_after_ye(apps, None)
    assert Student.objects.get(pk=pupil.pk).sort_key == russian.sort_key("Ёлкин Пётр Львович")
    assert Student.objects.get(pk=other.pk).sort_key == "елкин иван"
